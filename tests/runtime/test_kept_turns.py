"""What a turn that is over leaves in memory: of the call's machine, and of what listens to it."""

from __future__ import annotations

import gc
import tracemalloc
import uuid
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from bench import turn
from realtime.core import items
from realtime.runtime.tap import EventTap
from realtime.tracing import writer
from realtime.tracing.run_log import RunLog, RunOf
from tests.fakes.sessions import LiveSession, make_setup

SCRIPT = turn.turn()
SOUND = b'{"type":"input_audio_buffer.append","audio":""}'
# Sound and words of one turn take 140 kB on the wire. Its 635 characters stay, with what was known
# of them: two items of 0.4 kB, and where in its sound the answer's words are.
TURN_BYTES = 2500
LINE_BYTES = 600


class Call:
    """One call and its log, on a clock of its own; every turn of ten seconds is written."""

    def __init__(self) -> None:
        self.turns = 0
        self.now_s = 0.0
        self.live = LiveSession()
        self.log = RunLog(RunOf(1, uuid.uuid4(), "run", 10**9), make_setup())
        self.log.tap = EventTap(lambda: self.now_s)

    def talk(self, turns: int) -> None:
        for _ in range(turns):
            self.turns += 1
            for event in SCRIPT:
                self.now_s = self.turns * turn.TURN_S + event.at_s
                self.log.tap.sound_passed_up(SOUND, 1920, self.now_s)
                self._passes(event.text(turn.stamp(0, self.turns), turn.stamp(0, self.turns - 1)))
            self.digest()
            self.write()

    def digest(self) -> None:
        self.log.digest(self.log.tap.take(), self.log.tap.lost)
        self.log.finished_turns(is_over=False)

    def write(self) -> None:
        assert self.log.part() is not None
        assert self.log.times()
        self.log.observed.clear()
        self.log.written()

    def _passes(self, text: bytes) -> None:
        body = self.live.session.follow(text, self.now_s)
        if body is not None:
            self.log.tap.piece_passed_down(text, body, self.now_s)
            return
        self.log.tap.from_provider(text.decode())
        self.live.session.receive_from_upstream(text.decode(), self.now_s)
        self.log.tap.to_client(text.decode())


def held_after(call: Call, turns: int) -> int:
    """How many bytes more are held after so many turns more."""
    tracemalloc.start()
    try:
        call.talk(turns)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_a_finished_turn_leaves_its_words_and_little_else() -> None:
    call = Call()
    call.talk(20)  # past what is remembered of the latest turns alone

    assert held_after(call, 30) <= 30 * TURN_BYTES


def test_a_call_that_goes_on_for_hours_holds_no_more_than_one_of_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "HISTORY_MAX_CHARACTERS", 6_000)
    call = Call()
    call.talk(15)

    # What is new takes the place of what was there before this was counted.
    assert held_after(call, 40) <= 15 * TURN_BYTES


def test_what_waits_to_be_written_of_a_log_takes_the_room_of_its_text() -> None:
    call = Call()
    call.talk(5)
    call.digest()
    call.write = lambda: None  # type: ignore[method-assign]

    assert held_after(call, 5) <= 5 * (TURN_BYTES + 60 * LINE_BYTES)


def test_logs_of_calls_that_begin_together_are_written_apart() -> None:
    logs = writer.LogWriter()
    opened: list[Any] = [
        SimpleNamespace(
            row=SimpleNamespace(pk=number, conversation_id=uuid.uuid4()),
            connection_id=str(number),
            setup=make_setup(),
        )
        for number in range(90)
    ]
    seconds = Counter(int(logs.open(one).max_age_s / writer.EVERY_S) for one in opened)

    assert len(seconds) == writer.MAX_AGE_S / writer.EVERY_S
    assert max(seconds.values()) <= 12
