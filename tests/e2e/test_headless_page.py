"""`examples/headless.html`: a voice session in a page, by plain HTTP alone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.rest import RestPerson
from tests.e2e.server import ServerProcess

PAGE = Path(__file__).resolve().parents[2] / "examples" / "headless.html"
SOUND_TIMEOUT_MS = 20_000


def test_the_example_page_shows_captions_and_plays_the_voice(
    browser: Browser, server: ServerProcess, demo: RestPerson
) -> None:
    demo.sign_in()
    token = str(demo._client.headers["Authorization"]).removeprefix("Bearer ")
    with browser.new_context() as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route(f"{server.url}/headless.html", lambda route: route.fulfill(path=PAGE))
        page.goto(f"{server.url}/headless.html")
        page.get_by_label("API key or access token").fill("nonsense")
        page.get_by_role("button", name="Start").click()
        expect(page.locator("#state")).to_have_text(
            "The token is not valid or has expired. Sign in again."
        )
        page.get_by_label("API key or access token").fill(token)
        page.get_by_role("button", name="Start").click()
        expect(page.locator("#state")).to_have_text("listening")
        page.get_by_role("button", name="Say hello").click()
        expect(page.locator("#captions .assistant")).to_contain_text("Hello")
        page.wait_for_function(
            "document.getElementById('sound').currentTime > 0.5", timeout=SOUND_TIMEOUT_MS
        )
        assert page.evaluate("document.getElementById('sound').error") is None
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#state")).to_have_text("stopped")
        assert complaints == []
    conversation = demo.get("/api/conversations/")["results"][0]
    assert [role for role, _text in demo.spoken(conversation["id"])] == ["user", "assistant"]
