"""Who: people, their sign-ins and API keys, and the pages of others that may call us."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.utils import timezone

from accounts.policy_row import Policy as Policy
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


class ApiKey(models.Model):
    """A machine client's `va_…`, by its digest; `accounts.api_keys` issues and checks it.

    The id takes the place of a sign-in for what the key opens, so ending the key ends that.
    """

    class Scope(models.TextChoices):
        MINT = "mint", "open voice sessions"
        HEADLESS = "headless", "run sessions on the server"
        HISTORY = "history", "read history"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100, help_text="What uses it; shown to its owner.")
    prefix = models.CharField(
        max_length=16, editable=False, help_text="How the key begins, to tell it from others."
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    access_ended_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When what it had opened was ended, after it was revoked or had expired.",
    )

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["access_ended_at", "expires_at"])]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AllowedOrigin(models.Model):
    """A foreign web page that may use `/v1` and open voice sessions, besides `ALLOWED_ORIGINS`."""

    origin = models.CharField(
        max_length=255,
        unique=True,
        help_text="Scheme, host and port only, for example https://app.example.org.",
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["origin"]

    def __str__(self) -> str:
        return self.origin
