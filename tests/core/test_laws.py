"""The laws of the design that the pure machine keeps; the lanes' own are in tests/runtime."""

from __future__ import annotations

import ast
from pathlib import Path

import realtime.core
from realtime.core.effects import SendClient, SendUpstream, Store
from tests.fakes import events
from tests.fakes.sessions import LiveSession, records, to_client

CORE = Path(realtime.core.__file__).parent


def test_law_1_records_come_only_from_server_events() -> None:
    live = LiveSession()
    create = {"type": "conversation.item.create", "item": events.user_text("t1", "Hello")}
    truncate = {"type": "conversation.item.truncate", "item_id": "t1", "audio_end_ms": 0}
    delete = {"type": "conversation.item.delete", "item_id": "t1"}
    assert records(live.say(create, truncate, delete, {"type": "response.create"})) == []
    assert len(records(live.feed(events.item_event("added", events.user_text("t1", "Hello"))))) == 2


def test_law_2_a_record_precedes_the_frame_it_was_read_from() -> None:
    live = LiveSession()
    live.feed(events.speech_started("u1"), *events.answer_begins("r1", "a1"))
    for final in (
        events.transcription_completed("u1", "Hello."),
        events.transcript_done("r1", "a1", "Hello."),
        events.text_done("r1", "a2", "Written."),
    ):
        effects = live.feed(final)
        assert isinstance(effects[-1], SendClient)
        assert effects[-1].item_ids
        assert len(effects) > 1
        assert all(isinstance(effect, Store) for effect in effects[:-1])


def test_law_3_raw_in_is_raw_out() -> None:
    live = LiveSession()
    up = '{ "type":"input_audio_buffer.append", "audio":"AAA=" , "x": [1,  2]}'
    down = '{ "type":"response.output_text.delta",  "delta":"\\u0041", "new_field": {} }'
    unknown = '{"type":"a.new.event",   "z":1}'
    assert live.say(up) == [SendUpstream(up)]
    assert live.session.receive_from_upstream(down, 0.0) == [SendClient(down)]
    assert live.session.receive_from_upstream(unknown, 0.0) == [SendClient(unknown)]


def test_law_3_a_client_sees_exactly_one_session_created() -> None:
    live = LiveSession()
    seen = to_client(live.opening) + to_client(live.feed(events.session_created()))
    live.drop()
    seen += to_client(live.come_up())
    assert [event["type"] for event in seen] == ["session.created"]


def test_law_6_time_is_an_argument() -> None:
    forbidden = {"time", "datetime", "asyncio", "threading", "socket"}
    for path in sorted(CORE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert forbidden.isdisjoint(name.name for name in node.names), path.name
            elif isinstance(node, ast.ImportFrom):
                assert node.module not in forbidden, path.name


def test_law_6_the_same_events_at_the_same_times_give_the_same_effects() -> None:
    def run() -> list[object]:
        live = LiveSession()
        effects: list[object] = [*live.opening]
        effects += live.say(b"binary", {"type": "session.update", "session": {"type": "realtime"}})
        effects += live.feed(*events.answer_begins("r1", "a1"), at=1.0)
        return [*effects, *live.drop(), *live.come_up(), *live.session.tick(9999.0)]

    assert run() == run()
