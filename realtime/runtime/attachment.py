"""One client's hold on a running session: it may lose it to a newer line, or by losing its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from realtime.runtime.latch import Latch
from realtime.runtime.ports import ClientPort

if TYPE_CHECKING:
    from realtime.runtime.runner import SessionRunner


class Attachment:
    """What a face works with. Feed `from_client` with the client's frames, call `client_closed`
    when it is gone, and await `wait_over` before letting go of its connection."""

    __slots__ = ("_client", "_line", "_over", "_passage", "_runner")

    def __init__(self, runner: SessionRunner, client: ClientPort, over: Latch) -> None:
        self._runner = runner
        self._client = client
        self._over = over
        self._line = runner.line
        self._passage = runner.passage

    async def from_client(self, raw: str | bytes) -> None:
        """Hand over one frame; waits while the session makes its client wait. Frames of a client
        that was superseded are ignored."""
        if self._runner.is_client(self._client):
            await self._runner.from_client(raw)

    def take(self, raw: str | bytes) -> bool:
        """Hand over one frame at once, or ignore it like `from_client`. False: the session makes
        its client wait; nothing was done, and `from_client` takes it."""
        return not self._runner.is_client(self._client) or self._runner.take(raw)

    def take_text(self, text: bytes) -> bool:
        """`take` for a text frame as it came, in UTF-8. Raises UnicodeDecodeError where it is none;
        then nothing was done."""
        if self._line.client is not self._client:
            return True
        return self._passage.up(text) or self._runner.take(text.decode())

    def client_active(self) -> None:
        """The client does something that is no event, and is not idle."""
        if self._runner.is_client(self._client):
            self._runner.client_active()

    def client_closed(self, code: int = 1000) -> None:
        """The client is gone, with this WebSocket close code (1006: without one)."""
        if self._runner.is_client(self._client):
            self._runner.client_closed(code)

    async def wait_over(self) -> None:
        """Returns when this client was closed and the session has ended, or goes on without it."""
        await self._over.wait()
        if self._runner.is_ending:
            await self._runner.wait_closed()
