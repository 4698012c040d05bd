"""Listeners come late, lose their line, come back, and are many; each hears everything once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from realtime.core.audio import read_wav_header, wav_header
from tests.contract.gateway import Gateway
from tests.headless.person import WAIT_S, Call, Person, SseEvent, is_answered


def told(events: list[SseEvent]) -> list[tuple[int, str]]:
    return [(event.id, event.name) for event in events]


def test_a_dropped_line_resumed_misses_nothing_and_repeats_nothing(alice: Person) -> None:
    call = alice.start()
    call.speak()
    whole = call.turn().events
    assert [event.id for event in whole] == list(range(1, len(whole) + 1))
    heard: list[SseEvent] = []
    after: int | None = None
    for length in (1, 2, 5, 3, 7):  # the line breaks after so many events
        with call.listen(after=after) as events:
            heard += [next(events) for _ in range(length)]
        after = heard[-1].id
    heard += call.hear(is_answered_from(heard), after=after)
    assert told(heard) == told(whole)


def is_answered_from(heard: list[SseEvent]) -> Callable[[list[SseEvent]], bool]:
    return lambda events: is_answered([*heard, *events])


def test_what_happens_while_the_line_is_broken_follows(alice: Person) -> None:
    call = alice.start(modalities=["text"])
    with call.listen() as events:
        first = next(events)
    assert first.name == "session.created"
    call.say("my name is Ada")
    call.turn()
    call.say("what is my name")
    heard = call.hear(
        lambda events: [e.name for e in events].count("response.done") == 2, after=first.id
    )
    assert [event.id for event in heard] == list(range(2, heard[-1].id + 1))


def test_no_listener_is_sent_the_sound_with_the_events(alice: Person) -> None:
    call = alice.start()
    call.say("hello")
    names = {event.name for event in call.turn().events}
    assert "response.output_audio_transcript.delta" in names
    assert "response.output_audio.done" in names
    assert "response.output_audio.delta" not in names


def test_captions_are_what_was_spoken_and_nothing_else(alice: Person) -> None:
    call = alice.start()
    call.speak()
    captions = call.hear(lambda heard: sum(e.data["final"] for e in heard) == 2, "transcript")
    assert {event.name for event in captions} == {"transcript"}
    for role, words in (
        ("user", "go forward ten meters"),
        ("assistant", "Going forward ten meters."),
    ):
        mine = [event.data for event in captions if event.data["role"] == role]
        assert mine[-1] == {
            "item_id": mine[0]["item_id"],
            "role": role,
            "text": words,
            "final": True,
        }
        assert "".join(caption["delta"] for caption in mine[:-1]) == words
    events = {event.id: event.data for event in call.turn().events}
    assert all(events[caption.id]["item_id"] == caption.data["item_id"] for caption in captions)


def test_a_stream_ends_with_its_session_and_is_not_opened_again(alice: Person) -> None:
    call = alice.start()
    with call.listen() as events, call.listen("transcript") as captions:
        next(events)
        call.post("stop")
        rest = list(events)
        assert rest[-1].data["code"] == "user_hangup"
        assert rest[-1].name == "voiceassist.session.ended"
        assert list(captions) == []
    last = {"Last-Event-ID": str(rest[-1].id)}
    again = httpx.get(call.url("events"), headers=last, timeout=WAIT_S)
    assert again.status_code == 204
    missed = call.hear(lambda heard: heard[-1].id == rest[-1].id, after=rest[-1].id - 1)
    assert told(missed) == [(rest[-1].id, "voiceassist.session.ended")]


def test_every_listener_hears_the_same_sound(alice: Person, tmp_path: Path) -> None:
    call = alice.start()
    early = [tmp_path / f"early{at}.wav" for at in range(3)]
    saving = [call.keep_sound(path) for path in early]
    call.say("hello")
    first = call.turn()
    late = call.keep_sound(tmp_path / "late.wav")  # the answer would still sound
    call.say("what is two plus two")
    second = call.turn(after=first.last_id)
    parts = [finished(call, heard.item_id) for heard in (first, second)]
    call.post("stop")
    for thread in (*saving, late):
        thread.join(WAIT_S)
        assert not thread.is_alive()
    expected = wav_header(None) + b"".join(parts)
    assert [path.read_bytes() for path in (*early, tmp_path / "late.wav")] == [expected] * 4


def finished(call: Call, item_id: str) -> bytes:
    """The sound of one answer; its header tells the truth."""
    answer = call.person.ask("GET", f"{call.path}/audio.wav", params={"item_id": item_id})
    assert answer.status_code == 200
    header = read_wav_header(answer.content)
    assert header.data_bytes == len(answer.content) - header.data_offset > 24_000
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.content[:44] == wav_header(header.data_bytes)
    return answer.content[44:]


def test_listeners_hold_no_thread(server: Gateway, alice: Person) -> None:
    call = alice.start()

    def threads() -> int:
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return int(status.partition("Threads:")[2].split()[0])

    with call.listen() as events:
        next(events)
    before = threads()
    with ExitStack() as stack:
        for _ in range(30):
            next(stack.enter_context(call.listen()))
        assert threads() - before < 10


def test_a_listener_that_leaves_is_let_go(server: Gateway, alice: Person) -> None:
    call = alice.start()
    with call.listen() as events:
        next(events)
    assert call.post("stop").status_code == 200
    assert "a stream broke" not in server.process.log()


@pytest.mark.parametrize("given", ["soon", "-3", "99999999", "²"])
def test_a_last_event_id_that_was_never_given_begins_anew(alice: Person, given: str) -> None:
    call = alice.start()
    headers = {b"Last-Event-ID": given.encode()}
    with httpx.stream("GET", call.url("events"), headers=headers, timeout=WAIT_S) as answer:
        lines = answer.iter_lines()
        assert "id: 1" in [next(lines) for _ in range(6)]
