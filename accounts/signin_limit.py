"""How often somebody may try to sign in: per user name and per address, over any 60 seconds.

The count lives in the database under a row lock, so it is exact with one process and with four.
Names that do not exist are counted too: the limit tells nobody which do.
"""

from __future__ import annotations

import hashlib
import math
import time
import unicodedata
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import SignInWindow

WINDOW_S = 60.0
FORGOTTEN_AFTER = timedelta(minutes=10)


class TooManySignIns(Exception):
    """Refused before the password was looked at; may be tried again after `retry_after_s`."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("Too many sign-in attempts.")  # DRF adds when to try again
        self.retry_after_s = retry_after_s


def count_sign_in(username: str, address: str, now: float | None = None) -> None:
    """Count one attempt; call it before checking the password. Raises TooManySignIns.

    A refused attempt is not counted, so that waiting as long as told always helps.
    """
    now = time.time() if now is None else now
    limits = {
        _key("address", address): settings.LIMIT_SIGNIN_ADDRESS_PER_MIN,
        _key("user", username): settings.LIMIT_SIGNIN_USER_PER_MIN,
    }
    for key in limits:
        _ensure_window(key)
    with transaction.atomic():
        # One order for all, so that two attempts never wait for each other.
        windows = list(
            SignInWindow.objects.select_for_update().filter(key__in=limits).order_by("key")
        )
        wait_s = 0.0
        for window in windows:
            window.attempts = [at for at in window.attempts if at > now - WINDOW_S]
            excess = len(window.attempts) - limits[window.key]
            if excess >= 0:
                wait_s = max(wait_s, window.attempts[excess] + WINDOW_S - now)
        if wait_s > 0:
            raise TooManySignIns(max(1, math.ceil(wait_s)))
        for window in windows:
            window.attempts.append(now)
            window.save(update_fields=["attempts", "updated_at"])


def _ensure_window(key: str) -> None:
    _, created = SignInWindow.objects.get_or_create(key=key)
    if created:
        # Each new row pays for old ones, so the table stays as small as an hour's callers.
        SignInWindow.objects.filter(updated_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()


def _key(kind: str, value: str) -> str:
    """A fixed-length key: names may be of any length, and addresses need not lie in the open."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return f"{kind}:{hashlib.sha256(folded.encode('utf-8', 'surrogatepass')).hexdigest()}"
