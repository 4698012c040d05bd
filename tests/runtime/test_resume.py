"""Lines that break and come back: nothing is missed, nothing comes twice."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from realtime.core.effects import EndReason
from realtime.core.limits import SessionLimits
from realtime.runtime.attachment import Attachment
from tests.fakes import events
from tests.fakes.client import RecordingClient
from tests.fakes.events import Event
from tests.fakes.runs import Run, started

pytestmark = pytest.mark.usefixtures("either_path")


async def resumable(**setup: Any) -> Run:
    return await started(private_events=True, **setup)


def numbered(first: int, count: int) -> list[Event]:
    """Events of ids of their own, sound among them."""
    made = []
    for number in range(first, first + count):
        kind = events.audio_delta("r1", "a1", 20) if number % 3 else events.cleared()
        made.append({**kind, "event_id": f"event_{number}"})
    return made


def ids(client: RecordingClient) -> list[str]:
    return [event["event_id"] for event in client.events]


def come_back(run: Run, after: str) -> tuple[RecordingClient, Attachment]:
    client = RecordingClient()
    attachment = run.runner.attach(client, after)
    assert attachment is not None
    return client, attachment


async def test_a_client_that_comes_back_gets_what_it_missed_once_and_in_order() -> None:
    run = await resumable()
    run.upstream.emit_now(*numbered(0, 5))
    await run.settle()
    run.runner.client_closed(1006)
    run.upstream.emit_now(*numbered(5, 10))
    await run.settle()
    assert run.observer.detached == 1
    client, attachment = come_back(run, "event_2")
    run.upstream.emit_now(*numbered(15, 3))
    await run.settle()
    greeting = client.events[0]
    assert (greeting["type"], greeting["recovered"]) == ("voiceassist.session.resumed", True)
    assert ids(client)[1:] == [f"event_{number}" for number in range(3, 18)]
    attachment.client_closed(1000)
    await attachment.wait_over()
    assert run.observer.ended == [EndReason.USER_HANGUP]


async def test_hundreds_of_random_cuts_leave_no_gap_and_no_double() -> None:
    chance = random.Random(20)
    run = await resumable()
    seen = ids(run.client)
    client, total = run.client, 0
    for _ in range(300):
        count = chance.randrange(12)
        run.upstream.emit_now(*numbered(total, count))
        total += count
        for _ in range(chance.randrange(8)):
            await asyncio.sleep(0)
        if chance.random() < 0.5:
            run.runner.client_closed(chance.choice((1001, 1005, 1006)))
            for _ in range(chance.randrange(8)):
                await asyncio.sleep(0)
        read = chance.randrange(len(client.frames) + 1)  # the rest was lost on the way
        if client is run.client:
            read = max(read, 1)
        seen_here = ids(client)[:read]
        seen = seen_here if client is run.client else seen + seen_here
        client, _ = come_back(run, seen[-1])
    await run.settle()
    seen += ids(client)
    relayed = [event_id for event_id in seen if event_id.removeprefix("event_").isdigit()]
    assert relayed == [f"event_{number}" for number in range(total)]
    run.runner.end(EndReason.ADMIN_ENDED)
    await run.runner.wait_closed()


async def test_what_nobody_can_replay_any_more_is_said_and_the_session_goes_on() -> None:
    run = await resumable()
    run.runner.client_closed(1006)
    client, _ = come_back(run, "event_of_another_session")
    run.upstream.emit_now(events.cleared())
    await run.settle()
    assert client.events[0]["recovered"] is False
    assert client.types == ["voiceassist.session.resumed", "input_audio_buffer.cleared"]
    await end(run)


async def test_a_newer_line_takes_over_and_the_older_one_closes_with_4409() -> None:
    run = await resumable()
    first = Attachment(run.runner, run.client, run.runner.line.over)
    client, _ = come_back(run, "event_created")
    await first.wait_over()
    assert run.client.closed == (4409, "superseded")
    assert run.client.events[-1]["error"]["code"] == "superseded"
    assert client.events[0]["recovered"] is True
    first.client_closed(1006)
    await first.from_client("not json")
    await run.settle()
    assert run.observer.detached == 0
    assert client.types == ["voiceassist.session.resumed"]
    await end(run)


async def test_a_line_stuck_in_the_middle_of_a_frame_is_taken_over_too() -> None:
    run = await resumable()
    run.client.stop_reading()
    run.upstream.emit_now(*numbered(0, 4))
    await run.settle()
    client, _ = come_back(run, "event_created")
    run.client.read_again()
    await run.settle()
    assert ids(client)[1:] == [f"event_{number}" for number in range(4)]
    await end(run)


async def test_a_client_lost_while_it_is_sent_what_it_missed_may_come_back_again() -> None:
    run = await resumable()
    run.runner.client_closed(1006)
    run.upstream.emit_now(*numbered(0, 4))
    await run.settle()
    broken = RecordingClient()
    broken.is_gone = True
    assert run.runner.attach(broken, "event_created") is not None
    await run.settle()
    assert run.observer.detached == 2
    client, _ = come_back(run, "event_1")
    await run.settle()
    assert ids(client)[1:] == ["event_2", "event_3"]
    await end(run)


async def test_a_final_is_stored_before_a_client_that_came_back_sees_it() -> None:
    run = await resumable()
    run.upstream.emit_now(*events.answer_begins("r1", "a1"))
    await run.settle()
    run.store.hang()
    run.runner.client_closed(1006)
    run.upstream.emit_now(events.transcript_done("r1", "a1", "Hello there."))
    await run.settle()
    client, _ = come_back(run, "event_created")
    await run.settle()
    assert "response.output_audio_transcript.done" not in client.types
    run.store.answer()
    await client.wait_for("response.output_audio_transcript.done")
    assert run.store.texts == {"a1": "Hello there."}
    await end(run)


async def test_a_minute_without_its_client_ends_the_session() -> None:
    run = await resumable(limits=SessionLimits(resume_s=60, idle_timeout_s=0))
    run.runner.client_closed(1006)
    await run.runner.wait_closed()
    assert asyncio.get_running_loop().time() == pytest.approx(60, abs=0.1)
    assert run.observer.ended == [EndReason.CLIENT_LOST]
    assert run.runner.attach(RecordingClient(), "") is None


async def test_a_client_that_cannot_resume_ends_its_session_at_once() -> None:
    run = await started()
    assert run.runner.attach(RecordingClient(), "event_created") is None
    run.runner.client_closed(1006)
    await run.runner.wait_closed()
    assert run.observer.ended == [EndReason.CLIENT_LOST]
    assert run.observer.detached == 0


async def test_a_client_that_reads_too_slowly_loses_its_line_but_not_its_session() -> None:
    run = await resumable()
    run.client.stop_reading()
    run.upstream.emit_now(*[events.audio_delta("r1", "a1", 10_000) for _ in range(5)])
    await asyncio.sleep(12)
    assert run.client.closed == (4408, "client_too_slow")
    assert run.observer.detached == 1
    client, _ = come_back(run, "event_created")
    await run.settle()
    assert client.events[0]["recovered"] is True
    await end(run)


async def test_sound_that_had_to_make_room_is_told_to_the_client_that_misses_it() -> None:
    run = await resumable()
    run.runner.client_closed(1006)
    for _ in range(3):
        run.upstream.emit_now(events.audio_delta("r1", "a1", 30_000))
        await run.settle()
    client, _ = come_back(run, "event_created")
    await run.settle()
    assert client.types == [
        "voiceassist.session.resumed",
        "response.output_audio.delta",
        "response.output_audio.delta",
        "voiceassist.notice",
    ]
    assert client.events[-1]["code"] == "audio_dropped"
    await end(run)


async def test_a_client_that_is_expected_keeps_its_slot() -> None:
    run = await resumable()
    await run.runner.expect_client()
    run.runner.client_closed(1006)
    await run.settle()
    assert run.observer.detached == 0
    run.runner.expect_no_more()
    await run.settle()
    assert run.observer.detached == 1
    await end(run)


async def test_no_task_outlives_a_session_that_was_resumed() -> None:
    before = asyncio.all_tasks()
    run = await resumable()
    run.runner.client_closed(1006)
    come_back(run, "event_created")
    come_back(run, "event_created")
    await end(run)
    await run.settle()
    assert asyncio.all_tasks() == before


async def end(run: Run) -> None:
    run.runner.end(EndReason.ADMIN_ENDED)
    await run.runner.wait_closed()
