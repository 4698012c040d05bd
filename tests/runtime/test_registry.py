from __future__ import annotations

import asyncio

from realtime.core.effects import EndReason
from realtime.runtime.registry import Registry
from tests.fakes import events
from tests.fakes.runs import scripted, started
from tests.fakes.upstream import Wait, emit


async def test_a_session_is_found_while_it_lives_and_forgotten_when_it_has_closed() -> None:
    registry = Registry()
    run = await started()
    registry.add("rtc_1_abc", run.runner)
    assert registry.get("rtc_1_abc") is run.runner
    assert registry.count() == 1
    await run.hang_up()
    await run.settle()
    assert registry.get("rtc_1_abc") is None
    assert registry.count() == 0


async def test_a_takeover_is_not_forgotten_with_the_session_it_replaced() -> None:
    registry = Registry()
    older, newer = await started(), await started()
    registry.add("rtc_1_abc", older.runner)
    registry.add("rtc_1_abc", newer.runner)
    await older.hang_up()
    await older.settle()
    assert registry.get("rtc_1_abc") is newer.runner
    await newer.hang_up()


async def test_a_drain_ends_all_sessions_at_once_and_lets_answers_finish() -> None:
    registry = Registry()
    quiet = await started()
    speaking = await started(
        scripted(
            emit(*events.answer_begins("r1", "a1")),
            Wait(),
            emit(*events.answer_ends("r1", "a1", "Hello")),
        )
    )
    registry.add("rtc_1_a", quiet.runner)
    registry.add("rtc_1_b", speaking.runner)
    await speaking.client.wait_for("response.created")
    asyncio.get_running_loop().call_later(2, speaking.upstream.proceed)
    await registry.drain(timeout_s=20)
    await quiet.settle()
    assert registry.count() == 0
    for run in (quiet, speaking):
        assert run.client.closed == (1012, "server_draining")
        assert run.observer.ended == [EndReason.SERVER_SHUTDOWN]
    assert "response.done" in speaking.client.types
