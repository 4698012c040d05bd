"""Commands become client events: in order, one response at a time, nothing refused for haste."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from realtime.core.audio import pcm16_bytes
from realtime.core.errors import LimitReached
from realtime.headless.commands import CHUNK_BYTES, LINE_MAX_BYTES, Commands
from realtime.headless.errors import Unprocessable


class Session:
    """Takes client events, as an Attachment does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    async def from_client(self, raw: str | bytes) -> None:
        self.events.append(json.loads(raw))

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
async def commands(session: Session) -> AsyncIterator[Commands]:
    commands = Commands(session, is_push_to_talk=True)
    running = asyncio.create_task(commands.run())
    yield commands
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def handed_over() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def answered(commands: Commands) -> None:
    commands.heard({"type": "response.created", "response": {"id": "resp_1"}})
    commands.heard({"type": "response.done", "response": {"id": "resp_1"}})


async def test_a_text_is_a_message_and_a_wish_for_a_response(
    commands: Commands, session: Session
) -> None:
    commands.text("hello")
    await handed_over()
    assert session.types == ["conversation.item.create", "response.create"]
    assert session.events[0]["item"]["content"] == [{"type": "input_text", "text": "hello"}]


async def test_the_second_response_is_asked_for_when_the_first_is_done(
    commands: Commands, session: Session
) -> None:
    commands.text("one")
    commands.text("two")
    await handed_over()
    assert session.types.count("response.create") == 1
    commands.heard({"type": "response.created", "response": {"id": "resp_1"}})
    await handed_over()
    assert session.types.count("response.create") == 1
    commands.heard({"type": "response.done", "response": {"id": "resp_1"}})
    await handed_over()
    assert session.types.count("response.create") == 2
    answered(commands)
    await handed_over()
    assert session.types.count("response.create") == 2


async def test_a_commit_asks_for_a_response_once_it_is_committed(
    commands: Commands, session: Session
) -> None:
    pcm = bytes(range(256)) * (pcm16_bytes(1200) // 256)
    commands.audio(pcm)
    commands.commit()
    await handed_over()
    assert session.types == ["input_audio_buffer.append"] * 3 + ["input_audio_buffer.commit"]
    chunks = [base64.b64decode(event["audio"]) for event in session.events[:3]]
    assert b"".join(chunks) == pcm
    assert len(chunks[0]) == CHUNK_BYTES
    commands.heard({"type": "input_audio_buffer.committed", "item_id": "item_1"})
    await handed_over()
    assert session.types[-1] == "response.create"


async def test_a_commit_that_is_refused_asks_for_nothing(
    commands: Commands, session: Session
) -> None:
    commands.audio(bytes(pcm16_bytes(200)))
    commands.commit()
    await handed_over()
    commands.heard({"type": "error", "error": {"event_id": session.events[-1]["event_id"]}})
    commands.heard({"type": "input_audio_buffer.committed", "item_id": "item_1"})
    await handed_over()
    assert "response.create" not in session.types


async def test_a_response_that_is_refused_makes_room_for_the_next(
    commands: Commands, session: Session
) -> None:
    commands.text("one")
    commands.text("two")
    await handed_over()
    asked = session.events[1]["event_id"]
    commands.heard({"type": "error", "error": {"event_id": asked, "code": "invalid_value"}})
    await handed_over()
    assert session.types.count("response.create") == 2


async def test_a_response_the_voice_detection_was_faster_with_is_asked_for_again(
    commands: Commands, session: Session
) -> None:
    commands.text("one")
    await handed_over()
    code = "conversation_already_has_active_response"
    asked = session.events[1]["event_id"]
    commands.heard({"type": "response.created", "response": {"id": "resp_vad"}})
    commands.heard({"type": "error", "error": {"event_id": asked, "code": code}})
    await handed_over()
    commands.heard({"type": "response.done", "response": {"id": "resp_vad"}})
    await handed_over()
    assert session.types.count("response.create") == 2


async def test_somebody_elses_error_changes_nothing(commands: Commands, session: Session) -> None:
    commands.text("one")
    await handed_over()
    commands.heard({"type": "error", "error": {"event_id": None, "code": "x"}})
    commands.text("two")
    await handed_over()
    assert session.types.count("response.create") == 1


async def test_less_than_100_ms_cannot_be_committed(commands: Commands) -> None:
    commands.audio(bytes(pcm16_bytes(99)))
    with pytest.raises(Unprocessable, match="100 ms"):
        commands.commit()
    commands.audio(bytes(pcm16_bytes(1)))
    commands.commit()
    with pytest.raises(Unprocessable):
        commands.commit()


def test_with_voice_detection_only_the_provider_knows_what_there_is_to_commit() -> None:
    Commands(Session(), is_push_to_talk=False).commit()


def test_a_line_that_is_too_long_takes_no_more() -> None:
    commands = Commands(Session(), is_push_to_talk=True)
    commands.audio(bytes(LINE_MAX_BYTES))
    with pytest.raises(LimitReached) as refused:
        commands.audio(bytes(pcm16_bytes(100)))
    assert (refused.value.code, refused.value.retry_after_s) == ("session_busy", 5)
