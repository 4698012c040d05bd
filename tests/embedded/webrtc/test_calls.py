"""Calls on the provider's own server: real Opus, a real data channel, real ears and voice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import numpy as np
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server
from websockets.exceptions import InvalidStatus

from realtime.upstream.embedded.provider import EmbeddedProvider
from realtime.upstream.embedded.server import start_server
from tests.embedded.conftest import Samples, human_speech
from tests.embedded.studio import find
from tests.embedded.webrtc.caller import Caller, a_caller, message
from tests.embedded.wire import check_event, order, recorded_order

pytestmark = [pytest.mark.speech, pytest.mark.asyncio(loop_scope="module")]

KEY = {"Authorization": "Bearer any"}
SDP = {**KEY, "Content-Type": "application/sdp"}
TIMEOUT_S = 30
LISTEN = {
    "type": "realtime",
    "audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}},
}
SIDEBAND_TURN = "test_openai_ws_sideband__test_webrtc_sideband_audio_turn"
VOICE_TURN = "test_openai_ws__test_audio_in_server_vad_turn"


class Provider:
    """The server as its clients see it."""

    def __init__(self, server: Server) -> None:
        port = next(iter(server.sockets)).getsockname()[1]
        self.socket_url = f"ws://127.0.0.1:{port}/v1/realtime"
        self.calls_url = f"http://127.0.0.1:{port}/v1/realtime/calls"
        self.http = httpx.AsyncClient(timeout=TIMEOUT_S)

    async def call(self, caller: Caller, **offer: bool) -> str:
        """Have the caller's offer answered and connect; the call's id."""
        sdp = await caller.offer(**offer)
        url = f"{self.calls_url}?model=gpt-realtime-2.1"
        answered = await self.http.post(url, content=sdp, headers=SDP)
        assert answered.status_code == 201, answered.text
        await caller.connect(answered.text)
        return str(answered.headers["location"].rpartition("/")[2])

    async def hang_up(self, call_id: str) -> httpx.Response:
        return await self.http.post(f"{self.calls_url}/{call_id}/hangup", headers=KEY)

    def sideband(self, call_id: str) -> connect:
        return connect(f"{self.socket_url}?call_id={call_id}", additional_headers=KEY)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(provider: EmbeddedProvider) -> AsyncIterator[Provider]:
    listening = await start_server(provider, "127.0.0.1", 0)
    face = Provider(listening)
    yield face
    await face.http.aclose()
    listening.close()
    await listening.wait_closed()


async def until(sideband: ClientConnection, event_type: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    async with asyncio.timeout(TIMEOUT_S):
        while not events or events[-1]["type"] != event_type:
            events.append(json.loads(await sideband.recv()))
            check_event(events[-1])
    return events


async def test_a_person_is_heard_and_answered_with_sound_while_a_sideband_listens(
    server: Provider,
) -> None:
    async with a_caller() as caller:
        call_id = await server.call(caller)
        async with server.sideband(call_id) as sideband:
            caller.send("session.update", session=LISTEN)
            caller.say(human_speech("goforward"))
            events = await caller.until("output_audio_buffer.stopped")
            seen = await until(sideband, "output_audio_buffer.stopped")
            assert caller.heard_speech_ms > 800
            assert (await server.hang_up(call_id)).status_code == 200
            async with asyncio.timeout(TIMEOUT_S):
                await sideband.wait_closed()
            assert sideband.close_code == 1000
        await caller.wait_for(lambda: caller.peer.connectionState == "closed")

    names = [event["type"] for event in events]
    assert names[:2] == ["session.created", "session.updated"]
    assert events[0]["session"]["id"] == call_id.replace("rtc_", "sess_")
    heard = find(events, "conversation.item.input_audio_transcription.completed")
    assert heard["transcript"] == "go forward ten meters"
    said = find(events, "response.output_audio_transcript.done")["transcript"]
    assert said == "Going forward ten meters."
    turn = recorded_order(VOICE_TURN, "input_audio_buffer.speech_started", "response.created")
    answer = recorded_order(SIDEBAND_TURN, "response.created", "output_audio_buffer.stopped")
    assert order(events)[2:] == [*turn, *answer[1:]]
    assert "response.output_audio.delta" not in names
    assert seen == events[1:]  # everything but `session.created`


async def test_speaking_over_an_answer_truncates_it_to_what_was_played(
    server: Provider, flite: Callable[[str], Samples]
) -> None:
    async with a_caller() as caller:
        call_id = await server.call(caller, with_candidates=False)
        caller.ask("count to twenty")
        await caller.until("output_audio_buffer.started")
        await caller.wait_for(lambda: caller.heard_speech_ms > 600)
        caller.say(flite("stop"))
        events = await caller.until("conversation.item.truncated")
        played_ms = events[-1]["audio_end_ms"]
        names = order(events)
        start = names.index("input_audio_buffer.speech_started")
        assert names[start + 1] == "output_audio_buffer.cleared"
        heard_ms = caller.heard_speech_ms
        # What was played is on its way for a jitter buffer's length; pauses count as played.
        assert 500 < played_ms < heard_ms + 1500
        caller.send("conversation.item.retrieve", item_id=events[-1]["item_id"])
        kept = (await caller.until("conversation.item.retrieved"))[-1]["item"]["content"][0]
        assert kept["transcript"].startswith("One, two")
        assert "twenty" not in kept["transcript"]
        await server.hang_up(call_id)


async def test_a_sideband_seeds_history_and_asks_and_the_caller_sees_it_all(
    server: Provider,
) -> None:
    async with a_caller() as caller:
        call_id = await server.call(caller)
        async with server.sideband(call_id) as first, server.sideband(call_id) as second:
            seed = {
                "id": "item_seed",
                **message([{"type": "input_text", "text": "my name is bob"}]),
            }
            await first.send(json.dumps({"type": "conversation.item.create", "item": seed}))
            assert (await until(first, "conversation.item.done"))[0]["item"]["id"] == "item_seed"
            await until(second, "conversation.item.done")
        async with server.sideband(call_id) as again:
            question = message([{"type": "input_text", "text": "what is my name"}])
            await again.send(json.dumps({"type": "conversation.item.create", "item": question}))
            options = {"output_modalities": ["text"]}
            await again.send(json.dumps({"type": "response.create", "response": options}))
            events = await until(again, "response.done")
            assert order(events)[0] == "conversation.item.added"
            assert find(events, "response.output_text.done")["text"] == "Your name is Bob."
            seen = await caller.until("response.done")
            added = [e["item"]["id"] for e in seen if e["type"] == "conversation.item.added"]
            assert added[0] == "item_seed"
            await caller.aclose()  # the caller leaves: the sideband closes cleanly
            async with asyncio.timeout(TIMEOUT_S):
                await again.wait_closed()
            assert again.close_code == 1000
    with pytest.raises(InvalidStatus) as refused:
        await server.sideband(call_id)
    body = json.loads(refused.value.response.body or b"")
    assert refused.value.response.status_code == 404
    assert body == {
        "error": {
            "message": "No session found for the provided call_id",
            "type": "invalid_request_error",
            "code": "call_id_not_found",
            "param": "",
        }
    }


async def test_a_call_s_answer_has_the_recorded_headers_and_takes_a_form(
    server: Provider,
) -> None:
    session = {"type": "realtime", "model": "gpt-realtime", "instructions": "Answer in two words."}
    async with a_caller() as caller:
        form = {
            "sdp": (None, await caller.offer(), "application/sdp"),
            "session": (None, json.dumps(session), "application/json"),
        }
        answered = await server.http.post(server.calls_url, files=form, headers=KEY)
        assert answered.status_code == 201
        assert answered.text.startswith("v=0\r\n")
        assert answered.text.endswith("\r\n")
        assert answered.headers["content-type"] == "application/sdp"
        assert answered.headers["location"].startswith("/v1/realtime/calls/rtc_")
        assert answered.headers["access-control-expose-headers"] == "Location, X-Request-Id"
        assert answered.headers["access-control-allow-origin"] == "*"
        assert answered.headers["timing-allow-origin"] == "*"
        await caller.connect(answered.text)
        (created,) = await caller.until("session.created")
    assert created["session"]["model"] == "gpt-realtime"
    assert created["session"]["instructions"] == "Answer in two words."


async def test_a_call_by_client_secret_has_the_session_bound_to_it(server: Provider) -> None:
    session = {"type": "realtime", "instructions": "Be brief.", "output_modalities": ["text"]}
    url = server.calls_url.replace("calls", "client_secrets")
    minted = (await server.http.post(url, json={"session": session}, headers=KEY)).json()
    headers = {**SDP, "Authorization": f"Bearer {minted['value']}"}
    async with a_caller() as caller:
        offer = await caller.offer()
        answered = await server.http.post(server.calls_url, content=offer, headers=headers)
        await caller.connect(answered.text)
        created = (await caller.until("session.created"))[-1]["session"]
    assert created["instructions"] == "Be brief."
    assert created["output_modalities"] == ["text"]
    assert created["id"] == answered.headers["location"].rpartition("/")[2].replace("rtc", "sess")


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/sdp", b"v=0\r\n", "invalid_offer"),
        ("application/sdp", b'{"sdp": "v=0"}', "invalid_offer"),
        ("application/sdp", b"", "missing_required_parameter"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="session"\r\n\r\n{}\r\n--x--\r\n',
            "missing_required_parameter",
        ),
        ("multipart/form-data; boundary=x", b"no form", "missing_required_parameter"),
    ],
)
async def test_what_is_no_offer_is_refused_in_openai_s_words(
    server: Provider, content_type: str, body: bytes, code: str
) -> None:
    headers = {**KEY, "Content-Type": content_type}
    refused = await server.http.post(server.calls_url, content=body, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == code
    assert refused.json()["error"]["type"] == "invalid_request_error"


async def test_a_session_that_cannot_be_is_refused_before_the_call(server: Provider) -> None:
    async with a_caller() as caller:
        form = {
            "sdp": (None, await caller.offer()),
            "session": (None, '{"type": "realtime", "audio": {"output": {"voice": "nobody"}}}'),
        }
        refused = await server.http.post(server.calls_url, files=form, headers=KEY)
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "session.audio.output.voice"


async def test_hanging_up_an_unknown_call_and_calling_without_a_key(server: Provider) -> None:
    unknown = await server.hang_up("rtc_u0_unknown")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "call_id_not_found")
    nobody = await server.http.post(server.calls_url, content=b"v=0", headers={})
    assert nobody.status_code == 401


async def test_a_turn_ends_although_the_caller_s_track_fell_silent(
    server: Provider, flite: Callable[[str], Samples]
) -> None:
    async with a_caller() as caller:
        await server.call(caller)
        caller.send("session.update", session=LISTEN)
        speech = np.concatenate((np.zeros(12_000, np.int16), flite("hello")))
        caller.say(speech)
        await caller.wait_for(lambda: not caller.is_speaking)
        caller.microphone.stop()
        done = (await caller.until("conversation.item.input_audio_transcription.completed"))[-1]
        assert done["transcript"] == "hello"
