"""What a tap keeps: every frame with its moment, sound as counted runs, never too much."""

from __future__ import annotations

import base64
from random import Random

import orjson
import pytest

from realtime.runtime.tap import FRAME_MAX_CHARS, MAX_BYTES, RUN_MAX_S, EventTap, Run, Seen
from tests.fakes import events
from tests.fakes.runs import scripted, started
from tests.fakes.upstream import emit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def append(audio_bytes: int, **fields: str) -> str:
    audio = base64.b64encode(bytes(audio_bytes)).decode()
    return events.text({"type": "input_audio_buffer.append", "audio": audio, **fields})


def delta(type_: str) -> str:
    ids = {"response_id": "resp_1", "item_id": "item_1"}
    return events.text({"type": type_, **ids, "delta": "AAAA"})


def brief(entry: Seen | Run) -> tuple[str, str, int]:
    if isinstance(entry, Run):
        return entry.direction, entry.type, entry.count
    return entry.direction, str(orjson.loads(entry.raw)["type"]), 1


def test_sound_is_one_entry_with_its_bytes_until_something_else_passes() -> None:
    tap = EventTap(clock := Clock())
    for clock.now, size in ((1.0, 960), (1.02, 961), (1.04, 962)):
        tap.from_client(append(size))
        tap.to_provider(append(size, event_id="event_1"))
    tap.from_client('{"type":"response.cancel"}')
    tap.from_client(append(960))
    first, _, cancel, again = tap.take()
    assert isinstance(first, Run)
    assert (first.count, first.audio_bytes, first.at, first.last_at) == (3, 2883, 1.0, 1.04)
    assert brief(cancel) == ("from_client", "response.cancel", 1)
    assert brief(again) == ("from_client", "input_audio_buffer.append", 1)


def test_words_that_come_in_pieces_are_counted_beside_the_sound() -> None:
    tap = EventTap(Clock())
    for _ in range(3):
        tap.from_provider(delta("response.output_audio.delta"))
        tap.from_provider(delta("response.output_audio_transcript.delta"))
        tap.to_client(delta("response.audio.delta"))
    assert [brief(entry) for entry in tap.take()] == [
        ("from_provider", "response.output_audio.delta", 3),
        ("from_provider", "response.output_audio_transcript.delta", 3),
        ("to_client", "response.audio.delta", 3),
    ]


def test_a_quoted_type_is_no_type_and_no_order_of_keys_hides_sound() -> None:
    tap = EventTap(Clock())
    quoting = events.text({"note": '"type":"x.delta"', "type": "error"})
    tap.from_provider(quoting)
    audio = base64.b64encode(bytes(960)).decode()
    tap.from_client(f'{{"audio": "{audio}", "type": "input_audio_buffer.append"}}')
    tap.from_client(b"binary")
    error, sound = tap.take()
    assert isinstance(error, Seen)
    assert error.raw == quoting
    assert isinstance(sound, Run)
    assert sound.audio_bytes == 960


def test_a_long_run_begins_anew_and_taking_ends_it() -> None:
    tap = EventTap(clock := Clock())
    for clock.now in (0.0, RUN_MAX_S, RUN_MAX_S + 0.1):
        tap.from_client(append(960))
    assert [brief(entry)[2] for entry in tap.take()] == [2, 1]
    assert not tap.is_due(0.0)
    tap.from_client(append(960))
    assert tap.is_due(0.0)
    assert not tap.is_due(1.0)


def all_of(tap: EventTap) -> list[list[object]]:
    """What it has kept, field by field."""
    return [[getattr(entry, name) for name in type(entry).__slots__] for entry in tap.take()]


@pytest.mark.parametrize("has_client", [True, False])
def test_what_passes_at_once_is_kept_as_if_each_direction_had_been_told(has_client: bool) -> None:
    clock = Clock()
    at_once, one_by_one = (EventTap(clock, has_client=has_client) for _ in range(2))
    draw = Random(1)
    deltas = ("output_audio", "output_audio_transcript", "output_text")
    for number in range(400):
        clock.now = number / 10
        kind = draw.choice(deltas)
        body = {"type": f"response.{kind}.delta", "item_id": "a1", "response_id": "r1"}
        body["delta"] = draw.choice(["AAAA", "AAA=", "AA=="] if kind == "output_audio" else ["ä"])
        raw, sound = events.text(body), append(draw.randint(900, 960))
        match draw.randrange(6):
            case 0 | 1:
                at_once.sound_passed_up(sound.encode(), sound_bytes(sound), clock.now)
                one_by_one.from_client(sound)
                one_by_one.to_provider(sound)
            case 2 | 3:
                at_once.piece_passed_down(raw.encode(), body, clock.now)
                one_by_one.from_provider(raw)
                one_by_one.to_client(raw)
            case 4:
                is_up = draw.random() < 0.5
                for tap in (at_once, one_by_one):
                    (tap.to_provider if is_up else tap.from_client)(sound)
                    tap.from_provider(raw)
            case 5 if draw.random() < 0.3:
                for tap in (at_once, one_by_one):
                    tap.from_provider(events.text(events.cleared()))
        if draw.random() < 0.02:
            assert all_of(at_once) == all_of(one_by_one)
    assert all_of(at_once) == all_of(one_by_one)


def sound_bytes(raw: str) -> int:
    return len(base64.b64decode(orjson.loads(raw)["audio"]))


def test_it_keeps_a_bounded_amount_and_counts_the_rest() -> None:
    tap = EventTap(Clock())
    tap.from_client(events.text({"type": "conversation.item.create", "x": "y" * 2_000_000}))
    (huge,) = tap.take()
    assert isinstance(huge, Seen)
    assert (len(huge.raw) < FRAME_MAX_CHARS, huge.size > 2_000_000) == (True, True)
    frame = events.text({"type": "conversation.item.create", "x": "y" * 60_000})
    for _ in range(100):
        tap.from_client(frame)
    kept = tap.take()
    assert sum(len(entry.raw) for entry in kept if isinstance(entry, Seen)) <= MAX_BYTES
    assert tap.lost == 100 - len(kept)


async def test_a_run_shows_its_tap_each_frame_when_it_passes() -> None:
    tap = EventTap()
    run = await started(scripted(emit(events.cleared())), tap=tap)
    await run.say({"type": "input_audio_buffer.append", "audio": "AAAAAAAA"})
    await run.settle()
    await run.hang_up()
    seen = [brief(entry)[:2] for entry in tap.take()]
    assert seen[0] == ("gateway", "provider.connected")
    assert set(seen[1:]) == {
        ("from_provider", "session.created"),
        ("to_provider", "session.update"),
        ("from_provider", "session.updated"),
        ("to_client", "session.created"),
        ("from_provider", "input_audio_buffer.cleared"),
        ("to_client", "input_audio_buffer.cleared"),
        ("from_client", "input_audio_buffer.append"),
        ("to_provider", "input_audio_buffer.append"),
        ("gateway", "session.ended"),
    }


async def test_a_call_whose_client_is_told_by_the_provider_has_no_such_direction() -> None:
    tap = EventTap(Clock(), has_client=False)
    tap.to_client('{"type":"session.created"}')
    tap.from_provider('{"type":"session.created"}')
    assert [brief(entry)[0] for entry in tap.take()] == ["from_provider"]
