"""One server for the tests that change nothing about it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.contract.gateway import Gateway
from tests.headless.person import Person

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line per request hides what failed


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Shared by the whole folder."""
    settings = {"LIMIT_SESSIONS_PER_USER": "40", "LIMIT_DAY_SEC": "80000"}
    with Gateway(tmp_path_factory.mktemp("headless"), **settings) as shared:
        yield shared


@pytest.fixture
def alice(server: Gateway) -> Iterator[Person]:
    """Somebody whose sessions are stopped after the test."""
    with Person(server) as person:
        yield person


@pytest.fixture
def bob(server: Gateway) -> Iterator[Person]:
    """Somebody else."""
    with Person(server, "admin") as person:
        yield person
