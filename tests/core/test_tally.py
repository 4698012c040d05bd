from __future__ import annotations

from realtime.core.effects import EndReason
from realtime.core.records import ResponseRecorded
from realtime.core.tally import RateLimit, Sound, Tally
from tests.fakes import events
from tests.fakes.sessions import LiveSession, records


def test_audio_is_counted_both_ways_in_bytes_and_milliseconds() -> None:
    live = LiveSession()
    live.say({"type": "input_audio_buffer.append", "audio": events.silence(40)})
    live.feed(*events.answer_begins("resp_1", "item_a"))
    live.feed(events.audio_delta("resp_1", "item_a", audio_ms=100))  # and 100 ms before
    tally = live.session.tally
    assert (tally.audio_in_bytes, tally.audio_in_ms) == (40 * 48, 40)
    assert (tally.audio_out_bytes, tally.audio_out_ms) == (200 * 48, 200)


def test_errors_are_counted_by_code_ours_and_the_providers() -> None:
    live = LiveSession()
    live.say("no json")
    live.say("no json")
    live.feed(events.error("server_error"))
    live.session.end(EndReason.ADMIN_ENDED, 1.0)
    assert live.session.tally.errors == {
        "invalid_event": 2,
        "server_error": 1,
        "session_ended": 1,
    }
    tally = Tally()
    tally.count_error(None)
    assert tally.errors == {"none": 1}


def test_the_providers_own_limits_are_those_it_said_last() -> None:
    live = LiveSession()
    tokens = {"name": "tokens", "limit": 1000, "remaining": 900, "reset_seconds": 0.5}
    live.feed({"type": "rate_limits.updated", "event_id": "e1", "rate_limits": [tokens]})
    broken = {"name": "requests", "limit": "many"}
    later = {**tokens, "remaining": 800}
    live.feed({"type": "rate_limits.updated", "event_id": "e2", "rate_limits": [broken, later]})
    assert live.session.tally.rate_limits == (RateLimit("tokens", 1000.0, 800.0, 0.5),)


def test_the_sound_of_a_turn_is_what_passed_since_the_one_before() -> None:
    live = LiveSession()
    sounds = []
    for number, spoken_ms in ((1, 40), (2, 100)):
        live.say({"type": "input_audio_buffer.append", "audio": events.silence(spoken_ms)})
        live.feed(*events.answer_begins(f"resp_{number}", f"item_{number}"))  # 100 ms of it
        stored = live.feed(*events.answer_ends(f"resp_{number}", f"item_{number}", "Yes."))
        sounds += [one.sound for one in records(stored) if isinstance(one, ResponseRecorded)]
    assert sounds == [Sound(40 * 48, 40, 4800, 100), Sound(100 * 48, 100, 4800, 100)]
    live.say({"type": "input_audio_buffer.append", "audio": events.silence(20)})
    assert live.session.tally.take_sound() == Sound(20 * 48, 20)
    assert not live.session.tally.take_sound()
