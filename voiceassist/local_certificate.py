"""The certificate of the optional TLS listener: self-signed, made at first use, renewed in time."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=365)
RENEW_BEFORE = timedelta(days=7)
CLOCK_SKEW = timedelta(hours=1)
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class LocalCertificate:
    """PEM files: clients trust `path` (`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`); `key_path` is
    readable by the server's user alone."""

    path: Path
    key_path: Path


def ensure_certificate(folder: Path, names: Iterable[str]) -> LocalCertificate:
    """The certificate in `folder` that answers for the loopback and `names` (hosts or addresses).

    It is made again when it is missing, ends within a week, or lacks a name. Raises OSError where
    the folder cannot be written.
    """
    certificate = LocalCertificate(folder / "cert.pem", folder / "key.pem")
    wanted = subject_names([*LOCAL_NAMES, *names])
    if not _is_current(certificate, wanted):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(certificate, wanted)
    return certificate


def subject_names(names: Iterable[str]) -> list[x509.GeneralName]:
    """Each once, in order, as certificates write them. No certificate can answer for "any
    address" (0.0.0.0) or for a wildcard of ALLOWED_HOSTS: those are left out."""
    found: dict[x509.GeneralName, None] = {}
    for name in names:
        host = name.strip("[]")
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            if host and host.isascii() and not host.startswith((".", "*")):
                found[x509.DNSName(host.lower())] = None
        else:
            if not address.is_unspecified:
                found[x509.IPAddress(address)] = None
    return list(found)


def _is_current(certificate: LocalCertificate, wanted: Sequence[x509.GeneralName]) -> bool:
    try:
        made = x509.load_pem_x509_certificate(certificate.path.read_bytes())
        key = serialization.load_pem_private_key(certificate.key_path.read_bytes(), password=None)
        covered = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return False
    return (
        made.public_key() == key.public_key()
        and made.not_valid_after_utc - datetime.now(UTC) > RENEW_BEFORE
        and set(wanted) <= set(covered)
    )


def _make(certificate: LocalCertificate, names: Sequence[x509.GeneralName]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "VoiceAssist on this machine")])
    key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    now = datetime.now(UTC)
    # It signs for itself alone (CA false): whoever steals its key cannot vouch for other servers
    # to the people who trust it.
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(key_id, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _replace(certificate.key_path, private, mode=0o600)
    _replace(certificate.path, made.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write beside and rename: a server that starts meanwhile reads the old file or the new."""
    beside = path.with_suffix(f".{os.getpid()}")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    beside.replace(path)
