"""One server for the tests that change nothing about it, and a maker of others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.calling import OWN_KEY, TURN_SECRET
from tests.contract.gateway import Gateway
from tests.fakes.calls_server import FakeCallsProvider, fake_calls_provider

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line per request hides what failed

MakeGateway = Callable[..., Gateway]


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Shared by the whole run: end what you open, or the next test finds no free slot."""
    with Gateway(
        tmp_path_factory.mktemp("gateway"),
        LIMIT_SESSIONS_PER_USER="20",
        LIMIT_DAY_SEC="80000",
        WEBHOOK_ALLOWED_HOSTS="localhost",
        WEBHOOK_PRIVATE_NETWORKS="127.0.0.0/8,::1",
    ) as shared:
        yield shared


@pytest.fixture
def make_gateway(tmp_path: Path) -> Iterator[MakeGateway]:
    """A server with settings of its own, stopped after the test."""
    with ExitStack() as stack:

        def made(**settings: str) -> Gateway:
            return stack.enter_context(Gateway(tmp_path / "server", **settings))

        yield made


@pytest.fixture(scope="session")
def calls_provider() -> Iterator[FakeCallsProvider]:
    with fake_calls_provider() as fake:
        yield fake


@pytest.fixture
def provider(calls_provider: FakeCallsProvider) -> FakeCallsProvider:
    """Who takes the calls of `calling`, in its usual mood."""
    calls_provider.refuse_with = None
    calls_provider.not_ready = 0
    calls_provider.answer_after_s = 0.0
    calls_provider.requests.clear()
    return calls_provider


@pytest.fixture(scope="session")
def calling(
    calls_provider: FakeCallsProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A server whose provider takes WebRTC calls; a session may have three answers there."""
    with Gateway(
        tmp_path_factory.mktemp("calls"),
        REALTIME_PROVIDER="openai",
        REALTIME_BASE_URL=calls_provider.url,
        OPENAI_API_KEY=OWN_KEY,
        LIMIT_SESSIONS_PER_USER="20",
        LIMIT_DAY_SEC="80000",
        LIMIT_RESPONSES_PER_SESSION="3",
        ICE_SERVERS='[{"urls": "stun:stun.example.org"}]',
        TURN_URLS="turn:turn.example.org:3478",
        TURN_SECRET=TURN_SECRET,
    ) as shared:
        yield shared
