"""The stages of real turns through a real server equal those computed from the event log alone."""

from __future__ import annotations

import base64

import pytest

from tests.contract.gateway import Gateway
from tests.contract.latency import turns_that_equal_the_log
from tests.contract.test_turns import spoken_frames

pytestmark = pytest.mark.calm

WRITTEN = {"output_modalities": ["text"]}
WEATHER = {"type": "function", "name": "weather", "parameters": {"type": "object"}}


async def test_typed_turns_tools_and_push_to_talk(gateway: Gateway) -> None:
    minted = gateway.mint(modalities=["text"], turn_detection=None)
    async with gateway.call(minted) as socket:
        await socket.say("hello")
        await socket.wait_for("response.done")
        forced = {"tools": [WEATHER], "tool_choice": {"type": "function", "name": "weather"}}
        await socket.send(
            type="response.create", response={**forced, "output_modalities": ["text"]}
        )
        call = await socket.wait_for("response.function_call_arguments.done")
        await socket.wait_for("response.done")
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
        await socket.send(type="conversation.item.create", item=output)
        await socket.send(type="response.create", response=WRITTEN)
        await socket.wait_for("response.done")
        silence = base64.b64encode(bytes(9600)).decode()
        await socket.send(type="input_audio_buffer.append", audio=silence)
        await socket.send(type="input_audio_buffer.commit")
        await socket.send(type="response.create", response=WRITTEN)
        await socket.wait_for("response.done")
    typed, calling, answering, pushed = await turns_that_equal_the_log(
        gateway, minted["session_id"]
    )
    for turn in (typed, calling, answering, pushed):
        assert turn["stages"]["think_ms"] >= 0
        assert turn["view"] == "gateway"
        assert turn["stages"]["v2v_ms"] is None
    assert typed["stages"]["relay_ms"] > 0
    assert typed["answer_ms"] == pytest.approx(
        typed["stages"]["think_ms"] + typed["stages"]["first_audio_ms"], abs=5
    )
    assert answering["stages"]["tool_ms"] > 0
    assert answering["stages"]["queue_ms"] >= 0
    assert calling["stages"]["tool_ms"] is None
    assert pushed["stages"]["eou_ms"] > 0


@pytest.mark.speech
async def test_a_spoken_turn_up_to_the_loudspeaker(gateway: Gateway) -> None:
    minted = gateway.mint()
    protocols = ("realtime", "voiceassist.v1")
    async with gateway.call(minted, subprotocols=protocols) as socket:
        for frame in spoken_frames("goforward.wav"):
            await socket.send(**frame)
        sound = await socket.wait_for("response.output_audio.delta")
        told = {"type": "voiceassist.playout", "item_id": sound["item_id"]}
        await socket.send(**told, playout_ms=61.5)
        await socket.send(**told, underruns=2)
        await socket.wait_for("response.done")
    (turn,) = await turns_that_equal_the_log(gateway, minted["session_id"])
    stages = turn["stages"]
    assert (turn["view"], turn["underruns"], stages["playout_ms"]) == ("client", 2, 61.5)
    parts = ("eou_ms", "think_ms", "first_audio_ms", "relay_ms", "playout_ms")
    assert stages["v2v_ms"] == pytest.approx(sum(stages[name] for name in parts), abs=0.1)
    metrics = gateway.http.get("/metrics").text
    assert "voice_turn_v2v_seconds_count" in metrics
    assert "voice_turn_eou_seconds_count 0\n" not in metrics
