"""A client of the beta interface, as many guides still show it, takes a voice turn."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

from tests.sdk.conftest import Played, secret
from tests.sdk.test_turns import HEARD

FRAME_BYTES = 9_600
BETA_SESSION = {
    "modalities": ["text", "audio"],
    "instructions": "Be brief.",
    "voice": "cedar",
    "input_audio_format": "pcm16",
    "output_audio_format": "pcm16",
    "input_audio_transcription": {"model": "whisper-1"},
    "turn_detection": {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
    },
    "temperature": 0.8,
    "max_response_output_tokens": "inf",
}
GA_NAMES = (
    "conversation.item.added",
    "conversation.item.done",
    "response.output_audio.delta",
    "response.output_audio_transcript.done",
)


async def test_a_beta_client_completes_a_voice_turn(played: Played, speech: Path) -> None:
    headers = {"OpenAI-Beta": "realtime=v1"}
    gateway = played.gateway
    socket = await gateway.dial(secret(gateway), query="?model=gpt-realtime-2.1", headers=headers)
    created = await socket.wait_for("session.created")
    await socket.send(type="session.update", session=BETA_SESSION)
    updated = (await socket.wait_for("session.updated"))["session"]
    assert updated["voice"] == "cedar"
    assert sorted(updated["modalities"]) == ["audio", "text"]
    assert updated["input_audio_format"] == "pcm16"

    spoken = await asyncio.to_thread(speech.read_bytes)
    for at in range(0, len(spoken), FRAME_BYTES):
        audio = base64.b64encode(spoken[at : at + FRAME_BYTES]).decode()
        await socket.send(type="input_audio_buffer.append", audio=audio)
    done = await socket.wait_for("response.done")
    heard = "conversation.item.input_audio_transcription.completed"
    if heard not in {event["type"] for event in socket.events}:
        await socket.wait_for(heard)
    await socket.connection.close()

    by_type = {event["type"]: event for event in socket.events}
    assert by_type[heard]["transcript"] == HEARD
    assert by_type["response.audio_transcript.done"]["transcript"] == "Going forward ten meters."
    sound = [event["delta"] for event in socket.events if event["type"] == "response.audio.delta"]
    assert sum(len(base64.b64decode(delta)) for delta in sound) > 48_000
    assert "conversation.item.created" in by_type
    assert not by_type.keys() & set(GA_NAMES)
    assert done["response"]["output"][0]["content"][0]["type"] == "audio"
    assert socket.errors() == []

    conversation_id = gateway.session(created["session"]["id"])["conversation_id"]
    texts = [item["text"] for item in gateway.items(conversation_id)]
    assert texts == [HEARD, "Going forward ten meters."]
