"""Calls with real media, their provider a process of its own: real ends, and SIGKILL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.gateway import EVENT_TIMEOUT_S, Gateway, ended
from tests.contract.latency import turns_that_equal_the_log
from tests.contract.provider_process import provider_process
from tests.embedded.webrtc.caller import Caller, a_caller

pytestmark = pytest.mark.speech

HELD_AGAIN_WITHIN_S = 5.0


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with (
        provider_process() as url,
        Gateway(
            tmp_path_factory.mktemp("holder"),
            REALTIME_PROVIDER="openai",
            REALTIME_BASE_URL=url,
            OPENAI_API_KEY="any",
            LIMIT_RESPONSES_PER_SESSION="3",
        ) as gateway,
    ):
        yield gateway


@pytest.fixture(scope="module")
def other(holder: Gateway) -> Iterator[Gateway]:
    with closing(holder.twin()) as twin:
        yield twin


def closed_gaps(gateway: Gateway, conversation_id: str) -> list[dict[str, Any]]:
    """Gaps that are over: from then on somebody listens again."""
    gaps = [item for item in gateway.items(conversation_id) if item["kind"] == "recording_gap"]
    return [gap for gap in gaps if gap["status"] == "completed"]


async def until(what: Callable[[], Any], within_s: float = EVENT_TIMEOUT_S) -> Any:
    deadline = time.monotonic() + within_s
    while not (found := await asyncio.to_thread(what)):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.1)
    return found


async def call_at(gateway: Gateway, caller: Caller) -> dict[str, Any]:
    """A connected call; what was minted for it."""
    minted = gateway.mint(transport="webrtc")
    answer = await asyncio.to_thread(
        gateway.http.post,
        "/v1/realtime/calls",
        headers={
            "Authorization": f"Bearer {minted['api_key']}",
            "Content-Type": "application/sdp",
        },
        content=await caller.offer(),
    )
    assert answer.status_code == 201, answer.text
    await caller.connect(answer.text)
    return minted


def is_open(caller: Caller) -> bool:
    return caller.channel is not None and caller.channel.readyState == "open"


async def turn(caller: Caller, text: str) -> str:
    """A typed turn with a spoken answer; what was answered."""
    caller.ask(text)
    seen = await caller.until("response.done")
    (said,) = [event for event in seen if event["type"] == "response.output_audio_transcript.done"]
    return str(said["transcript"])


async def test_an_administrators_end_reaches_the_caller_in_under_a_second(holder: Gateway) -> None:
    async with a_caller() as caller:
        minted = await call_at(holder, caller)
        await turn(caller, "what is two plus three")
        path = f"/api/review/sessions/{minted['session_id']}/end"
        holder.access("admin")
        asked_at = time.monotonic()
        answer = await asyncio.to_thread(
            holder.request, "POST", path, person="admin", json={"reason": "a test"}
        )
        assert answer.status_code < 300, answer.text
        await caller.wait_for(lambda: not is_open(caller))
        assert time.monotonic() - asked_at < 1.0
        session = await ended(holder, minted["session_id"])
        assert session["end_reason"] == "admin_ended"
    (answered,) = await turns_that_equal_the_log(holder, minted["session_id"])
    assert (answered["view"], answered["stages"]["relay_ms"]) == ("gateway", None)
    assert answered["stages"]["first_audio_ms"] > 0


async def test_of_three_answers_the_fourth_is_never_produced(holder: Gateway) -> None:
    async with a_caller() as caller:
        minted = await call_at(holder, caller)
        for number in ("one", "two", "three"):
            await turn(caller, f"what is {number} plus two")
        await caller.wait_for(lambda: not is_open(caller))
        session = await ended(holder, minted["session_id"])
        assert (session["end_reason"], session["turns"]) == ("budget_exhausted", 3)
        answers = [
            item for item in holder.items(minted["conversation_id"]) if item["role"] == "assistant"
        ]
        assert len(answers) == 3


async def test_a_fourth_answer_asked_for_at_once_is_cut_before_it_speaks(holder: Gateway) -> None:
    async with a_caller() as caller:
        minted = await call_at(holder, caller)
        for number in ("one", "two", "three"):
            await turn(caller, f"what is {number} plus two")
        caller.ask("count to twenty")
        await caller.wait_for(lambda: not is_open(caller))
        session = await ended(holder, minted["session_id"])
        assert (session["end_reason"], session["turns"]) == ("budget_exhausted", 3)
        assert not any("twenty" in event.get("transcript", "") for event in caller.events)


async def test_a_server_that_restarts_comes_back_to_its_calls(holder: Gateway) -> None:
    async with a_caller() as caller:
        minted = await call_at(holder, caller)
        await turn(caller, "what is two plus three")
        await until(lambda: holder.session(minted["session_id"])["turns"] == 1)
        await asyncio.to_thread(holder.process.kill)
        await asyncio.to_thread(holder.process.start)
        await until(lambda: closed_gaps(holder, minted["conversation_id"]))
        await turn(caller, "what is four plus five")
        await until(lambda: holder.session(minted["session_id"])["turns"] == 2)
        kinds = [item["kind"] for item in holder.items(minted["conversation_id"])]
        assert kinds.count("recording_gap") == 1
        await caller.peer.close()
        session = await ended(holder, minted["session_id"])
        assert session["end_reason"] == "user_hangup"


async def test_another_process_goes_on_and_shows_what_nobody_heard(
    holder: Gateway, other: Gateway
) -> None:
    async with a_caller() as caller:
        minted = await call_at(holder, caller)
        conversation_id = minted["conversation_id"]
        before = await turn(caller, "what is two plus three")
        await until(lambda: len(other.items(conversation_id)) == 2)
        await until(lambda: other.session(minted["session_id"])["turns"] == 1)
        with pytest.raises(InvalidStatus) as refused:
            await other.dial(other.access(), query=f"?call_id={minted['session_id']}")
        assert refused.value.response.status_code == 503
        assert b"call_elsewhere" in bytes(refused.value.response.body or b"")
        killed_at = time.monotonic()
        await asyncio.to_thread(holder.process.kill)

        await until(lambda: closed_gaps(other, conversation_id))
        assert time.monotonic() - killed_at < HELD_AGAIN_WITHIN_S
        after = await turn(caller, "what is four plus five")
        await until(lambda: other.session(minted["session_id"])["turns"] == 2)
        told = [(item["role"], item["kind"], item["text"]) for item in other.items(conversation_id)]
        assert told[:2] == [
            ("user", "message", "what is two plus three"),
            ("assistant", "message", before),
        ]
        assert told[2][1] == "recording_gap"
        assert told[3:] == [
            ("user", "message", "what is four plus five"),
            ("assistant", "message", after),
        ]
        assert other.session(minted["session_id"])["state"] == "live"
        listener = await other.dial(other.access(), query=f"?call_id={minted['session_id']}")
        await listener.connection.close()
        exported = other.request(
            "GET", f"/api/conversations/{conversation_id}/export/", params={"format": "txt"}
        )
        assert "Recording gap from" in exported.text
        # The new holder hangs up as the first one would have.
        hung_up = other.http.post(
            f"/v1/realtime/calls/{minted['session_id']}/hangup",
            headers={"Authorization": f"Bearer {minted['api_key']}"},
        )
        assert hung_up.status_code == 200
        await caller.wait_for(lambda: not is_open(caller))
        session = await ended(other, minted["session_id"])
        assert session["end_reason"] == "user_hangup"
