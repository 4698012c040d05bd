from __future__ import annotations

from typing import Any

import orjson
import pytest

from realtime.core.client_edge import ClientEdge
from realtime.core.dialect import Dialect
from realtime.core.errors import InvalidEvent, LimitReached
from realtime.core.frames import Frame, parse_client_frame, parse_server_frame
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import make_setup


def provider(event: Event) -> Frame:
    frame = parse_server_frame(events.text(event))
    assert frame is not None
    return frame


def client(event: Event) -> Frame:
    return parse_client_frame(events.text(event))


def shown(edge: ClientEdge, event: Event) -> Any:
    raw = edge.to_client(provider(event))
    return None if raw is None else orjson.loads(raw)


def test_a_session_is_shown_with_our_id_and_the_clients_instructions() -> None:
    session = shown(ClientEdge(make_setup()), events.session_updated())["session"]
    assert session["id"] == "rtc_1_abc"
    assert session["instructions"] == "Be brief."
    assert session["audio"] == events.SESSION["audio"]


def test_an_operator_may_show_the_server_instructions() -> None:
    edge = ClientEdge(make_setup(server_instructions_hidden=False))
    assert shown(edge, events.session_updated())["session"]["instructions"] == (
        "Server secret. Be brief."
    )


def test_a_session_without_instructions_gets_none() -> None:
    edge = ClientEdge(make_setup())
    assert shown(edge, {"type": "session.updated", "session": {"type": "realtime"}}) == {
        "type": "session.updated",
        "session": {"type": "realtime", "id": "rtc_1_abc"},
    }


def test_a_transcription_the_client_refused_is_shown_as_null() -> None:
    edge = ClientEdge(make_setup(transcription_asked_null=True))
    session = shown(edge, events.session_updated())["session"]
    assert session["audio"]["input"]["transcription"] is None
    assert session["audio"]["input"]["turn_detection"]["type"] == "server_vad"


def test_other_events_keep_their_bytes() -> None:
    edge = ClientEdge(make_setup())
    for raw in ('{"type": "new.event",  "x": 1}', '{"type":"session.closed","session":7}'):
        frame = parse_server_frame(raw)
        assert frame is not None
        assert edge.to_client(frame) == raw


def test_a_flat_first_update_makes_the_client_a_beta_client() -> None:
    edge = ClientEdge(make_setup())
    translated = edge.from_client(client({"type": "session.update", "session": {"voice": "x"}}))
    assert translated.body["session"]["audio"] == {"output": {"voice": "x"}}
    assert orjson.loads(translated.raw) == translated.body
    assert edge.dialect is Dialect.BETA
    assert shown(edge, events.audio_delta("r1", "a1"))["type"] == "response.audio.delta"
    assert shown(edge, events.session_updated())["session"]["voice"] == "marin"
    assert edge.to_client(provider(events.item_event("done", events.user_text("t", "x")))) is None
    same = provider(events.speech_started("u1"))
    assert edge.to_client(same) is same.raw


def test_only_the_first_update_decides_the_dialect() -> None:
    edge = ClientEdge(make_setup())
    edge.notice_dialect(client({"type": "session.update", "session": {"type": "realtime"}}))
    late = edge.from_client(client({"type": "session.update", "session": {"voice": "x"}}))
    assert late.body["session"]["audio"] == {"output": {"voice": "x"}}
    assert edge.dialect is Dialect.GA


def test_ga_events_of_either_client_keep_their_bytes() -> None:
    ask = client({"type": "response.create"})
    assert ClientEdge(make_setup()).from_client(ask) is ask
    assert ClientEdge(make_setup(dialect=Dialect.BETA)).from_client(ask) is ask


def test_a_flat_value_is_refused_by_the_clients_own_field_and_changes_nothing() -> None:
    edge = ClientEdge(make_setup())
    with pytest.raises(InvalidEvent) as refused:
        edge.from_client(
            client({"type": "session.update", "session": {"input_audio_format": "mp3"}})
        )
    assert edge.as_client_says(refused.value).param == "session.input_audio_format"


def test_a_beta_client_is_greeted_with_its_conversation_and_keeps_its_temperature() -> None:
    edge = ClientEdge(make_setup(dialect=Dialect.BETA))
    greeting = edge.greeting()
    assert greeting is not None
    assert greeting["type"] == "conversation.created"
    edge.from_client(client({"type": "session.update", "session": {"temperature": 0.7}}))
    assert shown(edge, events.session_updated())["session"]["temperature"] == 0.7
    created = shown(edge, events.response_created("r1"))["response"]
    assert created["conversation_id"] == greeting["conversation"]["id"]


def test_nobody_else_is_greeted_with_a_conversation() -> None:
    assert ClientEdge(make_setup()).greeting() is None
    listening = make_setup(dialect=Dialect.BETA, config={"type": "transcription"})
    assert ClientEdge(listening).greeting() is None


def test_a_transcription_session_update_makes_the_client_a_beta_client() -> None:
    edge = ClientEdge(make_setup(config={"type": "transcription"}))
    update = client({"type": "transcription_session.update", "session": {"include": None}})
    translated = edge.from_client(update)
    assert translated.type == "session.update"
    assert translated.body["session"] == {"type": "transcription", "include": None}
    assert edge.dialect is Dialect.BETA
    bare = edge.from_client(client({"type": "transcription_session.update"}))
    assert bare.body == {"type": "session.update"}


def test_errors_name_fields_as_the_client_wrote_them() -> None:
    error = InvalidEvent("No.", param="session.audio.output.voice", client_event_id="c1")
    beta = ClientEdge(make_setup(dialect=Dialect.BETA))
    translated = beta.as_client_says(error)
    assert isinstance(translated, InvalidEvent)
    assert (translated.param, translated.client_event_id) == ("session.voice", "c1")
    assert ClientEdge(make_setup()).as_client_says(error) is error
    other = LimitReached("Slow.")
    assert beta.as_client_says(other) is other
