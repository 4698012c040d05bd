"""A headless session that lives in another process, and the answering side of that."""

from __future__ import annotations

import logging
from typing import Any, Final

from realtime.core.audio import pcm16_bytes
from realtime.core.errors import VoiceError
from realtime.headless.answers import Cursor, Sound
from realtime.headless.bus import Bus, Head, Unreachable
from realtime.headless.errors import SessionOver, SessionUnreachable, error_of_status
from realtime.headless.event_log import Batch
from realtime.headless.hall import Hall
from realtime.headless.listening import Ticket
from realtime.headless.ports import HeadlessPort

logger = logging.getLogger(__name__)

COMMAND_TIMEOUT_S: Final = 10.0
STOP_TIMEOUT_S: Final = 12.0
# Redis cuts subscribers off that lag by 32 MB: audio goes in pieces, each acknowledged.
AUDIO_PIECE_BYTES: Final = pcm16_bytes(10_000)


class RemoteHeadless:
    """A HeadlessPort by questions to the process `server_id`."""

    is_here = False

    def __init__(self, public_id: str, server_id: str, bus: Bus) -> None:
        self._public_id = public_id
        self._server_id = server_id
        self._bus = bus

    async def text(self, text: str) -> None:
        await self._ask({"op": "text", "text": text})

    async def audio(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), AUDIO_PIECE_BYTES):
            await self._ask({"op": "audio"}, pcm[start : start + AUDIO_PIECE_BYTES])

    async def commit(self) -> None:
        await self._ask({"op": "commit"})

    async def stop(self) -> None:
        await self._ask({"op": "stop"}, takes_s=STOP_TIMEOUT_S)

    async def read_events(
        self, after: int | None, *, captions: bool, wait_s: float, ticket: Ticket
    ) -> Batch:
        head, _ = await self._ask(
            {
                "op": "events",
                "after": after,
                "captions": captions,
                "wait_s": wait_s,
                "ticket": [ticket.nonce, ticket.is_fresh],
            },
            takes_s=wait_s,
            once=False,
        )
        events = tuple((seq, name, data) for seq, name, data in head["events"])
        return Batch(events, head["after"], head["lost"], head["over"])

    async def read_sound(
        self, cursor: Cursor | None, *, item_id: str, wait_s: float, ticket: Ticket
    ) -> Sound:
        head, pcm = await self._ask(
            {
                "op": "sound",
                "cursor": cursor and [cursor.ordinal, cursor.offset],
                "item_id": item_id,
                "wait_s": wait_s,
                "ticket": [ticket.nonce, ticket.is_fresh],
            },
            takes_s=wait_s,
            once=False,
        )
        return Sound(pcm, Cursor(*head["cursor"]), head["over"], head["byte_count"])

    async def _ask(
        self, head: Head, payload: bytes = b"", *, takes_s: float = 0.0, once: bool = True
    ) -> tuple[Head, bytes]:
        question = {**head, "session": self._public_id}
        try:
            answer, body = await self._bus.ask(
                self._server_id,
                question,
                payload,
                timeout_s=takes_s + COMMAND_TIMEOUT_S,
                takes_s=takes_s,
                once=once,
            )
        except Unreachable:
            raise SessionUnreachable(
                "The server process that holds this session does not answer. Try again.",
                retry_after_s=1,
            ) from None
        error = answer.get("error")
        if error is not None:
            raise error_of_status(error["status"], error["code"], error["message"])
        return answer, body


async def answer_question(hall: Hall, head: Head, payload: bytes) -> tuple[Head, bytes]:
    """What another process asks of a session that lives here. Errors are answers, too."""
    session = hall.find(head["session"])
    try:
        if session is None:
            raise SessionOver("This session has ended. Start another one.")
        return await _do(session, head, payload)
    except VoiceError as error:
        return _error(error), b""
    except Exception as error:  # a bug of ours must not leave the asker waiting
        logger.error("a headless question failed: %s", type(error).__name__)
        return _error(VoiceError("The server made a mistake. It has been logged.")), b""


async def _do(session: HeadlessPort, head: Head, payload: bytes) -> tuple[Head, bytes]:
    match head["op"]:
        case "text":
            await session.text(head["text"])
        case "audio":
            await session.audio(payload)
        case "commit":
            await session.commit()
        case "stop":
            await session.stop()
        case "events":
            batch = await session.read_events(
                head["after"],
                captions=head["captions"],
                wait_s=head["wait_s"],
                ticket=Ticket(*head["ticket"]),
            )
            return {
                "events": batch.events,
                "after": batch.after,
                "lost": batch.lost,
                "over": batch.over,
            }, b""
        case "sound":
            sound = await session.read_sound(
                head["cursor"] and Cursor(*head["cursor"]),
                item_id=head["item_id"],
                wait_s=head["wait_s"],
                ticket=Ticket(*head["ticket"]),
            )
            return {
                "cursor": [sound.cursor.ordinal, sound.cursor.offset],
                "over": sound.over,
                "byte_count": sound.byte_count,
            }, sound.pcm
        case unknown:
            raise VoiceError(f"An unknown question: {unknown!r}.")
    return {}, b""


def _error(error: VoiceError) -> dict[str, Any]:
    return {"error": {"status": error.http_status, "code": error.code, "message": error.message}}
