"""The optional second listener, for clients that speak only `wss:`."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from websockets.asyncio.client import connect
from websockets.typing import Origin

from tests.contract.gateway import Gateway, Socket
from tests.sdk.tls_gateway import TlsGateway
from voiceassist import local_certificate
from voiceassist.local_certificate import ensure_certificate


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsGateway]:
    """The last test stops it."""
    with TlsGateway(tmp_path_factory.mktemp("server")) as running:
        yield running


def test_our_own_pages_sign_in_over_tls(gateway: TlsGateway) -> None:
    answer = httpx.post(
        f"{gateway.tls_url}/api/token/",
        json={"username": "demo", "password": gateway.process.passwords["demo"]},
        headers={"X-VoiceAssist-Client": "web", "Origin": gateway.tls_url},
        verify=gateway.trust(),
    )
    assert answer.status_code == 200, answer.text
    assert "HttpOnly" in answer.headers["set-cookie"]


def test_a_taken_port_is_named_and_ends_the_start(gateway: TlsGateway, tmp_path: Path) -> None:
    second = Gateway(tmp_path / "second", TLS="1", TLS_PORT=str(gateway.tls_port))
    with pytest.raises(AssertionError, match=f"cannot start on port {gateway.tls_port}"), second:
        pass


def certificate_in(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_certificate_names_every_host_this_server_answers_to(tmp_path: Path) -> None:
    made = ensure_certificate(tmp_path, ["voice.example.org", "0.0.0.0", "[::1]", "*", ".home"])
    names = certificate_in(made.path).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost", "voice.example.org"]
    addresses = [str(address) for address in names.value.get_values_for_type(x509.IPAddress)]
    assert addresses == ["127.0.0.1", "::1"]


def test_a_certificate_is_kept_until_it_lacks_a_name(tmp_path: Path) -> None:
    first = ensure_certificate(tmp_path, ["10.0.0.7"]).path.read_bytes()
    assert ensure_certificate(tmp_path, []).path.read_bytes() == first
    assert ensure_certificate(tmp_path, ["10.0.0.8"]).path.read_bytes() != first


def test_a_certificate_that_is_about_to_run_out_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(local_certificate, "LIFE", timedelta(days=6))
        old = certificate_in(ensure_certificate(tmp_path, []).path)
    new = certificate_in(ensure_certificate(tmp_path, []).path)
    assert old.serial_number != new.serial_number
    life = new.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=364) < life <= timedelta(days=365)


def test_a_key_that_is_missing_or_another_makes_a_new_pair(tmp_path: Path) -> None:
    made = ensure_certificate(tmp_path / "one", [])
    other = ensure_certificate(tmp_path / "other", [])
    made.key_path.write_bytes(other.key_path.read_bytes())
    assert made == ensure_certificate(tmp_path / "one", [])
    key = serialization.load_pem_private_key(made.key_path.read_bytes(), password=None)
    certificate = certificate_in(made.path)
    assert certificate.public_key() == key.public_key()
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    made.key_path.unlink()
    ensure_certificate(tmp_path / "one", [])
    assert certificate_in(made.path).serial_number != certificate.serial_number


async def test_both_listeners_serve_one_server_and_drain_together(gateway: TlsGateway) -> None:
    assert f"VoiceAssist ready: {gateway.process.url}\n" in gateway.process.log()
    assert f"VoiceAssist ready: {gateway.tls_url}\n" in gateway.process.log()
    assert stat.S_IMODE(gateway.certificate_path.with_name("key.pem").stat().st_mode) == 0o600

    headers = {"Authorization": f"Bearer {gateway.access()}"}
    async with httpx.AsyncClient(verify=gateway.trust(), headers=headers) as https:
        path = f"{gateway.tls_url}/api/voice/realtime-session"
        minted = (await https.post(path, json={})).json()
        assert minted["url"] == f"wss://127.0.0.1:{gateway.tls_port}/v1/realtime"
        assert gateway.mint()["url"] == gateway.socket_url
        key = {"Authorization": f"Bearer {minted['api_key']}"}
        async with (
            connect(
                minted["url"],
                ssl=gateway.trust(),
                additional_headers=key,
                origin=Origin(gateway.tls_url),
            ) as encrypted,
            gateway.call(gateway.mint()) as plain,
        ):
            assert json.loads(await encrypted.recv())["type"] == "session.created"
            # An idle connection of the HTTP client stands open while the server is asked to stop.
            assert await asyncio.to_thread(gateway.process.stop) == 0
            assert (await Socket(encrypted).closed())[0] == 1012
            assert (await plain.closed())[0] == 1012
    assert "timeout graceful shutdown exceeded" not in gateway.process.log()
