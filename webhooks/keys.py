"""The signing secrets of an endpoint: made, replaced, and read to sign with."""

from __future__ import annotations

import contextlib
import datetime as dt

from django.utils import timezone

from webhooks import sealing, signing
from webhooks.models import Endpoint

# As long as the one before goes on signing beside the new one.
OVERLAP = dt.timedelta(hours=24)


def give_first(endpoint: Endpoint) -> str:
    """Set the secret of an endpoint that is about to be saved; returned this once, to be shown."""
    secret = signing.new_secret()
    endpoint.secret = sealing.seal(secret)
    return secret


def rotate(endpoint: Endpoint) -> str:
    """Save a new secret, and return it this once. The one before signs as well for OVERLAP."""
    secret = signing.new_secret()
    endpoint.previous_secret = endpoint.secret
    endpoint.previous_secret_until = timezone.now() + OVERLAP
    endpoint.secret = sealing.seal(secret)
    endpoint.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
    return secret


def keys_of(endpoint: Endpoint) -> list[str]:
    """What to sign with, the newest first. Raises SecretUnreadable."""
    keys = [sealing.unseal(endpoint.secret)]
    until = endpoint.previous_secret_until
    if endpoint.previous_secret and until is not None and until > timezone.now():
        # It may be of an earlier SECRET_KEY; the newer one is readable.
        with contextlib.suppress(sealing.SecretUnreadable):
            keys.append(sealing.unseal(endpoint.previous_secret))
    return keys
