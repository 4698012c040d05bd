from __future__ import annotations

from typing import Any

import pytest

from realtime.core.dialect import Dialect
from realtime.core.effects import SendUpstream
from realtime.core.limits import SessionLimits
from tests.core.test_flat_session import VOICE_CONFIG
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import LiveSession, only_error, to_client, to_upstream


def update(**session: Any) -> Event:
    return {"type": "session.update", "session": {"type": "realtime", **session}}


@pytest.mark.parametrize(
    "raw",
    [
        '{"type": "input_audio_buffer.append", "audio": "AAA="}',
        '{"type":"input_audio_buffer.commit"}',
        '{"type":"input_audio_buffer.clear","new_field":1}',
        '{"type":"output_audio_buffer.clear"}',
        '{"type":"conversation.item.create","item":{"type":"message","role":"user"}}',
        '{"type":"conversation.item.retrieve","item_id":"a"}',
        '{"type":"conversation.item.truncate","item_id":"a","audio_end_ms":1}',
        '{"type":"conversation.item.delete","item_id":"a"}',
        '{"type":"response.create"}',
        '{"type":"response.create","response":{"instructions":"x"}}',
        '{"type":"response.cancel"}',
    ],
)
def test_an_event_that_policy_allows_leaves_byte_for_byte(raw: str) -> None:
    assert LiveSession().say(raw) == [SendUpstream(raw)]


def test_what_our_own_page_measures_is_for_nobody_else_and_nobody_elses_to_say() -> None:
    playout = {"type": "voiceassist.playout", "item_id": "a1", "playout_ms": 41}
    assert LiveSession(private_events=True).say(playout) == []
    assert only_error(LiveSession().say(playout))["param"] == "type"


@pytest.mark.parametrize(
    ("sent", "code", "param"),
    [
        (b"\0\1", "invalid_event", None),
        ("{", "invalid_event", None),
        ({"type": "make.coffee"}, "invalid_event", "type"),
        ({"type": "input_audio_buffer.append"}, "missing_required_parameter", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "?"}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "AAAA"}, "invalid_value", "audio"),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": {}}, "missing_required_parameter", "session.type"),
        (
            {"type": "session.update", "session": {"type": "transcription"}},
            "invalid_value",
            "session.type",
        ),
        (update(tools=[{"type": "mcp"}]), "invalid_value", "session.tools[0].type"),
        ({"type": "response.create", "response": 7}, "invalid_type", "response"),
        (
            {"type": "response.create", "response": {"tools": [{"type": "mcp"}]}},
            "invalid_value",
            "response.tools[0].type",
        ),
        ({"type": "conversation.item.create"}, "missing_required_parameter", "item"),
        (
            {"type": "conversation.item.create", "item": {"id": "x" * 65}},
            "string_above_max_length",
            "item.id",
        ),
    ],
)
def test_a_forbidden_event_costs_an_error_event_and_nothing_else(
    sent: Event | str | bytes, code: str, param: str | None
) -> None:
    error = only_error(LiveSession().say(sent))
    assert (error["code"], error["param"]) == (code, param)
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("sent", "upstream"),
    [
        ({"model": "gpt-9", "instructions": "x"}, {"instructions": "x"}),
        ({"output_modalities": None, "max_output_tokens": None}, {}),
        ({"audio": {"output": {"voice": None}}}, {"audio": {"output": {}}}),
    ],
)
def test_a_response_is_asked_without_what_the_server_chooses(sent: Event, upstream: Event) -> None:
    event = {"type": "response.create", "event_id": "c1", "response": sent}
    assert to_upstream(LiveSession().say(event)) == [{**event, "response": upstream}]


@pytest.mark.parametrize(
    "raw",
    [
        '{"type":"input_audio_buffer.append","audio":"","Session":{},"Type":"session.update"}',
        '{"type":"response.create","Response":{"tools":[{"type":"mcp"}]}}',
        '{"type":"response.create","response":{"Tools":[{"type":"mcp"}]}}',
        '{"type":"response.create","response":{"tools":[{"type":"function","TYPE":"mcp"}]}}',
        '{"type":"response.create","response":{"audio":{"output ":{"voice":"bob"}}}}',
        '{"type":"conversation.item.create","item":{"type":"message","\\u017fession":1}}',
        '{"type":"session.update","session":{"type":"realtime","tools\\u0000":[]}}',
    ],
)
def test_a_key_that_another_reader_could_take_for_a_judged_one_is_refused(raw: str) -> None:
    error = only_error(LiveSession().say(raw))
    assert error["code"] == "unknown_parameter"
    assert "Did you mean" in error["message"]


@pytest.mark.parametrize("key", ["session", "response", "item"])
def test_what_is_judged_is_refused_in_an_event_where_it_is_not(key: str) -> None:
    error = only_error(LiveSession().say({"type": "input_audio_buffer.commit", key: {}}))
    assert (error["code"], error["param"]) == ("unknown_parameter", key)


def test_keys_that_resemble_nothing_are_the_providers_affair() -> None:
    raw = '{"type":"input_audio_buffer.append","audio":"AAA=","new_field":{"Type":1}}'
    assert LiveSession().say(raw) == [SendUpstream(raw)]


def test_an_error_echoes_the_event_id_of_what_it_answers() -> None:
    error = only_error(LiveSession().say({"type": "make.coffee", "event_id": "c7"}))
    assert error["event_id"] == "c7"
    assert "'session.update'" in error["message"]


def test_g711_may_end_anywhere() -> None:
    live = LiveSession()
    g711 = events.session_updated(audio={"input": {"format": {"type": "audio/pcmu"}}})
    live.feed(g711)
    assert len(live.say({"type": "input_audio_buffer.append", "audio": "AAAA"})) == 1


def test_an_update_is_sent_with_our_instructions_in_front() -> None:
    live = LiveSession()
    (sent,) = to_upstream(live.say(update(instructions="Rhyme.")))
    assert sent["session"]["instructions"] == "Server secret.\n\nRhyme."
    (shown,) = to_client(live.feed(events.session_updated()))
    assert shown["type"] == "session.updated"
    assert shown["session"]["instructions"] == "Rhyme."
    live.say(update(instructions=None))
    (shown,) = to_client(live.feed(events.session_updated()))
    assert shown["session"]["instructions"] == ""


def test_an_update_asks_only_what_the_server_lets_a_client_choose() -> None:
    live = LiveSession()
    asked = update(model="gpt-9", audio={"input": {"transcription": {"model": "ears-9"}}})
    (sent,) = to_upstream(live.say(asked))
    assert sent["session"] == {
        "type": "realtime",
        "audio": {"input": {"transcription": {"model": "whisper-1"}}},
    }


def test_transcription_stays_on_when_the_client_turns_it_off_and_is_shown_as_asked() -> None:
    live = LiveSession()
    off = update(audio={"input": {"transcription": None, "turn_detection": None}})
    (sent,) = to_upstream(live.say(off))
    assert sent["session"]["audio"] == {"input": {"turn_detection": None}}
    (shown,) = to_client(live.feed(events.session_updated()))
    assert shown["session"]["audio"]["input"]["transcription"] is None
    live.say(update(audio={"input": {"transcription": {"model": "whisper-1"}}}))
    (shown,) = to_client(live.feed(events.session_updated()))
    assert shown["session"]["audio"]["input"]["transcription"]["model"] == "whisper-1"


def test_transcription_may_be_off_where_no_transcript_is_kept() -> None:
    live = LiveSession(save_transcript=False)
    (sent,) = to_upstream(live.say(update(audio={"input": {"transcription": None}})))
    assert sent["session"]["audio"]["input"]["transcription"] is None


def test_an_update_the_provider_refuses_changes_nothing_that_is_shown() -> None:
    live = LiveSession()
    (sent,) = to_upstream(live.say(update(instructions="Rhyme.")))
    (refused,) = to_client(live.feed(events.error("invalid_value", event_id=sent["event_id"])))
    assert refused["error"]["event_id"] is None
    (shown,) = to_client(live.feed(events.session_updated()))
    assert shown["session"]["instructions"] == "Be brief."


def test_a_refused_update_echoes_the_clients_own_event_id() -> None:
    live = LiveSession()
    live.say({**update(instructions="Rhyme."), "event_id": "c1"})
    (refused,) = to_client(live.feed(events.error("invalid_value", event_id="c1")))
    assert refused["error"]["event_id"] == "c1"
    live.say({**update(instructions="One."), "event_id": "c2"})
    live.say({**update(instructions="Two."), "event_id": "c3"})
    live.feed(events.error("invalid_value", event_id="c3"))
    (shown,) = to_client(live.feed(events.session_updated()))
    assert shown["session"]["instructions"] == "One."


def test_the_voice_config_of_a_mint_works_as_a_session_update() -> None:
    live = LiveSession()
    (sent,) = to_upstream(live.say({"type": "session.update", "session": VOICE_CONFIG}))
    assert sent["session"]["type"] == "realtime"
    assert sent["session"]["audio"]["output"]["voice"] == "marin"
    (shown,) = to_client(live.feed(events.session_updated()))
    assert shown["session"]["voice"] == "marin"
    assert shown["session"]["modalities"] == ["text", "audio"]


def test_a_beta_client_need_not_name_the_session_type_and_reads_its_own_fields() -> None:
    live = LiveSession(dialect=Dialect.BETA)
    bare = {"type": "session.update", "session": {"instructions": "x"}}
    assert len(to_upstream(live.say(bare))) == 1
    wrong = {"type": "session.update", "event_id": "c1", "session": {"voice": "bob"}}
    error = only_error(live.say(wrong))
    assert (error["param"], error["event_id"]) == ("session.voice", "c1")


FLAT_UPDATE = {"type": "session.update", "session": {"voice": "bob"}}
GA_UPDATE = update(audio={"output": {"voice": "bob"}})


def flat_response(**options: Any) -> Event:
    return {"type": "response.create", "response": {"modalities": ["text"], **options}}


@pytest.mark.parametrize(
    ("dialect", "event", "param"),
    [
        (Dialect.GA, FLAT_UPDATE, "session.voice"),
        (Dialect.BETA, FLAT_UPDATE, "session.voice"),
        (Dialect.GA, GA_UPDATE, "session.audio.output.voice"),
        (Dialect.BETA, GA_UPDATE, "session.audio.output.voice"),
        (Dialect.BETA, flat_response(voice="bob"), "response.voice"),
        (Dialect.BETA, flat_response(max_output_tokens="x"), "response.max_output_tokens"),
        (Dialect.BETA, update(tools=[{"type": "mcp"}]), "session.tools[0].type"),
    ],
)
def test_an_error_names_the_field_as_it_stands_in_the_event(
    dialect: Dialect, event: Event, param: str
) -> None:
    live = LiveSession(dialect=dialect)
    live.say(update(instructions="GA first."))  # decides for a client that named no dialect
    error = only_error(live.say(event))
    assert error["param"] == param
    assert f"'{param}'" in error["message"]


def test_a_beta_client_is_not_told_what_the_beta_did_not_have() -> None:
    live = LiveSession(dialect=Dialect.BETA)
    live.feed(events.item_event("added", events.user_text("t1", "Hi")))
    assert live.feed(events.item_event("done", events.user_text("t1", "Hi"))) == []


def test_a_client_that_is_too_fast_is_read_more_slowly() -> None:
    live = LiveSession(limits=SessionLimits(events_per_s=10, audio_bytes_per_s=1000))
    clear = {"type": "input_audio_buffer.clear"}
    live.say(*[clear] * 10)
    assert live.session.client_wait_s(0.0) == 0.0
    live.say(clear)
    assert live.session.client_wait_s(0.0) == pytest.approx(0.1)


def test_audio_has_a_burst_and_then_a_rate() -> None:
    limits = SessionLimits(audio_bytes_per_s=960, audio_burst_bytes=960)
    live = LiveSession(limits=limits)
    append = {"type": "input_audio_buffer.append", "audio": events.silence(20)}
    live.say(append)
    assert live.session.client_wait_s(0.0) == 0.0
    live.say(append)
    assert live.session.client_wait_s(0.0) == pytest.approx(1.0)
