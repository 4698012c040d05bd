"""One server for the tests that change nothing about it, and a maker of others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.gateway import Gateway

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line per request hides what failed

MakeGateway = Callable[..., Gateway]


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Shared by the whole run: end what you open, or the next test finds no free slot."""
    with Gateway(
        tmp_path_factory.mktemp("gateway"), LIMIT_SESSIONS_PER_USER="20", LIMIT_DAY_SEC="80000"
    ) as shared:
        yield shared


@pytest.fixture
def make_gateway(tmp_path: Path) -> Iterator[MakeGateway]:
    """A server with settings of its own, stopped after the test."""
    with ExitStack() as stack:

        def made(**settings: str) -> Gateway:
            return stack.enter_context(Gateway(tmp_path / "server", **settings))

        yield made
