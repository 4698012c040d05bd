"""What a listener's connection carries: server-sent events, or the sound as one endless WAV file.

A stream reads its session again and again, each time from where it stands; where that session is in
another process which cannot be reached for a moment, it goes on when it can.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Final

from realtime import sessions
from realtime.core.audio import wav_header
from realtime.core.errors import VoiceError
from realtime.core.frames import dump
from realtime.core.names import NOTICE
from realtime.headless.answers import Cursor, Sound
from realtime.headless.errors import SessionUnreachable
from realtime.headless.event_log import Batch
from realtime.headless.listening import Ticket
from realtime.headless.ports import HeadlessPort

COMMENT_EVERY_S: Final = 15.0
READ_WAIT_S: Final = 5.0
UNREACHABLE_FOR_S: Final = 30.0
RETRY_MS: Final = 500


class _Patience:
    """Lets a read fail while the session cannot be reached, for so long and no longer."""

    def __init__(self) -> None:
        self._since: float | None = None

    def succeeded(self) -> None:
        self._since = None

    def is_over(self) -> bool:
        now = time.monotonic()
        if self._since is None:
            self._since = now
        return now - self._since > UNREACHABLE_FOR_S


async def event_stream(
    session: HeadlessPort, first: Batch, *, captions: bool, ticket: Ticket
) -> AsyncIterator[bytes]:
    """Server-sent events (WHATWG HTML §9.2) from `first` on, until the session has ended."""
    yield f"retry: {RETRY_MS}\n: listening\n\n".encode()
    ticket = Ticket(ticket.nonce, is_fresh=False)
    patience = _Patience()
    next_comment_at = time.monotonic() + COMMENT_EVERY_S
    batch = first
    while True:
        if batch.lost:
            notice = dump({"type": NOTICE, "code": "events_lost"})
            yield f"event: {NOTICE}\ndata: {notice}\n\n".encode()
        if batch.events:
            yield b"".join(_sse(*event) for event in batch.events)
        if batch.over or _must_move(session):
            return
        now = time.monotonic()
        if now >= next_comment_at:
            next_comment_at = now + COMMENT_EVERY_S
            yield b": still here\n\n"
        wait_s = min(READ_WAIT_S, next_comment_at - time.monotonic())
        try:
            batch = await session.read_events(
                batch.after, captions=captions, wait_s=max(0.0, wait_s), ticket=ticket
            )
            patience.succeeded()
        except SessionUnreachable:
            if patience.is_over():
                return
            batch = Batch((), batch.after, lost=False, over=False)
        except VoiceError:
            return


async def sound_stream(
    session: HeadlessPort, first: Sound, *, item_id: str, ticket: Ticket
) -> AsyncIterator[bytes]:
    """A WAV file of 24 kHz mono PCM16 from `first` on.

    item_id: this answer alone, whose header tells its length if it is finished. Otherwise every
    answer as it is spoken, until the session ends; the header's length is then a maximal one.
    """
    yield wav_header(first.byte_count if item_id else None)
    ticket = Ticket(ticket.nonce, is_fresh=False)
    patience = _Patience()
    sound = first
    while True:
        if sound.pcm:
            yield sound.pcm
        if sound.over or _must_move(session):
            return
        try:
            sound = await session.read_sound(
                sound.cursor, item_id=item_id, wait_s=READ_WAIT_S, ticket=ticket
            )
            patience.succeeded()
        except SessionUnreachable:
            if patience.is_over():
                return
            sound = _nothing_at(sound.cursor)
        except VoiceError:
            return


def _must_move(session: HeadlessPort) -> bool:
    """This process stops: its listeners of sessions elsewhere go on at another one."""
    return sessions.is_draining() and not session.is_here


def _nothing_at(cursor: Cursor) -> Sound:
    return Sound(b"", cursor)


def _sse(seq: int, name: str, data: str) -> bytes:
    """One event. JSON text holds no line breaks, so its data is one line."""
    return f"id: {seq}\nevent: {name}\ndata: {data}\n\n".encode()
