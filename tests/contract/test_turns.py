"""Turns through a real server: stored before they are seen, answered in the dialect spoken."""

from __future__ import annotations

import base64
import wave
from typing import Any

import pytest

from tests.contract.gateway import Gateway, Socket, ended
from tests.fakes.recordings import SHARED_DIR

FINALS = {
    "conversation.item.input_audio_transcription.completed": "transcript",
    "response.output_audio_transcript.done": "transcript",
    "response.output_text.done": "text",
}


async def test_a_final_text_is_stored_when_its_event_arrives(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"])
    async with gateway.call(minted) as socket:
        await socket.say("my name is Alice")
        final = await socket.wait_for("response.output_text.done")
        user, assistant = gateway.items(minted["conversation_id"])
    assert (user["role"], user["text"], user["status"]) == (
        "user",
        "my name is Alice",
        "completed",
    )
    assert (assistant["item_id"], assistant["text"]) == (final["item_id"], final["text"])
    assert assistant["session_id"] == minted["session_id"]


async def test_a_session_leaves_its_turns_usage_and_end_reason(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"])
    async with gateway.call(minted) as socket:
        await socket.say("hello")
        done = await socket.wait_for("response.done")
    session = await ended(gateway, minted["session_id"])
    assert (session["end_reason"], session["turns"]) == ("user_hangup", 1)
    usage = done["response"]["usage"]
    assert session["usage"]["output_text_tokens"] == usage["output_token_details"]["text_tokens"]
    assert session["started_at"] < session["ended_at"]


async def test_a_later_session_knows_what_was_said_before(gateway: Gateway) -> None:
    first = gateway.mint(modalities=["text"])
    async with gateway.call(first) as socket:
        await socket.say("my name is Alice")
        await socket.wait_for("response.done")
    second = gateway.mint(modalities=["text"], conversation_id=first["conversation_id"])
    async with gateway.call(second) as socket:
        await socket.say("what is my name")
        final = await socket.wait_for("response.output_text.done")
    assert "Alice" in final["text"]
    items = gateway.items(first["conversation_id"])
    assert [item["session_id"] for item in items] == [
        first["session_id"],
        first["session_id"],
        second["session_id"],
        second["session_id"],
    ]


async def test_the_voice_config_of_the_mint_is_a_session_update(gateway: Gateway) -> None:
    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        await socket.send(type="session.update", session=minted["voice_config"])
        updated = (await socket.wait_for("session.updated", "error"))["session"]
        for field, value in minted["voice_config"].items():
            if field == "input_audio_transcription":
                assert updated[field]["model"] == value["model"]
            elif field == "turn_detection":
                assert value.items() <= updated[field].items()
            else:
                assert updated[field] == value


async def test_a_ga_update_is_answered_in_ga(gateway: Gateway) -> None:
    async with gateway.call(gateway.mint()) as socket:
        session = {"type": "realtime", "audio": {"output": {"speed": 1.2}}}
        await socket.send(type="session.update", session=session)
        updated = (await socket.wait_for("session.updated", "error"))["session"]
        assert updated["type"] == "realtime"
        assert updated["audio"]["output"]["speed"] == 1.2
        assert "voice" not in updated


async def test_the_servers_instructions_are_never_shown(gateway: Gateway) -> None:
    async with gateway.call(gateway.mint(instructions="Be brief.")) as socket:
        created = socket.events[-1]["session"]
    assert created["instructions"] == "Be brief."
    assert "helpful voice assistant" not in str(socket.events)


async def test_a_conversation_not_to_be_saved_stays_empty(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"], save_transcript=False)
    async with gateway.call(minted) as socket:
        await socket.say("hello")
        await socket.wait_for("response.done")
    session = await ended(gateway, minted["session_id"])
    assert session["turns"] == 1
    assert gateway.items(minted["conversation_id"]) == []


def spoken_frames(name: str) -> list[dict[str, Any]]:
    """Human speech as appends of 40 ms at 24 kHz."""
    import numpy
    import soxr

    with wave.open(str(SHARED_DIR / "speech" / name)) as file:
        pcm = numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        rate_hz = file.getframerate()
    speech = soxr.resample(pcm, rate_hz, 24_000).astype("<i2").tobytes()
    padded = speech + bytes(48_000)
    return [
        {
            "type": "input_audio_buffer.append",
            "audio": base64.b64encode(padded[at : at + 1920]).decode(),
        }
        for at in range(0, len(padded), 1920)
    ]


@pytest.mark.speech
async def test_a_spoken_turn_is_heard_answered_and_stored_byte_for_byte(
    gateway: Gateway,
) -> None:
    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        for frame in spoken_frames("goforward.wav"):
            await socket.send(**frame)
        await socket.wait_for("response.done")
        await wait_for_transcript(socket)
    audio = [event for event in socket.events if event["type"] == "response.output_audio.delta"]
    assert any(any(base64.b64decode(event["delta"])) for event in audio)
    stored = {item["item_id"]: item for item in gateway.items(minted["conversation_id"])}
    finals = [event for event in socket.events if event["type"] in FINALS]
    assert {event["type"] for event in finals} >= {
        "conversation.item.input_audio_transcription.completed",
        "response.output_audio_transcript.done",
    }
    for event in finals:
        item = stored[event["item_id"]]
        assert item["text"] == event[FINALS[event["type"]]]
        assert item["source"] == "voice"
    roles = [item["role"] for item in sorted(stored.values(), key=lambda item: item["position"])]
    assert roles == ["user", "assistant"]


async def wait_for_transcript(socket: Socket) -> None:
    wanted = "conversation.item.input_audio_transcription.completed"
    if wanted not in {event["type"] for event in socket.events}:
        await socket.wait_for(wanted)
