"""What clients of a scripted provider see while it is slow to come, and when it dies for good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts.test_services import free_port
from tests.contract.gateway import Gateway, ended
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.realtime_server import fake_realtime_server
from tests.fakes.upstream import SET_UP, Close, Expect, Wait, emit

LISTENING: Event = {
    "type": "transcription",
    "object": "realtime.transcription_session",
    "id": "sess_provider",
    "audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}},
}
EARLY: tuple[Event, ...] = (
    {"type": "session.update", "session": {"type": "realtime", "tracing": "auto"}},
    {
        "type": "conversation.item.create",
        "item": {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "Hello"}],
        },
    },
    {"type": "input_audio_buffer.append", "audio": events.silence(20)},
    {"type": "response.create"},
)


PORT = free_port()


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A server whose provider is whoever listens at `PORT`."""
    with Gateway(
        tmp_path_factory.mktemp("relay"),
        REALTIME_PROVIDER="openai",
        OPENAI_API_KEY="sk-canary-0123456789",
        REALTIME_BASE_URL=f"ws://127.0.0.1:{PORT}/v1/realtime",
    ) as shared:
        yield shared


async def test_what_a_client_says_early_reaches_the_provider_in_its_order(
    relay: Gateway,
) -> None:
    answer = emit(events.response_created("r1"))
    late = (emit(), Wait(), *SET_UP, Expect("response.create"), answer)
    async with fake_realtime_server(late, port=PORT) as provider:
        socket = await relay.dial(relay.access())
        for event in EARLY:
            await socket.connection.send(json.dumps(event))
        await provider.first_connection()
        provider.proceed()
        await socket.wait_for("session.created")
        await socket.wait_for("response.created")
        _, *heard = provider.received[0]
        assert [event["type"] for event in heard] == [event["type"] for event in EARLY]
        await socket.connection.close()


async def test_an_answer_fails_before_the_error_and_the_close_when_no_provider_is_left(
    relay: Gateway,
) -> None:
    answer = emit(*events.answer_begins("r1", "a1"))
    dies = (*SET_UP, Expect("response.create"), answer, Wait(), Close(1011))
    async with fake_realtime_server(dies, port=PORT) as provider:
        socket = await relay.dial(relay.access())
        created = await socket.wait_for("session.created")
        await socket.send(type="response.create")
        await socket.wait_for("response.output_audio.delta")
        provider.refuse_with = HTTPStatus.UNAUTHORIZED
        provider.proceed()
        assert await socket.closed() == (4502, "upstream_auth")
        types = [event["type"] for event in socket.events]
        assert types[-2:] == ["response.done", "error"]
        response = socket.events[-2]["response"]
        assert (response["id"], response["status"]) == ("r1", "failed")
        assert response["status_details"]["error"]["type"] == "server_error"
        session = await ended(relay, created["session"]["id"])
        (item,) = relay.items(session["conversation_id"])
        assert (item["text"], item["status"]) == ("Hello", "incomplete")


async def test_a_session_that_only_listens_is_asked_for_by_intent_and_paid_by_the_minute(
    relay: Gateway,
) -> None:
    listens = (
        emit({**events.session_created(), "session": LISTENING}),
        Expect("session.update"),
        emit({**events.session_updated(), "session": LISTENING}),
        Expect("input_audio_buffer.commit"),
        emit(
            events.committed("u1"),
            events.item_event("added", events.user_speech("u1")),
            events.item_event("done", events.user_speech("u1")),
            events.transcription_completed("u1", "Good morning."),
        ),
    )
    async with fake_realtime_server(listens, port=PORT) as provider:
        socket = await relay.dial(relay.access(), query="?intent=transcription")
        created = await socket.wait_for("session.created")
        assert created["session"]["object"] == "realtime.transcription_session"
        path, _ = provider.requests[0]
        assert parse_qs(urlsplit(path).query) == {"intent": ["transcription"]}
        set_up = provider.received[0][0]["session"]
        assert set_up["type"] == "transcription"
        assert set_up["audio"]["input"]["transcription"]["model"] == "gpt-realtime-whisper"
        assert "instructions" not in set_up
        await socket.send(type="input_audio_buffer.commit")
        await socket.wait_for("conversation.item.input_audio_transcription.completed")
        await socket.connection.close()
        session = await ended(relay, created["session"]["id"])
        assert session["model"] == "gpt-realtime-whisper"
        assert float(session["cost_usd"]) > 0
        (item,) = relay.items(session["conversation_id"])
        assert (item["role"], item["text"]) == ("user", "Good morning.")
