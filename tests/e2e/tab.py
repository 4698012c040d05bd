"""One page in one browser context of its own, with what it said, received, played and holds."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from playwright.sync_api import Browser, ConsoleMessage, Error, Route, ViewportSize, expect

from tests.e2e.speech import Speaker
from tests.e2e.waiting import WAIT_S, wait_until

Result = TypeVar("Result")
PROBES = Path(__file__).resolve().parent / "probes"
RESULTS = Path(__file__).resolve().parent.parent.parent / "test-results"
DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=640)
# A page that was never signed in asks once whether a cookie remembers it.
ALLOWED_CONSOLE = (re.compile(r"status of 401 .*/api/token/refresh/"),)


@dataclass(frozen=True, slots=True)
class WireFrame:
    """A frame of the call's socket; `at_ms` since the epoch, `side` sent, received or state."""

    at_ms: float
    side: str
    event: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.event["type"])


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of about 10 ms that was not silent at the audio output."""

    at_ms: float
    rms: float
    length_ms: float


class Tab:
    """Use as a context manager: leaving it closes the page and fails on what it complained of.

    With a `speaker` the page's microphone is one that `say` speaks into at any moment; without, it
    is the browser's own, which reads its file from the beginning of each call.
    """

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        *,
        viewport: ViewportSize = DESKTOP,
        is_probed: bool = True,
        speaker: Speaker | None = None,
        color_scheme: str = "light",
        moves: bool = False,
    ) -> None:
        test = os.environ.get("PYTEST_CURRENT_TEST", "")
        self.name = test.rpartition("::")[2].partition(" ")[0].replace("/", "-")
        self.base_url = base_url
        self.faults: list[str] = []
        self._allowed = list(ALLOWED_CONSOLE)
        # Chromium takes a worker whose script was intercepted for a public page's, which may not
        # dial this machine unasked; naming one permission denies the others.
        granted = ["local-network-access", "microphone"] if is_probed else None
        self.context = browser.new_context(
            base_url=base_url,
            viewport=viewport,
            permissions=granted,
            color_scheme="dark" if color_scheme == "dark" else "light",
            # What moves is drawn without a graphics card here, beside everything that is tested.
            reduced_motion="no-preference" if moves else "reduce",
        )
        self.context.set_default_timeout(WAIT_S * 1000)
        expect.set_options(timeout=WAIT_S * 1000)
        self._speaker = speaker
        if speaker is not None:
            self.context.add_init_script(path=PROBES / "microphone.js")
        if is_probed:
            self.context.add_init_script(path=PROBES / "page.js")
            self.context.route("**/static/assets/transport.worker-*.js", add_wire_probe)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("console", self._hear_console)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(has_failed=error is not None)

    def close(self, *, has_failed: bool) -> None:
        """Close the page. Where all went well it must not have complained; else keep a picture."""
        if has_failed:
            self.shoot(f"failed-{self.name}")
        self.context.close()
        if has_failed:
            print("the page complained:", *self.faults, sep="\n")
        else:
            assert not self.faults, "the page complained:\n" + "\n".join(self.faults)

    def allow_console(self, pattern: str) -> None:
        """Expect a complaint: one that the test itself provokes."""
        self._allowed.append(re.compile(pattern))

    def open(self, path: str) -> None:
        self.page.goto(path, wait_until="domcontentloaded")

    def shoot(self, name: str) -> Path:
        """A picture under test-results/, which Git ignores."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def say(self, line: str | Path) -> float:
        """Speak into the open microphone, at once; returns the line's length in ms."""
        assert self._speaker is not None, "this tab has the browser's microphone"
        wav = base64.b64encode(self._speaker.wav(line)).decode()
        return float(self.page.evaluate("wav => voiceSay(wav)", wav))

    # --- what the probes saw -----------------------------------------------------------
    def wire(self, *types: str, side: str | None = None, after_ms: float = 0) -> list[WireFrame]:
        """Frames in the order they passed, of all types or of these."""
        wanted = {"types": types, "side": side, "after": after_ms}
        raw: list[dict[str, Any]] = self.page.evaluate(
            "wanted => voiceProbe.frames(wanted)", wanted
        )
        return [WireFrame(entry["at"], entry["side"], entry["event"]) for entry in raw]

    def sounds(self, after_ms: float = 0) -> list[Sound]:
        """Everything audible since then, at the audio destination."""
        raw: list[list[float]] = self.page.evaluate(
            "after => voiceProbe.loud.filter(([at]) => at > after)", after_ms
        )
        return [Sound(*entry) for entry in raw]

    def audible_ms(self, after_ms: float = 0) -> float:
        return float(self.page.evaluate("after => voiceProbe.audible(after)", after_ms))

    def measured_until_ms(self) -> float:
        """The output was listened to until then, silent or not."""
        return float(self.page.evaluate("voiceProbe.measuredUntil"))

    def microphone_opened_ms(self) -> float:
        """When the page last got the microphone: the script began to be spoken."""
        return float(self.page.evaluate("voiceProbe.openedAt"))

    def now_ms(self) -> float:
        return float(self.page.evaluate("performance.timeOrigin + performance.now()"))

    def held(self) -> dict[str, int]:
        """What of the browser's resources a call still holds."""
        return dict(self.page.evaluate("voiceProbe.held()"))

    def pause(self, length_s: float) -> None:
        """Wait while the browser's events go on being noticed."""
        self.page.wait_for_timeout(length_s * 1000)

    def wait_until(self, ask: Callable[[], Result], what: str, timeout_s: float = WAIT_S) -> Result:
        return wait_until(ask, what, timeout_s, self.pause)

    def wait_for_frame(
        self, type_: str, *, after_ms: float = 0, timeout_s: float = WAIT_S
    ) -> WireFrame:
        """The first frame of that type after that moment."""
        frames = self.wait_until(
            lambda: self.wire(type_, after_ms=after_ms), f"{type_} on the wire", timeout_s
        )
        return frames[0]

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        text = f"{message.text} {message.location.get('url', '')}"
        if not any(pattern.search(text) for pattern in self._allowed):
            self.faults.append(f"console {message.type}: {text}")


def add_wire_probe(route: Route) -> None:
    """Put the wire probe before the transport worker's own code."""
    try:
        response = route.fetch()
        probe = (PROBES / "wire.js").read_text()
        route.fulfill(response=response, body=f"{probe}\n{response.text()}")
    except Error:
        # The page went away while its worker loaded.
        return
