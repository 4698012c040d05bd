"""What listeners read: numbered events, kept for a minute, and the sound of the answers."""

from __future__ import annotations

import json

import pytest

from realtime.core.errors import NotAuthenticated
from realtime.headless.answers import FILE_BYTES, Answers, Cursor
from realtime.headless.captions import caption_of
from realtime.headless.event_log import KEEP_S, EventLog
from realtime.headless.face import HeadlessClient
from realtime.headless.listening import OWNER, RETURN_WITHIN_S, Listeners, Ticket

SECOND = 48_000


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def numbers(log: EventLog, after: int | None, *, captions: bool = False) -> list[int]:
    return [seq for seq, _name, _data in log.after(after, captions=captions).events]


def test_a_listener_goes_on_behind_what_it_has_seen(clock: Clock) -> None:
    log = EventLog(clock)
    for name in ("one", "two", "three"):
        log.add(name, "{}", "{}" if name == "two" else None)
    assert numbers(log, None) == [1, 2, 3]
    assert numbers(log, 1) == [2, 3]
    assert numbers(log, 3) == []
    assert numbers(log, 0, captions=True) == [2]
    assert log.after(0, captions=True).after == 3


def test_events_are_kept_for_a_minute_and_a_listener_is_told_what_it_lost(clock: Clock) -> None:
    log = EventLog(clock)
    log.add("old", "{}")
    clock.now += 60
    log.add("new", "{}")
    assert (numbers(log, 0), log.after(0, captions=False).lost) == ([1, 2], False)
    clock.now += KEEP_S - 59
    assert (numbers(log, 0), log.after(0, captions=False).lost) == ([2], True)
    assert log.after(1, captions=False).lost is False
    assert log.after(None, captions=False).lost is False


def test_a_log_is_bounded_in_bytes(clock: Clock) -> None:
    log = EventLog(clock, max_bytes=100)
    for _ in range(30):
        log.add("event", "x" * 10)
    assert numbers(log, None) == list(range(21, 31))


def test_a_log_is_over_for_whoever_has_read_all_of_it(clock: Clock) -> None:
    log = EventLog(clock)
    log.add("end", "{}")
    log.is_over = True
    clock.now += 1_000
    assert log.after(1, captions=False).over
    assert log.after(0, captions=True).over
    assert numbers(log, 0) == [1]


def test_much_comes_in_several_reads(clock: Clock) -> None:
    log = EventLog(clock)
    for _ in range(10):
        log.add("event", "x" * 100_000)
    seen: list[int] = []
    while more := numbers(log, seen[-1] if seen else 0):
        assert len(more) < 10
        seen += more
    assert seen == list(range(1, 11))


def test_a_live_listener_hears_every_answer_from_the_one_in_progress() -> None:
    answers = Answers()
    answers.add("a", b"A" * SECOND, now=10.0)
    answers.finish("a")
    assert answers.position_now(10.9) == Cursor(0, 0)  # it would still sound
    assert answers.position_now(11.1) == Cursor(1, 0)
    answers.add("b", b"B" * SECOND, now=20.0)
    assert answers.position_now(99.0) == Cursor(1, 0)  # nobody knows yet that it is over
    heard, cursor = b"", Cursor(0, 0)
    while pcm := (sound := answers.read(cursor, one=False)).pcm:
        heard, cursor = heard + pcm, sound.cursor
    assert heard == b"A" * SECOND + b"B" * SECOND
    assert not sound.over
    answers.finish_all()
    answers.is_over = True
    assert answers.read(cursor, one=False).over


def test_one_answer_is_read_to_its_end_and_no_further() -> None:
    answers = Answers()
    answers.add("a", b"AA", now=0.0)
    answers.add("b", b"BB", now=0.0)
    position = answers.position_of("a")
    assert position is not None
    first = answers.read(position, one=True)
    assert (first.pcm, first.over, first.byte_count) == (b"AA", False, None)
    answers.finish("a")
    last = answers.read(first.cursor, one=True)
    assert (last.pcm, last.over, last.byte_count) == (b"", True, 2)
    assert answers.position_of("c") is None


def test_the_oldest_answers_are_given_up_over_the_bound() -> None:
    answers = Answers(max_bytes=2 * FILE_BYTES)
    for name in "abc":
        for _ in range(4):
            answers.add(name, name.encode() * (FILE_BYTES // 4 + 2), now=0.0)
        answers.finish(name)
    assert answers.position_of("a") is None
    found = answers.position_of("c")
    assert found is not None
    assert answers.read(found, one=True).pcm.startswith(b"ccc")
    behind = answers.read(Cursor(0, 0), one=False)  # a listener that was too slow goes on
    assert behind.pcm
    assert behind.cursor.ordinal > 0


@pytest.mark.parametrize(
    ("event", "caption"),
    [
        ({"type": "response.done"}, None),
        (
            {"type": "response.output_text.delta", "item_id": "i", "delta": "a"},
            {"item_id": "i", "role": "assistant", "delta": "a", "final": False},
        ),
        (
            {"type": "response.output_text.done", "item_id": "i", "text": "ab"},
            {"item_id": "i", "role": "assistant", "text": "ab", "final": True},
        ),
    ],
)
def test_captions_are_taken_from_events(event: dict[str, str], caption: object) -> None:
    found = caption_of(event)
    assert (found and json.loads(found)) == caption


def test_a_token_opens_while_it_is_fresh_and_brings_back_who_has_just_left(clock: Clock) -> None:
    listeners = Listeners(clock)
    stale = Ticket("nonce", is_fresh=False)
    with pytest.raises(NotAuthenticated):
        listeners.admit(stale)
    listeners.admit(Ticket("nonce", is_fresh=True))
    clock.now += RETURN_WITHIN_S
    listeners.admit(stale)
    clock.now += RETURN_WITHIN_S + 1
    with pytest.raises(NotAuthenticated) as refused:
        listeners.admit(stale)
    assert refused.value.code == "stream_token_expired"
    listeners.admit(OWNER)


async def test_a_session_that_ends_before_it_began_says_why() -> None:
    client = HeadlessClient("rtc_1")
    error = {"type": "server_error", "code": "upstream_auth", "message": "Our key was refused."}
    await client.send(json.dumps({"type": "error", "error": error}))
    await client.close(4502, "upstream_auth")
    await client.close(1000, "again")
    with pytest.raises(Exception, match="Our key was refused") as refused:
        await client.wait_live()
    assert (getattr(refused.value, "http_status", 0), getattr(refused.value, "code", "")) == (
        502,
        "upstream_auth",
    )
    assert [name for _seq, name, _data in client.log.after(0, captions=False).events] == [
        "error",
        "voiceassist.session.ended",
    ]
