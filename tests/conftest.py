"""What all suites share. Nothing here touches a database unless a test asks for a person."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts.models import User
from realtime import database as voice_database
from tests import people
from tests.seeded_rows import SeededRows


def pytest_configure(config: pytest.Config) -> None:
    # Real password hashing takes a third of a second each; tests sign in hundreds of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Whitenoise warns where nothing has been collected yet, and warnings are errors.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every transactional test the rows that migrations seed (they are flushed after each).

    What judges milliseconds comes last: by then most of what runs beside it is over.
    """
    items.sort(key=lambda item: item.get_closest_marker("calm") is not None)
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker is not None and marker.kwargs.get("transaction"):
            options = {"serialized_rollback": True, **marker.kwargs}
            item.add_marker(pytest.mark.django_db(*marker.args, **options), append=False)


def pytest_collection_finish() -> None:
    """All that was imported stays: looking for garbage in it takes a twelfth of the time."""
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file: threads that wait for locks cannot share an in-memory one."""
    database = connections["default"]
    if database.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "tests.sqlite3"
        database.settings_dict["TEST"]["NAME"] = str(file)
        options = database.settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("FULL", "OFF")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        SeededRows().stand_in()


@pytest.fixture(autouse=True)
def no_database_thread_is_left() -> Iterator[None]:
    """Threads of a test that is over would hold connections to a database that is to be dropped."""
    yield
    voice_database.close()


@pytest.fixture
def alice(db: None) -> User:
    return people.make_alice()


@pytest.fixture
def bob(db: None) -> User:
    return people.make_bob()


@pytest.fixture
def carol(db: None) -> User:
    return people.make_carol()


@pytest.fixture
def dave(db: None) -> User:
    return people.make_dave()


@pytest.fixture
def staff(db: None) -> User:
    return people.make_staff()


@pytest.fixture
def admin(db: None) -> User:
    return people.make_admin()


@pytest.fixture
def stranger() -> APIClient:
    return people.stranger()
