"""One spoken turn in one request: a session that lives for a question and its answer."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from accounts.models import User
from realtime.core import names
from realtime.core.audio import pcm16_duration_ms
from realtime.core.errors import UpstreamFailed, UpstreamTimedOut, VoiceError
from realtime.headless.errors import SessionOver
from realtime.headless.listening import OWNER
from realtime.headless.live_headless import LiveHeadless
from realtime.headless.starting import start
from realtime.voice_config import MintRequest

ANSWER_TIMEOUT_S: Final = 90.0
TRANSCRIPT_TIMEOUT_S: Final = 5.0
_TRANSCRIBED: Final = (names.TRANSCRIPTION_COMPLETED, names.TRANSCRIPTION_FAILED)


@dataclass(frozen=True, slots=True)
class Turn:
    """What was heard and what was answered; `pcm` is PCM16 24 kHz."""

    session_id: str
    conversation_id: uuid.UUID | None
    transcript: str
    text: str
    item_id: str | None
    pcm: bytes
    status: str

    @property
    def audio_ms(self) -> int:
        return pcm16_duration_ms(len(self.pcm))


async def take_turn(
    user: User, request: MintRequest, sign_in_id: uuid.UUID | None, pcm: bytes
) -> Turn:
    """Say `pcm`, wait for the whole answer, hang up.

    Raises whatever starting a session raises, UpstreamFailed when the answer failed, and
    UpstreamTimedOut.
    """
    session, minted = await start(user, request, sign_in_id)
    try:
        await session.audio(pcm)
        await session.commit()
        heard = _Heard()
        await _listen(session, heard)
        if heard.status == "failed":
            raise UpstreamFailed("The voice provider could not answer.", code="turn_failed")
        return Turn(
            session_id=session.public_id,
            conversation_id=minted.session.conversation_id,
            transcript=heard.transcript or "",
            text="".join(heard.texts),
            item_id=heard.item_id,
            pcm=b"".join(_pcm_of(session, heard.item_ids)),
            status=heard.status,
        )
    finally:
        await asyncio.shield(session.stop())


class _Heard:
    def __init__(self) -> None:
        self.status = ""
        self.transcript: str | None = None
        self.texts: list[str] = []
        self.item_ids: list[str] = []
        self.error: VoiceError | None = None

    @property
    def item_id(self) -> str | None:
        return self.item_ids[0] if self.item_ids else None

    def follow(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind in _TRANSCRIBED:
            self.transcript = str(event.get("transcript") or "")
        elif kind in (names.OUTPUT_TRANSCRIPT_DONE, names.OUTPUT_TEXT_DONE):
            self.texts.append(str(event.get("transcript") or event.get("text") or ""))
        elif kind == names.OUTPUT_ITEM_ADDED:
            self.item_ids.append(str(event["item"].get("id")))
        elif kind == names.RESPONSE_DONE:
            self.status = str(event["response"].get("status"))
        elif kind == names.ERROR:
            error = event["error"]
            self.error = UpstreamFailed(str(error.get("message")), code=str(error.get("code")))


async def _listen(session: LiveHeadless, heard: _Heard) -> None:
    """Until the answer is done; the transcript of the question may come a little later."""
    after: int | None = None
    until = time.monotonic() + ANSWER_TIMEOUT_S
    while not heard.status or heard.transcript is None:
        left_s = until - time.monotonic()
        if left_s <= 0:
            if heard.status:
                return
            raise UpstreamTimedOut("The answer took too long.", code="turn_timed_out")
        batch = await session.read_events(after, captions=False, wait_s=left_s, ticket=OWNER)
        after = batch.after
        for _seq, _name, data in batch.events:
            was_answered = bool(heard.status)
            heard.follow(orjson.loads(data))
            if heard.status and not was_answered:
                until = time.monotonic() + TRANSCRIPT_TIMEOUT_S
            if heard.error is not None and not heard.status:
                raise heard.error
        if batch.over and not heard.status:
            raise session.client.ended_by or SessionOver("The session has ended.")
        if batch.over:
            return


def _pcm_of(session: LiveHeadless, item_ids: list[str]) -> Iterator[bytes]:
    answers = session.client.answers
    for item_id in item_ids:
        cursor = answers.position_of(item_id)
        while cursor is not None:
            sound = answers.read(cursor, one=True)
            yield sound.pcm
            cursor = None if sound.over else sound.cursor
