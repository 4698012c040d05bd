"""Part `page`: a thread of 5,000 items in a browser, as it opens and with every item shown."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from bench.database import seed_library
from bench.ours import our_server
from bench.table import text_table
from scripts.install import build_frontend, fail

TIMEOUT_MS: Final = 60_000
SCROLL_S: Final = 4.0
ROWS: Final = (
    ("rows", "rows shown"),
    ("shown_ms", "until they are shown, ms"),
    ("reading_frames_per_s", "frames a second while it scrolls by 3,000 px/s"),
    ("reading_frame_p95_ms", "a frame, p95 ms"),
    ("frames_per_s", "frames a second from end to end and back in 4 s"),
    ("frame_p95_ms", "a frame, p95 ms"),
    ("heap_mb", "memory of the page's objects, MB"),
    ("nodes", "nodes"),
)
READ_PX_PER_S: Final = 3000
# Scrolls the thread for so long and returns the ms between frames: up from its end at a speed in
# pixels, or all the way up and down.
_SCROLL: Final = """
async ([seconds, speed]) => {
  const scroller = document.querySelector('[aria-label="Thread"]');
  const times = [];
  const began = performance.now();
  let last = began;
  for (;;) {
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    const passed = (now - began) / 1000;
    if (passed > seconds) return times.slice(1);
    const end = scroller.scrollHeight - scroller.clientHeight;
    const part = (1 + Math.cos((passed / seconds) * 2 * Math.PI)) / 2;
    scroller.scrollTop = speed ? end - passed * speed : part * end;
  }
}
"""


def measure() -> dict[str, Any]:
    """The figures of both states of the page."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        fail("the part `page` needs Chromium (Debian: chromium)")
    build_frontend()
    with (
        tempfile.TemporaryDirectory(prefix="voiceassist-bench-") as folder,
        our_server(9, Path(folder)) as server,
        sync_playwright() as driver,
    ):
        thread_id, _ = seed_library(server)
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(TIMEOUT_MS)
        home = f"http://127.0.0.1:{server.port}"
        page.goto(f"{home}/login")
        page.get_by_label("Username").fill("demo")
        page.get_by_label("Password").fill(server.env["DEMO_PASSWORD"])
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("textbox", name="Message")).to_be_visible(timeout=TIMEOUT_MS)
        tools = page.context.new_cdp_session(page)
        opened = _opened(page, tools, f"{home}/c/{thread_id}")
        whole = _whole(page, tools)
        version = browser.version
        browser.close()
    return {"Chromium": version, "opened": opened, "all shown": whole}


def _opened(page: Page, tools: CDPSession, address: str) -> dict[str, float]:
    began = time.monotonic()
    page.goto(address)
    expect(_rows(page).last).to_be_visible(timeout=TIMEOUT_MS)
    return _state(page, tools, (time.monotonic() - began) * 1000)


def _whole(page: Page, tools: CDPSession) -> dict[str, float]:
    earlier = page.get_by_role("button", name="Show earlier")
    began = time.monotonic()
    while earlier.count():
        shown = _rows(page).count()
        earlier.click()
        expect(_rows(page)).not_to_have_count(shown, timeout=TIMEOUT_MS)
    return _state(page, tools, (time.monotonic() - began) * 1000)


def _rows(page: Page) -> Any:
    return page.get_by_role("region", name="Thread").locator("li")


def _state(page: Page, tools: CDPSession, shown_ms: float) -> dict[str, float]:
    reading_ms, frames_ms = (
        sorted(page.evaluate(_SCROLL, [SCROLL_S, speed])) for speed in (READ_PX_PER_S, None)
    )
    tools.send("HeapProfiler.collectGarbage")
    tools.send("Performance.enable")
    metrics = tools.send("Performance.getMetrics")["metrics"]
    known = {metric["name"]: metric["value"] for metric in metrics}
    return {
        "rows": _rows(page).count(),
        "shown_ms": shown_ms,
        "reading_frames_per_s": len(reading_ms) / sum(reading_ms) * 1000,
        "reading_frame_p95_ms": reading_ms[int(len(reading_ms) * 0.95)],
        "frames_per_s": len(frames_ms) / sum(frames_ms) * 1000,
        "frame_p95_ms": frames_ms[int(len(frames_ms) * 0.95)],
        "heap_mb": known["JSHeapUsedSize"] / 1e6,
        "nodes": known["Nodes"],
    }


def report(figures: dict[str, Any]) -> str:
    return text_table(rows(figures))


def rows(figures: dict[str, Any]) -> list[list[str]]:
    """The table's cells, headings first."""
    states = ("opened", "all shown")
    named = [[told, *(f"{figures[state][name]:.0f}" for state in states)] for name, told in ROWS]
    return [["", *states], *named]
