"""The laws of the design that the lanes keep; the pure machine has its own test of laws."""

from __future__ import annotations

import asyncio
import inspect
from types import ModuleType

import pytest

from realtime.core.effects import EndReason
from realtime.runtime import downlink, ledger, registry, runner, uplink
from realtime.runtime.company import COMPANY, SOON_S
from realtime.upstream import realtime_ws
from tests.fakes import events
from tests.fakes.runs import Run, scripted, started
from tests.fakes.upstream import Wait, emit

ITEM = events.assistant("a1", "Hello there.")
FINAL = events.transcript_done("r1", "a1", "Hello there.")
FINALS = (
    FINAL,
    events.output_event("content_part.done", "r1", "a1", part={"type": "audio"}),
    events.item_event("done", ITEM),
    events.output_item("done", "r1", ITEM),
    events.response_done("r1", ITEM),
)

pytestmark = pytest.mark.usefixtures("either_path")


def audio_heard(run: Run) -> int:
    return run.client.types.count("response.output_audio.delta")


async def test_law_2_a_final_is_stored_before_it_is_forwarded() -> None:
    run = await started()
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.client.wait_for("response.output_audio.delta")
    run.store.hang()
    run.upstream.emit_now(FINAL)
    await asyncio.sleep(4)
    assert FINAL["type"] not in run.client.types
    run.store.answer()
    await run.client.wait_for(FINAL["type"])
    assert run.store.texts == {"a1": "Hello there."}
    await run.hang_up()


async def test_law_2_only_audio_overtakes_a_pending_store() -> None:
    run = await started()
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.client.wait_for("response.output_audio.delta")
    run.store.hang()
    run.upstream.emit_now(
        FINAL, events.cleared(), events.audio_delta("r1", "a1"), events.audio_delta("r1", "a1")
    )
    await asyncio.sleep(4)
    assert audio_heard(run) == 3
    assert "input_audio_buffer.cleared" not in run.client.types
    run.upstream.emit_now(events.audio_delta("r1", "a1"))
    await asyncio.sleep(0.5)
    assert audio_heard(run) == 4
    run.store.answer()
    await run.client.wait_for("input_audio_buffer.cleared")
    assert run.client.types[-2:] == [FINAL["type"], "input_audio_buffer.cleared"]
    await run.hang_up()


async def test_law_2_sound_comes_behind_the_announcement_of_its_own_answer() -> None:
    run = await started()
    run.store.hang()
    run.upstream.emit_now(
        events.transcription_completed("u1", "Hello?"), *events.answer_begins("r1", "a1", "u1")
    )
    await asyncio.sleep(0.2)
    assert audio_heard(run) == 0
    run.store.answer()
    await run.client.wait_for("response.output_audio.delta")
    begun = [event["type"] for event in events.answer_begins("r1", "a1")]
    assert run.client.types[-len(begun) :] == begun
    await run.hang_up()


async def test_law_2_sound_does_not_wait_for_a_database_that_is_away() -> None:
    run = await started()
    run.store.hang()
    run.upstream.emit_now(
        events.transcription_completed("u1", "Hello?"), *events.answer_begins("r1", "a1", "u1")
    )
    await run.client.wait_for("response.output_audio.delta", timeout_s=0.4)
    assert "response.created" not in run.client.types
    run.store.answer()
    await run.client.wait_for("response.created")
    await run.hang_up()


async def test_law_2_after_five_seconds_every_frame_with_the_text_is_withheld() -> None:
    run = await started()
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.client.wait_for("response.output_audio.delta")
    run.store.go_away()
    run.upstream.emit_now(*FINALS, events.cleared(), events.audio_delta("r1", "a1"))
    await asyncio.sleep(4.9)
    assert "error" not in run.client.types
    error = await run.client.wait_for("error")
    assert error["error"]["code"] == "persistence_unavailable"
    await run.client.wait_for("input_audio_buffer.cleared")
    await asyncio.sleep(60)
    assert not {event["type"] for event in FINALS} & set(run.client.types)
    assert audio_heard(run) == 2
    await run.hang_up()


async def test_law_2_records_and_frames_wait_in_order_until_the_database_returns() -> None:
    run = await started()
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.client.wait_for("response.output_audio.delta")
    run.store.go_away()
    run.upstream.emit_now(*FINALS)
    await run.client.wait_for("error", timeout_s=10)
    typed = events.item_event("added", events.user_text("t1", "Hello?"), "a1")
    run.upstream.emit_now(typed)
    await asyncio.sleep(30)
    assert run.client.types.count("error") == 1
    run.store.come_back()
    await run.client.wait_for("response.done")
    assert [kind for kind in run.client.types if kind in {event["type"] for event in FINALS}] == [
        event["type"] for event in FINALS
    ]
    assert run.store.texts == {"a1": "Hello there.", "t1": "Hello?"}
    run.upstream.emit_now(events.item_event("added", events.user_text("t2", "Again"), "t1"))
    await asyncio.sleep(1)
    assert run.store.texts["t2"] == "Again"
    await run.hang_up()


async def test_law_2_a_store_that_fails_for_a_moment_delays_only() -> None:
    run = await started()
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.client.wait_for("response.output_audio.delta")
    run.store.go_away()
    run.upstream.emit_now(FINAL)
    await asyncio.sleep(2)
    run.store.come_back()
    await run.client.wait_for(FINAL["type"])
    assert "error" not in run.client.types
    await run.hang_up()


@pytest.mark.parametrize("module", [downlink, uplink, ledger, runner, registry, realtime_ws])
def test_law_4_the_audio_path_has_no_lock_and_no_thread_hop(module: ModuleType) -> None:
    source = inspect.getsource(module)
    for hop in (
        "Lock(",
        "Semaphore(",
        "to_thread",
        "run_in_executor",
        "threading",
        "sync_to_async",
    ):
        assert hop not in source


async def test_law_4_audio_flows_both_ways_while_the_database_hangs() -> None:
    run = await started()
    run.store.hang()
    run.upstream.emit_now(events.speech_started("u1"))
    await run.settle()
    run.upstream.emit_now(events.audio_delta("r1", "a1"))
    await run.say({"type": "input_audio_buffer.append", "audio": "AAAA" * 2})
    await run.settle()
    assert audio_heard(run) == 1
    assert run.upstream.received[-1]["type"] == "input_audio_buffer.append"
    run.store.answer()
    await run.hang_up()


async def test_law_5_a_slow_client_loses_the_oldest_audio_and_never_a_final() -> None:
    run = await started(private_events=True)
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.settle()
    run.client.stop_reading()
    second = [events.audio_delta("r1", "a1", 1000) for _ in range(60)]  # 64 kB each: 3.8 MB
    for number, event in enumerate(second):
        event["event_id"] = f"event_audio_{number}"
    run.upstream.emit_now(*second, *FINALS)
    await asyncio.sleep(5)
    assert run.runner._downlink.byte_count <= downlink.MAX_BYTES
    run.client.read_again()
    await run.client.wait_for("response.done")
    ids = [
        event["event_id"]
        for event in run.client.events
        if event["event_id"].startswith("event_audio_")
    ]
    # One was on its way, unless each is sent at once; of the others the newest that fit remain.
    if ids[0] == "event_audio_0":
        ids = ids[1:]
    assert ids == [f"event_audio_{number}" for number in range(60 - len(ids), 60)]
    assert 20 < len(ids) < 40
    assert {event["type"] for event in FINALS} <= set(run.client.types)
    notices = [event for event in run.client.events if event["type"] == "voiceassist.notice"]
    assert [notice["code"] for notice in notices] == ["audio_dropped"]
    assert run.runner._downlink.stalled_since is None
    await run.hang_up()


async def test_law_5_a_client_that_does_not_read_for_ten_seconds_is_closed_with_4408() -> None:
    run = await started()
    run.client.stop_reading()
    run.upstream.emit_now(*[events.audio_delta("r1", "a1", 1000) for _ in range(60)])
    await run.runner.wait_closed()
    assert 10 <= asyncio.get_running_loop().time() < 11
    assert run.client.closed == (4408, "client_too_slow")
    assert run.observer.ended == [EndReason.CLIENT_LOST]


async def test_law_5_a_client_that_catches_up_is_not_closed() -> None:
    run = await started()
    run.client.stop_reading()
    run.upstream.emit_now(*[events.audio_delta("r1", "a1", 1000) for _ in range(60)])
    await asyncio.sleep(9)
    run.client.read_again()
    await asyncio.sleep(30)
    assert not run.runner.is_ending
    await run.hang_up()


async def test_law_5_the_downlink_never_makes_the_provider_wait() -> None:
    run = await started()
    run.client.stop_reading()
    run.upstream.emit_now(*[events.audio_delta("r1", "a1", 1000) for _ in range(200)])
    run.upstream.emit_now(events.item_event("added", events.user_text("t1", "Hi")))
    await asyncio.sleep(1)
    assert run.session._state.recorder.items.get("t1") is not None
    run.client.read_again()
    await run.hang_up()


def append_of(byte_count: int) -> str:
    return f'{{"type":"input_audio_buffer.append","audio":"{"AAAA" * (byte_count // 8 * 2)}"}}'


async def test_law_5_the_uplink_makes_the_client_wait_and_drops_nothing() -> None:
    run = await started()
    run.upstream.stop_taking()
    frames = [append_of(1024 * 1024) for _ in range(5)]
    for frame in frames[:4]:
        await run.say(frame)
    waiting = asyncio.create_task(run.say(frames[4]))
    await asyncio.sleep(9)
    assert not waiting.done()
    assert run.runner._uplink.byte_count < 5 * 1024 * 1024
    run.upstream.take_again()
    await waiting
    await run.settle()
    assert run.upstream.received_raw[1:] == frames
    await run.hang_up()


async def test_law_5_an_uplink_full_for_ten_seconds_closes_with_4429() -> None:
    run = await started()
    run.upstream.stop_taking()
    for _ in range(5):
        await run.say(append_of(1024 * 1024))
    await run.runner.wait_closed()
    assert run.client.closed == (4429, "uplink_full")
    assert run.client.events[-1]["error"]["type"] == "rate_limit_error"


async def test_law_5_a_client_that_waits_can_still_be_seen_to_leave() -> None:
    run = await started()
    run.upstream.stop_taking()
    for _ in range(4):
        await run.say(append_of(1024 * 1024))
    waiting = asyncio.create_task(run.say(append_of(8)))
    await asyncio.sleep(1)
    run.runner.client_closed(1006)
    await waiting
    await run.runner.wait_closed()
    assert run.observer.ended == [EndReason.CLIENT_LOST]


async def test_law_5_frames_held_during_a_dial_count_as_queued() -> None:
    run = Run(scripted(before=[Wait(), emit(events.session_created())]))
    run.runner.start()
    for _ in range(4):
        await run.say(append_of(1024 * 1024))
    waiting = asyncio.create_task(run.say(append_of(8)))
    await asyncio.sleep(1)
    assert not waiting.done()
    run.runner.end(EndReason.ADMIN_ENDED)
    await waiting
    await run.runner.wait_closed()


async def test_law_2_only_the_text_of_an_item_waits_for_the_database() -> None:
    """Speech that starts must silence the assistant at once, however slow the database is."""
    run = await started()
    run.store.hang()
    run.upstream.emit_now(events.speech_started("u1"), *events.answer_begins("r1", "a1"))
    await run.settle()
    assert run.client.types[1:] == [
        event["type"] for event in (events.speech_started("u1"), *events.answer_begins("r1", "a1"))
    ]
    run.upstream.emit_now(FINAL)
    await run.settle()
    assert FINAL["type"] not in run.client.types
    run.store.answer()
    await run.client.wait_for(FINAL["type"])
    assert [getattr(record, "item_id", None) for record in run.store.records] == ["u1", "a1", "a1"]
    await run.hang_up()


async def test_an_opened_item_is_written_when_another_session_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(COMPANY, "_own_s", 0.0)
    waiting, other, left = await started(), await started(), await started()
    for run in (waiting, left):
        run.upstream.emit_now(*events.answer_begins("r1", "a1"))
        await run.settle()
        assert run.store.batches == []
    await left.hang_up()
    written = len(left.store.batches)
    assert written == 1
    other.upstream.emit_now(*events.answer_begins("r2", "a2"), FINAL)
    await other.client.wait_for(FINAL["type"])
    await waiting.settle()
    assert [[type(record).__name__ for record in batch] for batch in waiting.store.batches] == [
        ["ItemOpened"]
    ]
    assert len(left.store.batches) == written
    await other.hang_up()
    await waiting.hang_up()


async def test_an_opened_item_waits_a_moment_for_company_and_what_an_answer_cost_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(COMPANY, "_own_s", 0.0)
    run = await started()
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.settle()
    assert run.store.batches == []
    await asyncio.sleep(SOON_S)
    assert [len(batch) for batch in run.store.batches] == [1]
    run.upstream.emit_now(events.speech_started("u1"), FINAL, events.response_done("r1", ITEM))
    await run.client.wait_for("response.done")
    await run.settle()
    assert [[type(record).__name__ for record in batch] for batch in run.store.batches[1:]] == [
        ["ItemOpened", "ItemCompleted"],
        ["ResponseRecorded"],
    ]
    run.upstream.emit_now(events.speech_started("u2"))
    await run.settle()
    await run.hang_up()
    assert [type(record).__name__ for record in run.store.batches[3]] == [
        "ItemOpened",
        "ItemCompleted",
        "ItemCompleted",
    ]
