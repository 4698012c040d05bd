"""Calls of the embedded provider in the server's own process: real media, real ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from tests.contract.gateway import Gateway, ended
from tests.contract.test_call_holder_dies import call_at, is_open, turn, until
from tests.embedded.webrtc.caller import a_caller

pytestmark = pytest.mark.speech


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A session may have three answers here."""
    with Gateway(tmp_path_factory.mktemp("own"), LIMIT_RESPONSES_PER_SESSION="3") as gateway:
        yield gateway


async def test_an_administrators_end_reaches_the_caller_in_under_a_second(own: Gateway) -> None:
    async with a_caller() as caller:
        minted = await call_at(own, caller)
        await turn(caller, "what is two plus three")
        path = f"/api/review/sessions/{minted['session_id']}/end"
        own.access("admin")
        asked_at = time.monotonic()
        answer = await asyncio.to_thread(
            own.request, "POST", path, person="admin", json={"reason": "a test"}
        )
        assert answer.status_code < 300, answer.text
        await caller.wait_for(lambda: not is_open(caller))
        assert time.monotonic() - asked_at < 1.0
        session = await ended(own, minted["session_id"])
        assert session["end_reason"] == "admin_ended"


async def test_of_three_answers_the_fourth_is_never_produced(own: Gateway) -> None:
    async with a_caller() as caller:
        minted = await call_at(own, caller)
        for number in ("one", "two", "three"):
            await turn(caller, f"what is {number} plus two")
        await caller.wait_for(lambda: not is_open(caller))
        session = await ended(own, minted["session_id"])
        assert (session["end_reason"], session["turns"]) == ("budget_exhausted", 3)
        answers = [
            item for item in own.items(minted["conversation_id"]) if item["role"] == "assistant"
        ]
        assert len(answers) == 3


async def test_a_fourth_answer_asked_for_at_once_is_cut_before_it_speaks(own: Gateway) -> None:
    async with a_caller() as caller:
        minted = await call_at(own, caller)
        for number in ("one", "two", "three"):
            await turn(caller, f"what is {number} plus two")
        caller.ask("count to twenty")
        await caller.wait_for(lambda: not is_open(caller))
        session = await ended(own, minted["session_id"])
        assert (session["end_reason"], session["turns"]) == ("budget_exhausted", 3)
        assert not any("twenty" in event.get("transcript", "") for event in caller.events)


async def test_calls_that_died_with_their_server_are_ended_when_it_is_back(own: Gateway) -> None:
    async with a_caller() as caller:
        minted = await call_at(own, caller)
        await turn(caller, "what is two plus three")
        await until(lambda: len(own.items(minted["conversation_id"])) == 2)
        await asyncio.to_thread(own.process.kill)
        await asyncio.to_thread(own.process.start)
        session = await ended(own, minted["session_id"], within_s=15)
        assert session["end_reason"] == "upstream_closed"
        gap = own.items(minted["conversation_id"])[-1]
        assert (gap["kind"], gap["status"]) == ("recording_gap", "incomplete")
