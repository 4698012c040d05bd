"""Openings take their turns in order, and one that waited too long is told so."""

import asyncio

import pytest

from realtime import doorway
from realtime.core.errors import Unavailable
from realtime.doorway import Doorway

WAIT_S = 30


async def test_openings_take_their_turns_in_the_order_in_which_they_came() -> None:
    door, inside, passed = Doorway(2), 0, list[int]()

    async def opens(number: int) -> None:
        nonlocal inside
        async with door.turn():
            inside += 1
            assert inside <= 2
            await asyncio.sleep(0)
            passed.append(number)
            inside -= 1

    await asyncio.wait_for(asyncio.gather(*map(opens, range(20))), WAIT_S)

    assert passed == list(range(20))


async def test_one_that_waits_too_long_is_told_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doorway, "PATIENCE_S", 0.01)
    door = Doorway(1)
    async with door.turn():
        with pytest.raises(Unavailable) as refused:
            async with door.turn():
                pytest.fail("two were inside")

    error = refused.value
    assert (error.code, error.http_status, error.close_code) == ("server_busy", 503, 1013)
    assert error.retry_after_s == doorway.RETRY_AFTER_S
    async with asyncio.timeout(WAIT_S), door.turn():
        pass  # whoever failed left no trace


async def test_a_client_that_goes_away_while_it_waits_takes_no_turn() -> None:
    door = Doorway(1)
    async with door.turn():
        waiting = asyncio.ensure_future(door.turn().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    async with asyncio.timeout(WAIT_S), door.turn():
        assert waiting.cancelled()
