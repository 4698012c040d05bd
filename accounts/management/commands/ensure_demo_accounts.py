"""`manage.py ensure_demo_accounts --host 127.0.0.1`, called by `make run` before it serves."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.demo import (
    deactivate_demo_accounts,
    ensure_demo_accounts,
    is_loopback,
    password_file,
)
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Make the demo accounts (demo, admin) on a loopback server; deactivate them on any other."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address the server binds to.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_loopback(options["host"]):
            self._deactivate()
            return
        given = {"demo": _secret("DEMO_PASSWORD"), "admin": _secret("ADMIN_PASSWORD")}
        for username, password in ensure_demo_accounts(given).items():
            # A password the operator chose is known already and is not shown around.
            shown = "(as set)" if given[username] else password
            self.stdout.write(f"Demo account: {username} / {shown}")
        self.stdout.write(f"Demo passwords are kept in {password_file()}")

    def _deactivate(self) -> None:
        names = deactivate_demo_accounts()
        if names:
            self.stdout.write(f"Not on loopback: deactivated the demo accounts {', '.join(names)}.")
        if not User.objects.filter(is_active=True, is_superuser=True).exists():
            self.stdout.write("There is no administrator yet: run `manage.py createsuperuser`.")


def _secret(name: str) -> str:
    """The setting, or the content of the file that `<name>_FILE` names (Docker secrets)."""
    if name in os.environ:
        return os.environ[name].strip()
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return ""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as error:
        raise CommandError(
            f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
        ) from None
