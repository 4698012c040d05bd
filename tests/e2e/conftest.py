"""One server, one browser, one microphone for the whole suite; a page of its own for each test."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from scripts.install import build_frontend
from tests.e2e.browser import Microphone, launch_with_microphone
from tests.e2e.log_rules import assert_log_is_clean
from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab

HAS_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def pages_built() -> None:
    """The pages as they are in this checkout, built again only when a source changed."""
    build_frontend()


@pytest.fixture(scope="session")
def server(pages_built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The server most tests share. When they are done its log is read for secrets and speech."""
    process = ServerProcess(tmp_path_factory.mktemp("server"))
    process.start()
    try:
        yield process
    finally:
        process.stop()
    assert_log_is_clean(process)


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Microphone:
    return Microphone(tmp_path_factory.mktemp("microphone"))


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright, microphone: Microphone) -> Iterator[Browser]:
    """Chromium with the microphone; prompts are answered with yes."""
    chromium = launch_with_microphone(playwright_driver, microphone)
    yield chromium
    chromium.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a fixture know that the test it served has failed."""
    report = yield
    if report.when == "call":
        item.stash[HAS_FAILED] = report.failed
    return report


@pytest.fixture
def tab(
    browser: Browser,
    server: ServerProcess,
    microphone: Microphone,
    request: pytest.FixtureRequest,
) -> Iterator[Tab]:
    """A page nobody has signed in on, with probes; the microphone is silent at first."""
    microphone.say()
    page = Tab(browser, server.url)
    yield page
    page.close(has_failed=request.node.stash.get(HAS_FAILED, False))


@pytest.fixture
def talking_tab(
    browser: Browser,
    server: ServerProcess,
    microphone: Microphone,
    request: pytest.FixtureRequest,
) -> Iterator[Tab]:
    """A page whose microphone the test speaks into when it likes."""
    page = Tab(browser, server.url, speaker=microphone.speaker)
    yield page
    page.close(has_failed=request.node.stash.get(HAS_FAILED, False))


@pytest.fixture
def demo(server: ServerProcess) -> Iterator[RestPerson]:
    """The demo user over REST."""
    person = RestPerson(server, "demo")
    yield person
    person.close()


@pytest.fixture
def admin(server: ServerProcess) -> Iterator[RestPerson]:
    """The demo administrator over REST."""
    person = RestPerson(server, "admin")
    yield person
    person.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
