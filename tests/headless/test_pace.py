"""A stream says every fifteen seconds that it is still there, and outlives a lost neighbour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from realtime.core.errors import NotAuthenticated
from realtime.headless import streams
from realtime.headless.answers import Cursor, Sound
from realtime.headless.errors import SessionUnreachable
from realtime.headless.event_log import Batch
from realtime.headless.listening import OWNER, Ticket

EVENT = (7, "response.done", "{}")


class Neighbour:
    """A HeadlessPort of a script: each read gives the next answer, and takes the time it asks."""

    is_here = False

    def __init__(self, *answers: Batch | Exception) -> None:
        self.now = 0.0
        self.asked: list[tuple[int | None, float, bool]] = []
        self._answers: Iterator[Batch | Exception] = iter(answers)

    def clock(self) -> float:
        return self.now

    async def read_events(
        self, after: int | None, *, captions: bool, wait_s: float, ticket: Ticket
    ) -> Batch:
        self.asked.append((after, wait_s, ticket.is_fresh))
        self.now += wait_s
        answer = next(self._answers, Batch((), after or 0, False, False))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def read_sound(
        self, cursor: Cursor | None, *, item_id: str, wait_s: float, ticket: Ticket
    ) -> Sound:
        raise AssertionError("nobody listens")

    async def text(self, text: str) -> None: ...

    async def audio(self, pcm: bytes) -> None: ...

    async def commit(self) -> None: ...

    async def stop(self) -> None: ...


NOTHING = Batch((), 6, lost=False, over=False)


async def read(
    neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch, until_s: float
) -> list[bytes]:
    monkeypatch.setattr("realtime.headless.streams.time.monotonic", neighbour.clock)
    written: list[bytes] = []
    content = streams.event_stream(neighbour, NOTHING, captions=False, ticket=OWNER)
    async for piece in content:
        written.append(piece)
        if neighbour.now >= until_s:
            break
    return written


async def test_a_comment_comes_every_fifteen_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    neighbour = Neighbour()
    written = await read(neighbour, monkeypatch, until_s=60.0)
    assert written[1:] == [b": still here\n\n"] * 4
    assert max(wait_s for _after, wait_s, _fresh in neighbour.asked) <= 5.0


async def test_a_stream_goes_on_when_its_session_can_be_reached_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = SessionUnreachable("away")
    neighbour = Neighbour(away, away, Batch((EVENT,), 7, lost=False, over=True))
    written = await read(neighbour, monkeypatch, until_s=60.0)
    assert written[-1] == b"id: 7\nevent: response.done\ndata: {}\n\n"
    assert [after for after, _wait_s, _fresh in neighbour.asked] == [6, 6, 6]


@pytest.mark.parametrize("is_here", [False, True])
async def test_a_process_that_stops_keeps_the_listeners_of_its_own_sessions_to_their_end(
    monkeypatch: pytest.MonkeyPatch, is_here: bool
) -> None:
    neighbour = Neighbour(Batch((EVENT,), 7, lost=False, over=True))
    neighbour.is_here = is_here
    monkeypatch.setattr("realtime.headless.streams.sessions.is_draining", lambda: True)
    written = await read(neighbour, monkeypatch, until_s=60.0)
    assert (b"response.done" in written[-1]) == is_here


async def test_a_stream_whose_session_stays_away_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    neighbour = Neighbour(*[SessionUnreachable("away")] * 100)
    written = await read(neighbour, monkeypatch, until_s=1_000.0)
    assert 30.0 <= neighbour.now <= 45.0
    assert not any(b"event:" in piece for piece in written)


async def test_a_listener_whose_token_ran_out_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    neighbour = Neighbour(NotAuthenticated("gone"))
    assert len(await read(neighbour, monkeypatch, until_s=60.0)) == 1


async def test_a_listener_is_told_of_events_it_can_not_have_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    neighbour = Neighbour(Batch((EVENT,), 7, lost=True, over=True))
    written = await read(neighbour, monkeypatch, until_s=60.0)
    assert b'"code":"events_lost"' in written[1]
