"""The SDKs take their steps once for each kind of upstream, all at the same time; tests look at
what came of it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.server import ROOT
from tests.sdk.page import build_page, drive_pages, page_server
from tests.sdk.sdks import (
    EVERY_STEP,
    IN_PAGES,
    IN_PROCESSES,
    SDKS,
    Driver,
    Report,
    Run,
    Toolbox,
    toolbox,
)
from tests.sdk.spoken import write_pcm
from tests.sdk.tls_gateway import TlsGateway

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line per request hides what failed

# Many SDKs of one user at the same time, for as long as a slow machine needs.
GENEROUS = {"LIMIT_SESSIONS_PER_USER": "40", "LIMIT_DAY_SEC": "80000"}
SHORT = ("created", "update", "text")


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Toolbox:
    return toolbox(tmp_path_factory.mktemp("sdks"))


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pcm("goforward", tmp_path_factory.mktemp("speech") / "goforward.pcm")


@pytest.fixture(scope="session")
def origin(tools: Toolbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A foreign origin whose pages use the JavaScript SDKs."""
    folder = tmp_path_factory.mktemp("pages")
    for sdk in IN_PAGES:
        build_page(tools, sdk, folder)
    with page_server(folder) as served:
        yield served


@dataclass(frozen=True, slots=True)
class Played:
    """`reports`: what came of every step of each SDK. `by_other_keys`: of a text turn with a JWT
    and with an API key, of those that run outside a browser."""

    gateway: TlsGateway
    reports: dict[str, Report]
    by_other_keys: dict[str, dict[str, Report]]


@contextmanager
def embedded_provider(folder: Path) -> Iterator[str]:
    """The embedded provider as a server of its own; yields its address."""
    environment = os.environ | {"SECRET_KEY": "of-no-importance-" * 4, "LOCAL_DIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "embedded_provider", "--port", "0"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith("Embedded provider ready: "), line
        yield line.rpartition(" ")[2]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


@pytest.fixture(scope="session")
def played_in_process(
    tools: Toolbox, speech: Path, origin: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    settings = {"ALLOWED_ORIGINS": origin, **GENEROUS}
    with TlsGateway(tmp_path_factory.mktemp("gateway"), **settings) as gateway:
        yield play(gateway, tools, speech, origin)


@pytest.fixture(scope="session")
def played_over_a_socket(
    tools: Toolbox, speech: Path, origin: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    """The gateway speaks to the embedded provider as it would to OpenAI."""
    with embedded_provider(tmp_path_factory.mktemp("provider")) as address:
        upstream = {
            "REALTIME_PROVIDER": "openai",
            "REALTIME_BASE_URL": address,
            "OPENAI_API_KEY": "any",
        }
        settings = {"ALLOWED_ORIGINS": origin, **GENEROUS, **upstream}
        with TlsGateway(tmp_path_factory.mktemp("gateway"), **settings) as gateway:
            yield play(gateway, tools, speech, origin)


@pytest.fixture(params=["played_in_process", "played_over_a_socket"])
def played(request: pytest.FixtureRequest) -> Played:
    """With either kind of upstream."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def play(gateway: TlsGateway, tools: Toolbox, speech: Path, origin: str) -> Played:
    others = {"JWT": gateway.access(), "API key": api_key(gateway)}
    drivers = {}
    for sdk in IN_PROCESSES:
        runs = [Run(secret(gateway), EVERY_STEP), *(Run(key, SHORT) for key in others.values())]
        drivers[sdk] = Driver(tools, gateway, sdk, runs, speech)
    in_pages = {sdk: Run(secret(gateway), EVERY_STEP) for sdk in IN_PAGES}
    try:
        reports = drive_pages(origin, gateway, in_pages, speech)
    finally:
        ended = {sdk: driver.reports() for sdk, driver in drivers.items()}
    reports |= {sdk: every[0] for sdk, every in ended.items()}
    by_other_keys = {sdk: dict(zip(others, every[1:], strict=True)) for sdk, every in ended.items()}
    return Played(gateway, reports, by_other_keys)


def secret(gateway: TlsGateway, **session: object) -> str:
    """A client secret as an application's own server asks for it."""
    body = {"session": {"type": "realtime", **session}} if session else {}
    answer = gateway.request("POST", "/v1/realtime/client_secrets", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["value"])


def api_key(gateway: TlsGateway) -> str:
    wish = {"name": "a program", "scopes": ["mint"]}
    answer = gateway.request("POST", "/api/keys/", json=wish)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


@pytest.fixture(params=SDKS)
def sdk(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def report(played: Played, sdk: str) -> Report:
    return complete(played.reports[sdk])


def complete(report: Report) -> Report:
    """The report, unless a step failed: then why."""
    assert "failed" not in report, report["failed"]
    return report
