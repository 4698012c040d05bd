"""Clients of the beta: chosen by header, subprotocol or a flat session, served to a turn's end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest
from openai.types.beta.realtime import RealtimeServerEvent, TranscriptionSessionUpdatedEvent
from pydantic import BaseModel

from scripts.sdk_environments import install_python_sdks
from tests.contract.gateway import Gateway, Socket, ended
from tests.contract.test_turns import spoken_frames

DRIVER = Path(__file__).with_name("beta_driver.py")
BETA_HEADER = {"OpenAI-Beta": "realtime=v1"}
FLAT = {
    "modalities": ["text", "audio"],
    "voice": "cedar",
    "input_audio_format": "pcm16",
    "output_audio_format": "pcm16",
    "input_audio_transcription": {"model": "whisper-1"},
    "turn_detection": {"type": "server_vad", "threshold": 0.5},
    "temperature": 0.9,
}


def beta_types() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for model in get_args(get_args(RealtimeServerEvent)[0]):
        (name,) = get_args(model.model_fields["type"].annotation)
        found[name] = model
    return found


TYPES = beta_types()


def hold_to_the_sdk(events: list[dict[str, Any]]) -> None:
    """Every event is one that the beta's SDK knows, in the shape it expects."""
    for event in events:
        model = TYPES[event["type"]]
        assert model is not TranscriptionSessionUpdatedEvent
        if "session" in event:  # the SDK lists the beta's models; ours are newer
            event = {**event, "session": {**event["session"], "model": "gpt-realtime"}}
        model.model_validate(event)


@pytest.mark.speech
async def test_a_voice_turn_speaks_the_beta_from_greeting_to_usage(gateway: Gateway) -> None:
    query = "?model=gpt-4o-realtime-preview"
    socket = await gateway.dial(gateway.access(), query=query, headers=BETA_HEADER)
    created = await socket.wait_for("session.created")
    conversation = (await socket.wait_for("conversation.created"))["conversation"]
    await socket.send(type="session.update", session=FLAT)
    updated = (await socket.wait_for("session.updated", "error"))["session"]
    assert (updated["voice"], updated["temperature"]) == ("cedar", 0.9)
    for frame in spoken_frames("goforward.wav"):
        await socket.send(**frame)
    done = (await socket.wait_for("response.done"))["response"]
    if "conversation.item.input_audio_transcription.completed" not in types(socket):
        await socket.wait_for("conversation.item.input_audio_transcription.completed")
    assert done["conversation_id"] == conversation["id"]
    assert done["modalities"] == ["text", "audio"]
    (answer,) = done["output"]
    assert answer["content"][0]["type"] == "audio"
    assert {
        "conversation.item.created",
        "response.audio.delta",
        "response.audio.done",
        "response.audio_transcript.delta",
        "response.audio_transcript.done",
    } <= types(socket)
    hold_to_the_sdk(socket.events)
    await socket.connection.close()
    session = await ended(gateway, created["session"]["id"])
    user, assistant = gateway.items(session["conversation_id"])
    assert (user["role"], assistant["role"]) == ("user", "assistant")
    assert assistant["text"] == answer["content"][0]["transcript"]
    assert session["usage"]["output_audio_tokens"] > 0


@pytest.mark.speech
def test_the_official_beta_class_completes_a_voice_turn_unmodified(gateway: Gateway) -> None:
    driven = subprocess.run(
        [install_python_sdks(), DRIVER],
        input="\n".join(frame["audio"] for frame in spoken_frames("goforward.wav")),
        env={
            "OPENAI_API_KEY": gateway.access(),
            "SOCKET_URL": gateway.socket_url.removesuffix("/realtime"),
        },
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert driven.returncode == 0, driven.stderr
    report = json.loads(driven.stdout)
    assert (report["voice"], report["temperature"]) == ("sage", 0.7)
    assert report["status"] == "completed"
    assert "forward" in report["heard"].lower()
    assert report["said"]
    assert report["audio_base64"] > 10_000
    assert report["types"][:2] == ["session.created", "conversation.created"]


async def test_a_flat_session_alone_makes_a_beta_client(gateway: Gateway) -> None:
    async with gateway.call(gateway.mint()) as socket:
        await socket.send(type="session.update", session=FLAT)
        await socket.say("hello", answer=False)
        await socket.send(type="response.create", response={"modalities": ["audio", "text"]})
        await socket.wait_for("response.audio.delta")
        await socket.wait_for("response.done")
        hold_to_the_sdk(socket.events[1:])


async def test_a_page_that_offers_the_betas_subprotocol_is_greeted_in_it(gateway: Gateway) -> None:
    minted = gateway.mint()
    key = f"openai-insecure-api-key.{minted['api_key']}"
    offered = ["realtime", key, "openai-beta.realtime-v1"]
    socket = await gateway.dial(subprotocols=offered, origin=gateway.process.url)
    assert socket.connection.subprotocol == "realtime"
    created = await socket.wait_for("session.created")
    assert created["session"]["input_audio_format"] == "pcm16"
    await socket.wait_for("conversation.created")
    await socket.connection.close()


@pytest.mark.parametrize(
    ("session", "param"),
    [
        ({"input_audio_format": "mp3"}, "session.input_audio_format"),
        ({"modalities": ["video"]}, "session.modalities"),
        ({"voice": "nobody"}, "session.voice"),
        ({"turn_detection": {"type": "psychic"}}, "session.turn_detection.type"),
        ({"max_response_output_tokens": 0}, "session.max_response_output_tokens"),
    ],
)
async def test_an_error_names_the_flat_field(
    gateway: Gateway, session: dict[str, Any], param: str
) -> None:
    async with gateway.call(gateway.mint(), headers=BETA_HEADER) as socket:
        await socket.send(type="session.update", event_id="c1", session=session)
        error = (await socket.wait_for("error", "session.updated"))["error"]
        assert (error["param"], error["event_id"]) == (param, "c1")
        assert ".audio." not in error["message"]


def types(socket: Socket) -> set[str]:
    return {event["type"] for event in socket.events}
