"""What a person does on the chat page, and what they see there, by the names they read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.e2e.server import ServerProcess
from tests.e2e.tab import Tab, WireFrame

CALL_LIVE_MS = 30_000
CONVERSATION_ADDRESS = re.compile(r"/c/(?P<id>[0-9a-f-]{36})")
# Every state in which a call has its session.
LIVE_STATE = re.compile(
    "^(listening|user-speaking|thinking|speaking|interrupted|muted|no-mic-signal)$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One message as the thread shows it."""

    role: str
    text: str


class ChatPage:
    """The chat of one signed-in person in one tab."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        page: Page = tab.page
        self.page = page
        self.composer = page.get_by_role("textbox", name="Message")
        self.voice_button = page.get_by_role("button", name="Start voice", exact=True)
        self.panel = page.get_by_role("region", name="Voice call")
        self.state = self.panel.get_by_role("status")
        self.alert = self.panel.get_by_role("alert")
        self.thread = page.get_by_role("log", name="Conversation")

    # --- signing in and about --------------------------------------------------------
    def sign_in(self, server: ServerProcess, username: str = "demo", to: str = "/") -> None:
        self.tab.open(f"/login?next={to}")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(server.passwords[username])
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.composer).to_be_visible()

    @property
    def conversation_id(self) -> str:
        """The conversation on screen; waits until its address is shown."""
        self.page.wait_for_url(CONVERSATION_ADDRESS)
        found = CONVERSATION_ADDRESS.search(self.page.url)
        assert found is not None
        return found["id"]

    def open_conversation(self, conversation_id: str) -> None:
        self.tab.open(f"/c/{conversation_id}")
        expect(self.composer).to_be_visible()

    # --- talking ---------------------------------------------------------------------
    def start_call(self) -> None:
        """Press the voice button and wait until the call is live."""
        self.voice_button.click()
        self.expect_live()

    def expect_live(self) -> None:
        self.expect_state(LIVE_STATE)

    def expect_state(self, name: str | re.Pattern[str]) -> None:
        """Wait for a state by its name in the panel's `data-state`."""
        expect(self.panel).to_have_attribute("data-state", name, timeout=CALL_LIVE_MS)

    def control(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=True)

    def end_call(self) -> None:
        """Press End and wait until the panel says that the call is over."""
        self.control("End call").click()
        self.expect_state("ended")

    def close_panel(self) -> None:
        self.control("Close voice").click()
        expect(self.panel).to_have_count(0)

    def type(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    # --- what is seen ----------------------------------------------------------------
    def lines(self) -> list[Line]:
        """The finished messages of the thread, top to bottom."""
        raw: list[list[str]] = self.thread.evaluate(LINES_SCRIPT)
        return [Line(role, text) for role, text in raw]

    def expect_line(self, role: str, text: str | re.Pattern[str]) -> None:
        """Wait for a finished message of that role with that text in it."""
        line = self.thread.locator(f"[data-role={role}]:not([aria-hidden])").filter(has_text=text)
        expect(line.first).to_be_visible()

    def wait_until_heard(self, turn: int, heard_ms: float, timeout_s: float = 45) -> WireFrame:
        """Wait until so much of that turn's answer was audible; returns its `response.created`.

        The answer may go on being made and spoken.
        """
        created = self.tab.wait_until(
            lambda: self.tab.wire("response.created", side="received")[turn - 1 :],
            f"the answer to turn {turn}",
            timeout_s,
        )[0]
        self.tab.wait_until(
            lambda: self.tab.audible_ms(created.at_ms) > heard_ms,
            f"{heard_ms:.0f} ms of the answer to turn {turn} at the output",
            timeout_s,
        )
        return created

    def wait_for_answers(self, count: int, timeout_s: float = 45) -> list[WireFrame]:
        """Wait until so many responses of this tab's calls are done; returns them."""
        return self.tab.wait_until(
            lambda: (
                frames
                if len(frames := self.tab.wire("response.done", side="received")) >= count
                else []
            ),
            f"{count} responses done",
            timeout_s,
        )


LINES_SCRIPT = """log => [...log.querySelectorAll('[data-role]:not([aria-hidden])')].map(row => [
  row.dataset.role,
  [...row.children[1].childNodes].map(node => node.textContent).join('').trim(),
])"""
