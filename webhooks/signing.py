"""Signatures as Standard Webhooks 1.0.0 defines them (`spec/standard-webhooks.md`).

A few lines of HMAC rather than its Python package, which is made for receivers and brings five
others along.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105  (what every secret begins with)
# «At least 24 bytes (192 bits, 512 maximum)».
SECRET_BYTES = 32


def new_secret() -> str:
    """`whsec_` and base64, as the receiver's library takes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def new_message_id() -> str:
    """Letters and digits alone: a full stop would end it inside of what is signed."""
    return f"msg_{secrets.token_hex(16)}"


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")


def signed_headers(
    keys: Sequence[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers; a signature per secret, so that a receiver may change to the new one when
    it likes."""
    signatures = [signature(secret, message_id, timestamp, body) for secret in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
