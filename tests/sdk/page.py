"""The JavaScript SDKs inside Chromium, on a page of another origin than the server's."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.browser import launch
from tests.sdk.sdks import RUN_TIMEOUT_S, Report, Run, Toolbox, base_url
from tests.sdk.tls_gateway import TlsGateway


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what the page asks for is no news."""


@contextmanager
def page_server(folder: Path) -> Iterator[str]:
    """Serve the folder's files; yields the origin of its pages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def build_page(tools: Toolbox, sdk: str, folder: Path) -> None:
    """`<sdk>.html` and its script, bundled as an application's build does."""
    script = folder / f"{sdk}.js"
    command = [str(tools.node), "bundle.mjs", f"{sdk}.mjs", str(script)]
    subprocess.run(command, cwd=tools.scripts, check=True)
    html = (
        f'<!doctype html><meta charset="utf-8"><title>{sdk}</title><script src="{sdk}.js"></script>'
    )
    (folder / f"{sdk}.html").write_text(html, encoding="utf-8")


def drive_pages(
    origin: str, gateway: TlsGateway, runs: dict[str, Run], speech: Path
) -> dict[str, Report]:
    """What came of each SDK's run, by its name; all of them at the same time."""
    spoken = base64.b64encode(speech.read_bytes()).decode()
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        # Chromium has no option for one more trusted certificate.
        context = browser.new_context(ignore_https_errors=True)
        context.set_default_timeout(RUN_TIMEOUT_S * 1000)
        pages = {}
        for sdk, run in runs.items():
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{origin}/{sdk}.html")
            started = "([url, run, speech]) => { globalThis.done = drive(url, run, speech); }"
            page.evaluate(started, [base_url(gateway, sdk), asdict(run), spoken])
            pages[sdk] = page
        reports: dict[str, Report] = {
            sdk: page.evaluate("() => globalThis.done") for sdk, page in pages.items()
        }
        browser.close()
    assert not complaints, complaints
    return reports
