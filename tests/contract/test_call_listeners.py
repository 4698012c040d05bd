"""A caller's own server listens to their call through us, as it would at OpenAI (`?call_id=`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.calling import OpenedCall, hang_up
from tests.contract.gateway import Gateway, Socket
from tests.fakes import events
from tests.fakes.calls_server import FakeCallsProvider


async def listen(call: OpenedCall, key: str = "") -> Socket:
    key = key or call.gateway.access()
    return await call.gateway.dial(key, query=f"?call_id={call.id}")


async def until(what: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not await asyncio.to_thread(what):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def test_it_sees_the_events_and_no_session_created(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        socket = await listen(call)
        call.say(1, "What time is it?")
        final = await socket.wait_for("conversation.item.input_audio_transcription.completed")
        assert final["transcript"] == "What time is it?"
        await socket.wait_for("response.done")
        assert socket.events[0]["type"] == "input_audio_buffer.speech_started"
        await socket.connection.close()
        await until(lambda: call.session["turns"] == 1)
        assert call.session["state"] == "live"


async def test_what_it_sends_is_held_to_policy(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        socket = await listen(call, call.minted["api_key"])
        await socket.send(
            type="session.update", session={"type": "realtime", "instructions": "Rhyme."}
        )
        updated = await socket.wait_for("session.updated")
        assert updated["session"]["instructions"] == "Rhyme."
        assert call.there.session["instructions"].endswith("\n\nRhyme.")
        await socket.send(
            type="session.update",
            event_id="mine",
            session={"type": "realtime", "tools": [{"type": "mcp"}]},
        )
        refused = await socket.wait_for("error")
        assert refused["error"]["event_id"] == "mine"
        assert call.there.session["tools"] == []
        await socket.connection.close()


async def test_it_is_told_how_the_call_ended(calling: Gateway, provider: FakeCallsProvider) -> None:
    with OpenedCall(calling, provider) as call:
        socket = await listen(call)
        path = f"/api/review/sessions/{call.id}/end"
        calling.request("POST", path, person="admin", json={"reason": "a test"})
        assert await socket.closed() == (4410, "session_ended")


async def test_several_may_listen_and_one_that_reads_nothing_hurts_only_itself(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        first, second = await listen(call), await listen(call)
        call.tell(events.speech_started("item_u1"))
        for socket in (first, second):
            await socket.wait_for("input_audio_buffer.speech_started")
        first.connection.transport.abort()
        call.tell(events.speech_stopped("item_u1"))
        await second.wait_for("input_audio_buffer.speech_stopped")
        await second.connection.close()


async def test_nobody_elses_server_listens(calling: Gateway, provider: FakeCallsProvider) -> None:
    with OpenedCall(calling, provider) as call:
        for key in (calling.access("admin"), calling.mint()["api_key"]):
            with pytest.raises(InvalidStatus) as refused:
                await listen(call, key)
            assert refused.value.response.status_code == 404
        hang_up(calling, call.minted["api_key"], call.id)
        call.ended()
        with pytest.raises(InvalidStatus) as over:
            await listen(call)
        assert b"call_id_not_found" in bytes(over.value.response.body or b"")
