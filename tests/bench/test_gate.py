"""No figure is printed of frames that were lost, altered or reordered."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bench import turn, wire
from bench.links import Session
from bench.load import Load, Target
from bench.outcome import NoFigures, Outcome


@pytest.fixture
def load() -> Iterator[Load]:
    load = Load()
    yield load
    load.close()


@pytest.fixture
def session(load: Load, monkeypatch: pytest.MonkeyPatch) -> Session:
    """One that has sent three appends and the first events of a turn, all still on their way."""
    session = Session(load, 0)
    load.sessions.append(session)

    class Wire:
        def send(self, data: bytes) -> None:
            """Takes it."""

    monkeypatch.setattr(session, "client", Wire())
    monkeypatch.setattr(session, "upstream", Wire())
    for _ in range(3):
        session.send_append()
    return session


def append(number: int) -> bytes:
    tails = turn.append_tails()
    return turn.stamp(0, number).join((turn.APPEND_HEAD, tails[number % len(tails)]))


def test_what_arrives_as_it_was_sent_passes(session: Session, load: Load) -> None:
    for number in range(3):
        session.append_arrived(append(number), 0)
    load.outcome.require_identical("relay")
    assert load.outcome.relayed == 3


@pytest.mark.parametrize(
    "arrived",
    [
        pytest.param([append(1)], id="reordered"),
        pytest.param([append(0)[:-1] + b" "], id="altered"),
        pytest.param([append(0), append(1), append(2), append(2)], id="repeated"),
    ],
)
def test_what_arrives_otherwise_does_not(
    session: Session, load: Load, arrived: list[bytes]
) -> None:
    for text in arrived:
        session.append_arrived(text, 0)
    with pytest.raises(NoFigures):
        load.outcome.require_identical("relay")


def test_nothing_at_all_does_not_pass() -> None:
    with pytest.raises(NoFigures, match="nothing arrived"):
        Outcome().require_identical("relay")


@pytest.mark.parametrize("fault", ["missing", "broken", "unexpected", "altered"])
def test_one_fault_among_a_million_frames_does_not_pass(fault: str) -> None:
    outcome = Outcome(relayed=1_000_000)
    setattr(outcome, fault, 1)
    with pytest.raises(NoFigures):
        outcome.require_identical("relay")


def first_words_and_sound(load: Load) -> tuple[int, int]:
    """The numbers of the last small event before sound, and of that sound."""
    sound = next(number for number, event in enumerate(load.script) if event.is_audio)
    return sound - 1, sound


def test_sound_may_pass_what_waits_for_the_database(session: Session, load: Load) -> None:
    words, sound = first_words_and_sound(load)
    session.send_scripted(words)
    session.send_scripted(sound)
    texts = [
        load.script[number].text(turn.stamp(0, 1), turn.stamp(0, 0)) for number in (words, sound)
    ]
    session.scripted_arrived(texts[1], 0)
    session.scripted_arrived(texts[0], 0)
    load.outcome.require_identical("relay")
    assert load.outcome.overtaking == 1


def test_nothing_may_pass_sound(session: Session, load: Load) -> None:
    words, sound = first_words_and_sound(load)
    session.send_scripted(sound)
    session.send_scripted(words)
    session.scripted_arrived(load.script[words].text(turn.stamp(0, 1), turn.stamp(0, 0)), 0)
    with pytest.raises(NoFigures, match="passed audio"):
        load.outcome.require_identical("relay")


def test_calls_without_a_relay_pass_from_end_to_end(load: Load) -> None:
    load.open([Target(load.port, "/v1/realtime")] * 5)
    assert load.outcome.early_identical == load.outcome.early_sent > 0
    load.warm_up(0.2)
    outcome = load.run(0.4)
    outcome.require_identical("direct")
    assert len(outcome.up_ns) >= 5 * 9
    assert load.converse(0.05)[0] >= 5


def test_a_call_that_breaks_leaves_no_figures(load: Load) -> None:
    load.open([Target(load.port, "/v1/realtime")] * 2)
    load.warm_up(0.1)
    client = load.sessions[0].client
    assert client is not None
    client.socket.shutdown(socket.SHUT_RDWR)
    with pytest.raises(NoFigures):
        load.run(0.1, drain_timeout_s=0.1).require_identical("direct")


def test_a_masked_template_reads_as_what_was_stamped() -> None:
    template = wire.MaskedTemplate(b"abc", 4, b"-the end")
    frames, rest = wire.take_frames(template.stamped(b"1234") + template.stamped(b"5678") + b"\x81")
    assert frames == [(wire.TEXT, b"abc1234-the end"), (wire.TEXT, b"abc5678-the end")]
    assert rest == b"\x81"
