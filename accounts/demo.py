"""The accounts that `make run` makes so that a fresh machine can be tried at once.

They exist on loopback only: as soon as the server listens elsewhere they are deactivated (never
deleted: what was said with them stays), and back on loopback they return.
"""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from accounts.models import User

PASSWORD_FILE = "demo-accounts.json"  # noqa: S105  (the name of a file)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    is_admin: bool


DEMO_ACCOUNTS = (DemoAccount("demo", is_admin=False), DemoAccount("admin", is_admin=True))


def is_loopback(host: str) -> bool:
    """Whether a server bound to this host can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def ensure_demo_accounts(given_passwords: dict[str, str]) -> dict[str, str]:
    """Make and activate the demo accounts; returns the password of each one made by us.

    given_passwords: user name → password wished for ("" for none); wins over the remembered one.
    A person's own account of the same name is left alone and missing from the answer.
    """
    kept = _read_passwords()
    ready: dict[str, str] = {}
    for account in DEMO_ACCOUNTS:
        user = User.objects.filter(username=account.username).first()
        if user is not None and not user.is_demo:
            continue
        password = given_passwords.get(account.username) or kept.get(account.username)
        password = password or secrets.token_urlsafe(12)
        _bring_up(user, account, password)
        ready[account.username] = password
    if {**kept, **ready} != kept:
        _write_passwords({**kept, **ready})
    return ready


def deactivate_demo_accounts() -> list[str]:
    """Deactivate every account flagged as demo; returns the names of those that were active."""
    active = list(User.objects.filter(is_demo=True, is_active=True).order_by("username"))
    for user in active:
        user.is_active = False
        user.save(update_fields=["is_active"])
    return [user.username for user in active]


def password_file() -> Path:
    return Path(settings.LOCAL_DIR) / PASSWORD_FILE


def _bring_up(user: User | None, account: DemoAccount, password: str) -> None:
    user = user or User(username=account.username, is_demo=True)
    wished = {
        "is_active": True,
        "is_staff": account.is_admin,
        "is_superuser": account.is_admin,
    }
    is_current = user.pk is not None and all(
        getattr(user, field) == value for field, value in wished.items()
    )
    knows_password = user.pk is not None and user.check_password(password)
    if is_current and knows_password:
        return
    for field, value in wished.items():
        setattr(user, field, value)
    if not knows_password:
        user.set_password(password)
    user.save()


def _read_passwords() -> dict[str, str]:
    try:
        kept = json.loads(password_file().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(name): str(value) for name, value in kept.items()} if isinstance(kept, dict) else {}


def _write_passwords(passwords: dict[str, str]) -> None:
    """Replace the file in one step; at no moment can others read it."""
    path = password_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(passwords, file, indent=2)
    draft.replace(path)
