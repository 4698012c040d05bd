"""Sessions that only listen: live captions without an answer, kept like any conversation."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.gateway import Gateway, Socket, ended
from tests.contract.test_turns import spoken_frames

COMPLETED = "conversation.item.input_audio_transcription.completed"
LISTENING = {"session": {"type": "transcription"}}


async def caption(socket: Socket) -> str:
    """Speak, and wait for the words."""
    for frame in spoken_frames("goforward.wav"):
        await socket.send(**frame)
    return str((await socket.wait_for(COMPLETED))["transcript"])


@pytest.mark.speech
async def test_a_minted_secret_listens_writes_down_and_answers_nothing(gateway: Gateway) -> None:
    answer = gateway.request("POST", "/v1/realtime/client_secrets", json=LISTENING)
    assert answer.status_code == 200, answer.text
    secret = answer.json()
    socket = await gateway.dial(secret["value"])
    created = await socket.wait_for("session.created")
    assert created["session"]["object"] == "realtime.transcription_session"
    assert created["session"]["type"] == "transcription"
    transcript = await caption(socket)
    assert "forward" in transcript.lower()
    await socket.send(type="response.create", event_id="c1")
    error = (await socket.wait_for("error"))["error"]
    assert (error["type"], error["event_id"]) == ("invalid_request_error", "c1")
    await socket.connection.close()
    session = await ended(gateway, created["session"]["id"])
    (item,) = gateway.items(session["conversation_id"])
    assert (item["role"], item["source"], item["text"]) == ("user", "voice", transcript)
    assert not any(event["type"].startswith("response.") for event in socket.events)
    review = gateway.request(
        "GET", f"/api/review/conversations/{session['conversation_id']}/", person="admin"
    )
    assert review.status_code == 200
    assert transcript in review.text
    titles = gateway.request("GET", "/api/conversations/").json()["results"]
    assert session["conversation_id"] in {row["id"] for row in titles}


async def test_a_token_and_the_intent_open_one_whose_settings_can_be_changed(
    gateway: Gateway,
) -> None:
    query = "?intent=transcription&model=whisper-1"
    socket = await gateway.dial(gateway.access(), query=query)
    created = await socket.wait_for("session.created")
    assert created["session"]["type"] == "transcription"
    assert created["session"]["audio"]["input"]["transcription"]["model"] == "whisper-1"
    assert "instructions" not in created["session"]
    audio = {"input": {"turn_detection": None}}
    session = {"type": "transcription", "audio": audio}
    await socket.send(type="session.update", session=session)
    updated = await socket.wait_for("session.updated", "error")
    assert updated["session"]["audio"]["input"]["turn_detection"] is None
    await socket.connection.close()


async def test_a_beta_client_reads_its_own_names(gateway: Gateway) -> None:
    beta = {"OpenAI-Beta": "realtime=v1"}
    socket = await gateway.dial(gateway.access(), query="?intent=transcription", headers=beta)
    created = await socket.wait_for("transcription_session.created")
    assert created["session"]["input_audio_format"] == "pcm16"
    session = {"input_audio_format": "g711_ulaw", "turn_detection": None}
    await socket.send(type="transcription_session.update", session=session)
    updated = (await socket.wait_for("transcription_session.updated", "error"))["session"]
    assert updated["input_audio_format"] == "g711_ulaw"
    await socket.connection.close()


async def test_a_secret_keeps_its_type_whatever_the_address_asks_for(gateway: Gateway) -> None:
    minted = gateway.mint()
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial(minted["api_key"], query="?intent=transcription")
    assert refused.value.response.status_code == 403
    error = json.loads(refused.value.response.body)["error"]
    assert (error["code"], error["param"]) == ("session_type_mismatch", "intent")
    async with gateway.call(minted, query="?model=whatever"):
        pass


async def test_another_intent_is_refused(gateway: Gateway) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await gateway.dial(gateway.access(), query="?intent=opera")
    assert refused.value.response.status_code == 403
