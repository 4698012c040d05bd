from __future__ import annotations

from realtime.core.effects import SendClient
from realtime.core.ring import EventRing


def ring_of(*names: str, **limits: float) -> EventRing:
    ring = EventRing(**limits)  # type: ignore[arg-type]
    add(ring, *names)
    return ring


def add(
    ring: EventRing, *names: str, at: float = 0.0, sound: bool = False, may_expire: bool = True
) -> None:
    for name in names:
        ring.add(SendClient(f"<{name}>", sound, event_id=name), at, may_expire=may_expire)


def rest(ring: EventRing, position: int | None) -> list[str]:
    """The texts that somebody at this position is still sent."""
    assert position is not None
    texts = []
    while (found := ring.next_from(position)) is not None:
        at, raw = found
        assert at >= position
        texts.append(raw)
        position = at + 1
    return texts


def test_what_follows_an_event_is_found_by_its_id_in_order() -> None:
    ring = ring_of("a", "b", "c")
    assert rest(ring, ring.position_after("a")) == ["<b>", "<c>"]
    assert rest(ring, ring.position_after("c")) == []
    assert ring.end == 3


def test_an_event_that_was_never_sent_is_not_known() -> None:
    ring = ring_of("a")
    assert ring.position_after("z") is None
    assert ring.position_after("") is None


def test_what_is_old_goes_while_a_client_is_there_and_the_last_of_it_is_remembered() -> None:
    ring = ring_of("a", "b", keep_s=60)
    add(ring, "c", at=61.0)
    assert ring.position_after("a") is None
    assert rest(ring, ring.position_after("b")) == ["<c>"]
    assert ring.byte_count == len("<c>")


def test_nothing_grows_old_while_nobody_is_there() -> None:
    ring = ring_of("a", "b", keep_s=60)
    add(ring, "c", at=100.0, may_expire=False)
    assert rest(ring, ring.position_after("a")) == ["<b>", "<c>"]


def test_sound_makes_room_for_words_the_oldest_first() -> None:
    ring = EventRing(max_bytes=12)
    add(ring, "s1", "s2", sound=True)
    add(ring, "w1", "w2")
    assert rest(ring, 0) == ["<s2>", "<w1>", "<w2>"]
    add(ring, "w3")
    assert rest(ring, ring.position_after("s1")) == ["<w1>", "<w2>", "<w3>"]
    assert ring.lacks_sound_from(1)
    assert not ring.lacks_sound_from(2)


def test_words_go_last_and_then_the_oldest() -> None:
    ring = EventRing(max_bytes=8)
    add(ring, "s1", sound=True)
    add(ring, "w1", "w2", "w3")
    assert ring.position_after("s1") is None
    assert rest(ring, ring.position_after("w1")) == ["<w2>", "<w3>"]


def test_an_event_above_every_bound_is_still_sent() -> None:
    ring = EventRing(max_bytes=4)
    add(ring, "w1", "a-very-long-one")
    assert rest(ring, ring.position_after("w1")) == ["<a-very-long-one>"]
    add(ring, "w2")
    assert rest(ring, ring.position_after("a-very-long-one")) == ["<w2>"]


def test_old_sound_is_forgotten_like_everything_old() -> None:
    ring = EventRing(keep_s=60)
    add(ring, "s1", sound=True)
    add(ring, "s2", at=100.0, sound=True)
    assert rest(ring, ring.position_after("s1")) == ["<s2>"]


def test_who_saw_only_the_greeting_goes_on_where_it_stood() -> None:
    ring = ring_of("a", "b", "c")
    position = ring.position_after("a")
    assert position is not None
    ring.mark("hello", position)
    assert rest(ring, ring.position_after("hello")) == ["<b>", "<c>"]


def test_a_greeting_is_forgotten_with_what_followed_it() -> None:
    ring = ring_of("a", "b", keep_s=60)
    ring.mark("hello", 1)
    add(ring, "c", "d", at=100.0)
    assert ring.position_after("hello") is None
    ring.mark("again", 3)
    assert ring.position_after("again") == 3


def test_greetings_are_bounded_too() -> None:
    ring = ring_of("a")
    for number in range(200):
        ring.mark(f"hello {number}", 1)
    assert ring.position_after("hello 0") is None
    assert ring.position_after("hello 199") == 1


def test_an_id_that_a_provider_repeats_means_its_latest_event() -> None:
    ring = ring_of("a", "b", "a", "c", keep_s=60)
    assert rest(ring, ring.position_after("a")) == ["<c>"]
    add(ring, "d", at=61.0)
    assert ring.position_after("a") is None
    assert rest(ring, ring.position_after("c")) == ["<d>"]
