"""Signing secrets at rest: encrypted with a key derived from SECRET_KEY.

They cannot be hashed as API keys are, because each delivery is signed with them. With a new
SECRET_KEY they are unreadable, and each endpoint needs a new secret.
"""

from __future__ import annotations

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"voiceassist.webhooks.secret"


class SecretUnreadable(Exception):
    """Sealed under another SECRET_KEY, or damaged."""


def seal(secret: str) -> str:
    return _fernet(settings.SECRET_KEY).encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Raises SecretUnreadable."""
    try:
        return _fernet(settings.SECRET_KEY).decrypt(sealed.encode("ascii")).decode()
    except InvalidToken:
        raise SecretUnreadable from None


@functools.lru_cache(maxsize=2)
def _fernet(secret_key: str) -> Fernet:
    # SECRET_KEY is long and random (`voiceassist.E001`): extracting needs no slow hash.
    derived = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
