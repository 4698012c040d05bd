from __future__ import annotations

import asyncio
import logging

import pytest

from realtime.core.effects import EndReason
from realtime.core.errors import UpstreamFailed
from realtime.core.limits import SessionLimits
from realtime.core.records import ItemCompleted, ItemStatus
from realtime.runtime.ports import UpstreamTarget
from tests.fakes import events
from tests.fakes.runs import TARGET, Run, scripted, started
from tests.fakes.upstream import Close, Expect, ScriptedUpstream, Wait, emit

TURN = (
    *events.answer_begins("r1", "a1"),
    *events.answer_ends("r1", "a1", "Hello there."),
)

pytestmark = pytest.mark.usefixtures("either_path")

SPOKEN = " ".join(["a", "secret", "word"])  # in no line of source that a traceback could show


async def test_a_turn_is_relayed_stored_and_its_end_told() -> None:
    run = await started(
        scripted(
            Expect("conversation.item.create"),
            emit(events.item_event("added", events.user_text("t1", "Hi"))),
            Expect("response.create"),
            emit(*TURN),
        )
    )
    await run.say(
        {"type": "conversation.item.create", "item": {"type": "message"}},
        {"type": "response.create"},
    )
    await run.client.wait_for("response.done")
    await run.hang_up()
    run.provider.assert_finished()
    assert run.provider.targets == [TARGET]
    assert run.store.texts == {"t1": "Hi", "a1": "Hello there."}
    assert run.observer.started == 1
    assert run.observer.ended == [EndReason.USER_HANGUP]
    assert run.client.closed is not None
    assert run.upstream.is_closed


async def test_frames_sent_before_the_provider_is_there_arrive_in_order() -> None:
    run = Run(scripted(Expect("input_audio_buffer.commit"), Expect("response.create")))
    run.runner.start()
    await run.say({"type": "input_audio_buffer.commit"}, {"type": "response.create"})
    await run.client.wait_for("session.created")
    await run.settle()
    run.provider.assert_finished()
    await run.hang_up()


async def test_an_event_that_is_refused_costs_an_error_event() -> None:
    run = await started()
    await run.say("not json", b"binary")
    await run.settle()
    assert run.client.types == ["session.created", "error", "error"]
    assert not run.runner.is_ending
    await run.hang_up()


async def test_a_provider_that_refuses_us_is_told_and_closes_with_4502() -> None:
    refusal = UpstreamFailed("Refused.", code="upstream_auth", retryable=False)
    run = Run(ScriptedUpstream(open_error=refusal))
    run.runner.start()
    await run.runner.wait_closed()
    assert run.client.events[0]["error"]["code"] == "upstream_auth"
    assert run.client.closed == (4502, "upstream_auth")
    assert run.observer.started == 0
    assert run.observer.ended == [EndReason.UPSTREAM_ERROR]


async def test_a_provider_that_drops_us_is_dialed_again_and_knows_the_history() -> None:
    run = await started(
        scripted(emit(events.item_event("added", events.user_text("t1", "Hi"))), Wait(), Close()),
        scripted(
            Expect("conversation.item.create", lambda event: event["item"]["id"] == "t1"),
            Expect("response.create"),
            emit(*TURN),
        ),
    )
    await run.client.wait_for("conversation.item.added")
    run.upstream.proceed()
    await run.settle()
    await run.say({"type": "response.create"})
    await run.client.wait_for("response.done")
    assert run.client.types.count("session.created") == 1
    await run.hang_up()
    run.provider.assert_finished()
    assert run.upstream.is_closed


async def test_frames_that_had_not_left_go_to_the_next_provider_session() -> None:
    second = scripted()
    run = await started(scripted(Wait(), Close()), second)
    run.upstream.stop_taking()
    appends = [
        f'{{"type":"input_audio_buffer.append","audio":"{"AAAA" * 2}","event_id":"e{number}"}}'
        for number in range(3)
    ]
    await run.say(*appends)
    await run.settle()
    run.upstream.proceed()
    await asyncio.sleep(1)
    assert second.received_raw[1:] == appends
    await run.hang_up()


async def test_a_provider_that_stays_away_ends_the_session_after_its_retries() -> None:
    down = [ScriptedUpstream(open_error=UpstreamFailed("Down.")) for _ in range(5)]
    run = await started(scripted(Wait(), Close()), *down)
    began = asyncio.get_running_loop().time()
    run.upstream.proceed()
    await run.runner.wait_closed()
    assert len(run.provider.targets) == 6
    assert 6 < asyncio.get_running_loop().time() - began < 10
    assert run.client.closed == (4502, "upstream_failed")


async def test_a_bug_in_a_provider_adapter_is_a_provider_that_went_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(ScriptedUpstream):
        async def receive(self) -> str:
            if not self._steps:
                raise KeyError(SPOKEN)
            return await super().receive()

    run = Run(Broken(scripted(Wait())._steps), scripted())
    broken = run.upstream
    with caplog.at_level(logging.ERROR):
        run.runner.start()
        await run.client.wait_for("session.created")
        broken.proceed()
        broken.emit_now(events.cleared())
        await asyncio.sleep(1)
    assert len(run.provider.targets) == 2
    assert "KeyError" in caplog.text
    assert SPOKEN not in caplog.text
    await run.hang_up()


async def test_a_factory_that_cannot_make_a_provider_says_why() -> None:
    def none_today(target: UpstreamTarget) -> ScriptedUpstream:
        raise UpstreamFailed("None today.", code="upstream_busy")

    run = Run()
    run.runner._provider_line._upstream_factory = none_today
    run.runner.start()
    await run.runner.wait_closed()
    assert run.client.closed == (4502, "upstream_busy")


async def test_a_bug_of_ours_closes_with_1011_and_logs_no_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = await started()

    def broken(raw: str | bytes, now: float) -> list[object]:
        raise RuntimeError(SPOKEN)

    monkeypatch.setattr(run.session, "receive_from_client", broken)
    with caplog.at_level(logging.ERROR):
        await run.say("{}")
        await run.runner.wait_closed()
    assert run.client.closed == (1011, "internal_error")
    assert "RuntimeError" in caplog.text
    assert SPOKEN not in caplog.text
    assert run.observer.ended == [EndReason.SERVER_LOST]


async def test_an_observer_that_fails_does_not_keep_a_session_from_ending() -> None:
    run = Run()
    run.observer.fails = True
    await run.start()
    await run.hang_up()
    assert run.observer.ended == [EndReason.USER_HANGUP]


async def test_a_client_that_vanishes_while_we_send_was_lost() -> None:
    run = await started()
    run.client.is_gone = True
    run.upstream.emit_now(events.cleared())
    await run.runner.wait_closed()
    assert run.observer.ended == [EndReason.CLIENT_LOST]


async def test_what_was_said_is_stored_even_if_the_client_is_gone() -> None:
    run = await started()
    run.store.hang()
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.settle()
    run.runner.client_closed(1006)
    await run.settle()
    run.store.answer()
    await run.runner.wait_closed()
    assert ItemCompleted("a1", "Hello", ItemStatus.INCOMPLETE) in run.store.records


async def test_a_session_ends_at_its_cap_by_itself() -> None:
    run = await started(limits=SessionLimits(max_duration_s=60, idle_timeout_s=0))
    await run.runner.wait_closed()
    assert run.client.closed == (1001, "session_expired")
    assert asyncio.get_running_loop().time() == pytest.approx(60, abs=0.1)


async def test_an_idle_session_ends_by_itself_and_activity_puts_that_off() -> None:
    run = await started(scripted(Expect("input_audio_buffer.clear")))
    await asyncio.sleep(100)
    await run.say({"type": "input_audio_buffer.clear"})
    await run.runner.wait_closed()
    assert run.client.closed == (1000, "idle_timeout")
    assert asyncio.get_running_loop().time() == pytest.approx(220, abs=0.1)


async def test_a_provider_that_never_sets_up_is_given_up_in_time() -> None:
    run = Run(ScriptedUpstream([]))
    run.runner.start()
    await run.runner.wait_closed()
    assert run.client.closed == (4504, "upstream_timed_out")


async def test_a_client_that_is_too_fast_is_made_to_wait() -> None:
    limits = SessionLimits(audio_bytes_per_s=960, audio_burst_bytes=960)
    run = await started(limits=limits)
    append = {"type": "input_audio_buffer.append", "audio": events.silence(20)}
    await run.say(*[append] * 6)
    assert asyncio.get_running_loop().time() == pytest.approx(5.0, abs=0.1)
    await run.hang_up()


async def test_a_wait_of_the_client_ends_with_the_session() -> None:
    limits = SessionLimits(audio_bytes_per_s=1, audio_burst_bytes=1)
    run = await started(limits=limits)
    append = {"type": "input_audio_buffer.append", "audio": events.silence(20)}
    waiting = asyncio.create_task(run.say(append))
    await run.settle()
    run.runner.end(EndReason.ADMIN_ENDED)
    await waiting
    await run.runner.wait_closed()
    assert asyncio.get_running_loop().time() < 1


async def test_a_drain_lets_the_answer_in_the_air_finish() -> None:
    run = await started(scripted(emit(*events.answer_begins("r1", "a1")), Wait(), emit(*TURN[5:])))
    await run.client.wait_for("response.created")
    draining = asyncio.create_task(run.runner.drain(timeout_s=20))
    await asyncio.sleep(3)
    assert not draining.done()
    run.upstream.proceed()
    await draining
    assert "response.done" in run.client.types
    assert run.client.closed == (1012, "server_draining")
    assert run.observer.ended == [EndReason.SERVER_SHUTDOWN]


async def test_a_drain_does_not_wait_longer_than_it_may() -> None:
    run = await started(scripted(emit(*events.answer_begins("r1", "a1"))))
    await run.client.wait_for("response.created")
    await run.runner.drain(timeout_s=20)
    assert asyncio.get_running_loop().time() == pytest.approx(20, abs=0.5)
    assert run.client.events[-2]["response"]["status"] == "incomplete"


async def test_after_the_end_calls_are_harmless() -> None:
    run = await started()
    await run.hang_up()
    await run.say("{}")
    run.runner.client_closed(1006)
    run.runner.end(EndReason.ADMIN_ENDED)
    await run.runner.drain(1)
    assert run.observer.ended == [EndReason.USER_HANGUP]


async def test_no_task_outlives_a_session() -> None:
    before = asyncio.all_tasks()
    run = await started(scripted(Wait(), Close()), scripted())
    run.upstream.proceed()
    await asyncio.sleep(1)
    await run.hang_up()
    await run.settle()
    assert asyncio.all_tasks() == before
