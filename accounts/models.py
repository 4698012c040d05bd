"""Who: people, the token families they signed in with, and the sign-in attempts being counted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction

from accounts.signals import send_access_revoked


class User(AbstractUser):
    """A person (or a script's owner). Never deleted by the product, only deactivated.

    token_epoch: every access and refresh token names the epoch it was issued in and dies when this
    grows, which saving a new password or `is_active=False` does.
    """

    is_demo = models.BooleanField(
        "demo account",
        default=False,
        help_text="Made by `make run`; deactivated when the server leaves loopback.",
    )
    token_epoch = models.PositiveIntegerField(default=0, editable=False)

    def save(
        self,
        *args: Any,
        update_fields: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        fields = None if update_fields is None else set(update_fields)
        if not self._ends_access(fields):
            super().save(*args, update_fields=fields, **kwargs)
            return
        with transaction.atomic():
            stored = User.objects.select_for_update(no_key=True).only("token_epoch").get(pk=self.pk)
            self.token_epoch = stored.token_epoch + 1
            if fields is not None:
                fields.add("token_epoch")
            super().save(*args, update_fields=fields, **kwargs)
            send_access_revoked(self)

    def _ends_access(self, fields: set[str] | None) -> bool:
        """Whether saving these fields (None: all) changes the password or deactivates."""
        if self._state.adding:
            return False
        # `set_password` leaves the raw password here until it is saved; a mere re-hash at sign-in
        # clears it first and so does not count as a change.
        if getattr(self, "_password", None) is not None and (
            fields is None or "password" in fields
        ):
            return True
        if self.is_active or not (fields is None or "is_active" in fields):
            return False
        return User.objects.filter(pk=self.pk, is_active=True).exists()


class TokenFamily(models.Model):
    """One sign-in: a chain of refresh tokens, of which only the newest works."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    token_epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "token families"


class RefreshToken(models.Model):
    """One refresh token, by the `jti` of its JWT; `used_at` is set by the one refresh that wins."""

    jti = models.CharField(max_length=64, unique=True)
    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, related_name="tokens")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class SignInWindow(models.Model):
    """The sign-in attempts of the last minute for one key (a user name or an address).

    `attempts` holds unix seconds, oldest first, never more than the limit.
    """

    key = models.CharField(max_length=200, unique=True)
    attempts = models.JSONField(default=list)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)
