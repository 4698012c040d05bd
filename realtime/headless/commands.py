"""A caller's commands as client events: in order, one response at a time, never refused for haste.

A command is accepted when it is in line (202); one task hands the line to the session, which makes
it wait as it does every client.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, Protocol

from realtime.core import names
from realtime.core.audio import pcm16_bytes
from realtime.core.errors import LimitReached
from realtime.core.frames import dump
from realtime.headless.decoding import encode_base64
from realtime.headless.errors import Unprocessable

CHUNK_BYTES: Final = pcm16_bytes(500)
LEAST_COMMIT_BYTES: Final = pcm16_bytes(100)  # less the provider refuses
LINE_MAX_BYTES: Final = 40 * 1024 * 1024


class Listener(Protocol):
    """What takes client events: an Attachment."""

    async def from_client(self, raw: str | bytes) -> None: ...


class Commands:
    """Call the commands and `heard` on the event loop while one task runs `run`.

    is_push_to_talk: there is no voice activity detection, so what was sent since the last commit is
    known here.
    """

    def __init__(self, listener: Listener, *, is_push_to_talk: bool) -> None:
        self._listener = listener
        self._is_push_to_talk = is_push_to_talk
        self._line: deque[str | bytes] = deque()
        self._line_bytes = 0
        self._arrived = asyncio.Event()
        self._uncommitted_bytes = 0
        self._count = 0
        self._commits: set[str] = set()
        self._wanted_responses = 0
        self._asked: str | None = None
        self._answering = False

    def text(self, text: str) -> None:
        """Add a message of the user and ask for a response. Raises LimitReached."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        self._put(self._event(names.ITEM_CREATE, item=item)[1])
        self._want_response()

    def audio(self, pcm: bytes) -> None:
        """Append PCM16 24 kHz to the input. Raises LimitReached."""
        self._check_room(len(pcm))
        for start in range(0, len(pcm), CHUNK_BYTES):
            self._put(pcm[start : start + CHUNK_BYTES])
        self._uncommitted_bytes += len(pcm)

    def commit(self) -> None:
        """Commit the input; a response is asked for once it is committed.

        Raises Unprocessable when there is nothing to commit, and LimitReached.
        """
        if self._is_push_to_talk and self._uncommitted_bytes < LEAST_COMMIT_BYTES:
            raise Unprocessable(
                "Less than 100 ms of audio was sent since the last commit.",
                code="nothing_to_commit",
            )
        event_id, event = self._event(names.INPUT_AUDIO_COMMIT)
        self._put(event)
        self._uncommitted_bytes = 0
        self._commits.add(event_id)

    def heard(self, event: Mapping[str, Any]) -> None:
        """Follow what the session says."""
        match event.get("type"):
            case names.RESPONSE_CREATED:
                self._answering = True  # ours, or one that the voice detection asked for
            case names.RESPONSE_DONE:
                self._answering, self._asked = False, None
                self._ask_next()
            case names.INPUT_AUDIO_COMMITTED if self._commits:
                self._commits.pop()
                self._want_response()
            case names.ERROR:
                self._refused(event.get("error") or {})

    async def run(self) -> None:
        """Hand over the line until cancelled."""
        while True:
            while self._line:
                part = self._line.popleft()
                self._line_bytes -= len(part)
                if isinstance(part, bytes):
                    part = self._event(names.INPUT_AUDIO_APPEND, audio=encode_base64(part))[1]
                await self._listener.from_client(part)
            self._arrived.clear()
            await self._arrived.wait()

    def _refused(self, error: Mapping[str, Any]) -> None:
        event_id = error.get("event_id")
        self._commits.discard(str(event_id))
        if event_id is None or event_id != self._asked:
            return
        self._asked = None
        if error.get("code") == "conversation_already_has_active_response":
            # The voice detection was faster; ours is asked for again after that one.
            self._wanted_responses += 1
        else:
            self._ask_next()

    def _want_response(self) -> None:
        self._wanted_responses += 1
        self._ask_next()

    def _ask_next(self) -> None:
        if self._wanted_responses and not self._answering and self._asked is None:
            self._wanted_responses -= 1
            self._asked, event = self._event(names.RESPONSE_CREATE)
            self._put(event)

    def _event(self, kind: str, **fields: Any) -> tuple[str, str]:
        self._count += 1
        event_id = f"headless_{self._count}"
        return event_id, dump({"type": kind, "event_id": event_id, **fields})

    def _put(self, part: str | bytes) -> None:
        self._check_room(len(part))
        self._line.append(part)
        self._line_bytes += len(part)
        self._arrived.set()

    def _check_room(self, byte_count: int) -> None:
        if self._line and self._line_bytes + byte_count > LINE_MAX_BYTES:
            raise LimitReached(
                "The session has not heard yet what was sent before. Wait a little.",
                code="session_busy",
                retry_after_s=5,
            )
