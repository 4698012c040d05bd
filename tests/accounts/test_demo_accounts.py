"""`manage.py ensure_demo_accounts`."""

from __future__ import annotations

import json
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.demo import is_loopback
from accounts.models import User
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def local(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    local = tmp_path / "local"
    settings.LOCAL_DIR = local
    for name in ("DEMO_PASSWORD", "ADMIN_PASSWORD", "DEMO_PASSWORD_FILE", "ADMIN_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    return local


def ensure(host: str = "127.0.0.1") -> str:
    output = StringIO()
    call_command("ensure_demo_accounts", host=host, stdout=output)
    return output.getvalue()


def test_fresh_machine_gets_a_user_and_an_admin_whose_passwords_are_printed(local: Path) -> None:
    output = ensure()
    kept = json.loads((local / "demo-accounts.json").read_text())
    for username in ("demo", "admin"):
        assert f"{username} / {kept[username]}" in output
        assert authenticate(username=username, password=kept[username]) is not None
    demo, admin = User.objects.get(username="demo"), User.objects.get(username="admin")
    assert (demo.is_demo, demo.is_staff, demo.is_superuser) == (True, False, False)
    assert (admin.is_demo, admin.is_staff, admin.is_superuser) == (True, True, True)


def test_passwords_are_kept_for_their_owner_alone(local: Path) -> None:
    ensure()
    assert stat.S_IMODE((local / "demo-accounts.json").stat().st_mode) == 0o600


def test_second_start_changes_nothing() -> None:
    first = ensure()
    before = list(User.objects.values())
    assert ensure() == first
    assert list(User.objects.values()) == before


def test_passwords_from_the_environment_win_and_are_not_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ensure()
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("DEMO_PASSWORD", "chosen by the operator")
    monkeypatch.setenv("ADMIN_PASSWORD_FILE", str(tmp_path / "secret"))
    output = ensure()
    assert authenticate(username="demo", password="chosen by the operator") is not None
    assert authenticate(username="admin", password="from a file") is not None
    assert "chosen by the operator" not in output


def test_unreadable_password_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD_FILE", "/nowhere/secret")
    with pytest.raises(CommandError, match="DEMO_PASSWORD_FILE names /nowhere/secret"):
        ensure()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "voice.example.org"])
def test_off_loopback_flagged_accounts_are_deactivated_and_never_deleted(host: str) -> None:
    ensure()
    alice = User.objects.create_user("alice", password=PASSWORD)
    output = ensure(host)
    assert "deactivated the demo accounts admin, demo" in output
    assert User.objects.filter(is_demo=True, is_active=False).count() == 2
    alice.refresh_from_db()
    assert alice.is_active


def test_back_on_loopback_they_return_with_their_passwords(local: Path) -> None:
    ensure()
    ensure("0.0.0.0")
    ensure()
    kept = json.loads((local / "demo-accounts.json").read_text())
    assert authenticate(username="demo", password=kept["demo"]) is not None


def test_off_loopback_none_is_made() -> None:
    assert "createsuperuser" in ensure("0.0.0.0")
    assert not User.objects.exists()


def test_own_account_of_the_same_name_is_left_alone() -> None:
    own = User.objects.create_superuser("admin", password=PASSWORD)
    ensure()
    ensure("0.0.0.0")
    own.refresh_from_db()
    assert own.is_active
    assert own.check_password(PASSWORD)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_loopback_is_recognised_in_every_spelling(host: str) -> None:
    assert is_loopback(host)
