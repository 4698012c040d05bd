"""What the tests of sessions share: signed-in REST clients and minted sessions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from realtime.mint import Minted, default_request, mint
from tests import people

ApiClient = Callable[[User], APIClient]
MintFor = Callable[..., Minted]


@pytest.fixture(autouse=True)
def _one_known_server(settings: Settings, tmp_path: Path) -> None:
    """Every test begins with the same server, whatever the shell that runs it has set."""
    settings.REALTIME_ENABLED = True
    settings.REALTIME_PROVIDER = "embedded"
    settings.REALTIME_MODEL = "gpt-realtime-2.1"
    settings.REALTIME_VOICE = "marin"
    settings.OPENAI_API_KEY = ""
    settings.PUBLIC_URL = ""
    settings.ALLOWED_ORIGINS = []
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
    settings.LOCAL_DIR = tmp_path


@pytest.fixture
def api() -> ApiClient:
    """A REST client signed in as the given person, with a real access token."""
    return people.client_of


@pytest.fixture
def mint_for() -> MintFor:
    """Mint a session for a person, with the given wishes."""

    def minted(user: User, **wishes: Any) -> Minted:
        return mint(user, dataclasses.replace(default_request(), **wishes))

    return minted
