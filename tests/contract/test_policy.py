"""Policies and models of other servers, as clients of a real server meet them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.contract.administrator import Administrator
from tests.contract.gateway import Gateway, Socket
from tests.fakes import events
from tests.fakes.any_events import client_frames, generated, provider_frames
from tests.fakes.realtime_server import fake_realtime_server
from tests.fakes.upstream import Expect, Step, emit

KEY = "partner-canary-0123456789"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A server whose policies and models the tests of this module change."""
    folder = tmp_path_factory.mktemp("policy")
    with Gateway(folder, LIMIT_SESSIONS_PER_USER="20", PARTNER_API_KEY=KEY) as gateway:
        yield gateway


@pytest.fixture
def administrator(own: Gateway) -> Iterator[Administrator]:
    """Leaves everybody's policy as it was."""
    at_work = Administrator(own)
    yield at_work
    at_work.set_policy(allow_system_items="on")
    at_work.http.close()


@asynccontextmanager
async def direct(gateway: Gateway, model: str = "", **options: Any) -> AsyncIterator[Socket]:
    query = f"?model={model}" if model else ""
    socket = await gateway.dial(gateway.access(), query=query, **options)
    try:
        yield socket
    finally:
        await socket.connection.close()


def update(**session: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **session}}


def system_item() -> dict[str, Any]:
    content = [{"type": "input_text", "text": "Obey."}]
    return {"type": "message", "role": "system", "content": content}


async def test_every_event_is_held_to_the_callers_policy_and_changes_nothing(
    own: Gateway, administrator: Administrator
) -> None:
    administrator.set_policy(max_output_tokens="200", max_tools="1", voices="cedar")
    function = {"type": "function", "name": "f", "parameters": {}}
    forbidden = {
        "session.tools[0].type": update(tools=[{"type": "mcp", "server_label": "x"}]),
        "session.tools": update(tools=[function, function], instructions="Rhyme."),
        "session.tool_choice.type": update(tool_choice={"type": "mcp", "server_label": "x"}),
        "session.audio.output.voice": update(audio={"output": {"voice": "marin"}}),
        "session.max_output_tokens": update(max_output_tokens="inf"),
        "response.max_output_tokens": {
            "type": "response.create",
            "response": {"max_output_tokens": 201},
        },
        "response.prompt": {"type": "response.create", "response": {"prompt": {"id": "p"}}},
        "response.input[0].role": {
            "type": "response.create",
            "response": {"input": [system_item()]},
        },
        "item.role": {"type": "conversation.item.create", "item": system_item()},
        "item.type": {
            "type": "conversation.item.create",
            "item": {"type": "mcp_approval_response", "approve": True},
        },
    }
    async with direct(own) as socket:
        created = await socket.wait_for("session.created")
        assert created["session"]["audio"]["output"]["voice"] == "cedar"
        assert created["session"]["max_output_tokens"] == 200
        for param, event in forbidden.items():
            await socket.send(**event, event_id=f"c {param}")
            answer = await socket.next_event()
            assert answer["type"] == "error", param
            error = answer["error"]
            assert (error["param"], error["event_id"]) == (param, f"c {param}")
            assert error["type"] == "invalid_request_error"
        await socket.send(**update(max_output_tokens=100))
        updated = await socket.next_event()
        assert updated["type"] == "session.updated"
        session = updated["session"]
        assert (session["instructions"], session["tools"], session["tool_choice"]) == (
            "",
            [],
            "auto",
        )
        assert session["max_output_tokens"] == 100
        await socket.say("hello")
        assert (await socket.wait_for("response.done"))["response"]["status"] == "completed"


async def test_a_model_of_another_server_is_spoken_with_there_and_in_its_way(
    own: Gateway, administrator: Administrator
) -> None:
    async with fake_realtime_server() as azure, fake_realtime_server() as keyless:
        administrator.add_model(
            "partner",
            base_url=azure.url,
            upstream_name="deployment-7",
            key_header="api-key",
            key_name="PARTNER_API_KEY",
        )
        administrator.add_model("open-house", base_url=keyless.url)
        for model in ("partner", "open-house"):
            async with direct(own, model) as socket:
                await socket.wait_for("session.created")
        async with direct(own, "unheard-of") as socket:
            created = await socket.wait_for("session.created")
    assert created["session"]["model"] == "gpt-realtime-2.1"
    ((path, headers),) = azure.requests
    assert path == "/v1/realtime?model=deployment-7"
    assert headers["api-key"] == KEY
    assert "Authorization" not in headers
    ((path, headers),) = keyless.requests
    assert path == "/v1/realtime?model=open-house"
    assert "Authorization" not in headers
    assert "api-key" not in headers
    listed = own.request("GET", "/v1/models").json()["data"]
    assert {"partner", "open-house"} <= {model["id"] for model in listed}
    assert KEY not in own.process.log()


async def test_a_session_that_a_provider_will_not_have_closes_with_4403_and_is_no_failure_of_its(
    own: Gateway, administrator: Administrator
) -> None:
    refusal = events.error("invalid_value", error_type="invalid_request_error")
    refusal["error"] |= {"param": "session.audio.output.voice", "message": "No such voice."}
    script: list[Step] = [emit(events.session_created()), Expect("session.update"), emit(refusal)]
    async with fake_realtime_server(script) as strict:
        administrator.add_model("strict", base_url=strict.url)
        for _ in range(7):  # more than a provider may fail before it is left alone
            async with direct(own, "strict") as socket:
                assert await socket.closed() == (4403, "invalid_value")
            (event,) = socket.events
            assert event["error"]["param"] == "session.audio.output.voice"
            assert event["error"]["message"] == "No such voice."


@asynccontextmanager
async def babbling_provider(frames: list[str]) -> AsyncIterator[str]:
    """Sets a session up, says all this, and on `input_audio_buffer.commit` goes away for good."""
    begun = False

    async def once(connection: ServerConnection, _: Request) -> Response | None:
        return connection.respond(401, "gone\n") if begun else None

    async def babble(connection: ServerConnection) -> None:
        nonlocal begun
        begun = True
        await connection.send(events.text(events.session_created()))
        await connection.recv()
        await connection.send(events.text(events.session_updated()))
        for frame in frames:
            await connection.send(frame)
        await connection.send(events.text(events.response_created("the_last")))
        try:
            while json.loads(await connection.recv())["type"] != "input_audio_buffer.commit":
                pass
        except ConnectionClosed:
            return

    async with serve(babble, "127.0.0.1", 0, process_request=once, close_timeout=1) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"


async def test_a_relay_survives_whatever_both_sides_send(
    own: Gateway, administrator: Administrator
) -> None:
    said = [frame for frame in generated(provider_frames, 150) if frame]
    asked = [frame for frame in generated(client_frames, 150) if "commit" not in str(frame)]
    async with babbling_provider(said) as url:
        administrator.add_model("babble", base_url=url)
        async with direct(own, "babble") as socket:
            await socket.wait_for("session.created")
            reading = asyncio.create_task(last_answer(socket))
            for frame in asked:
                await socket.connection.send(frame)
            await socket.send(type="make.coffee", event_id="the last")
            await reading
            await socket.send(type="input_audio_buffer.commit")
            code, _ = await socket.closed()
    assert code == 4502
    types = [event["type"] for event in socket.events]
    assert types.count("session.created") == 1
    assert unfinished(socket.events) == set()
    assert "Traceback" not in own.process.log()


async def last_answer(socket: Socket) -> None:
    """Read until both sides' last words have come through."""
    waiting = {"the last", "the_last"}
    while waiting:
        event = await socket.next_event()
        if event["type"] == "error":
            waiting.discard(str(event["error"].get("event_id")))
        response = event.get("response")
        if isinstance(response, dict):
            waiting.discard(str(response.get("id")))


def unfinished(told: list[dict[str, Any]]) -> set[str]:
    begun: set[str] = set()
    for event in told:
        response = event.get("response")
        response_id = response.get("id") if isinstance(response, dict) else None
        if isinstance(response_id, str) and event["type"] == "response.created":
            begun.add(response_id)
        elif isinstance(response_id, str) and event["type"] == "response.done":
            begun.discard(response_id)
    return begun
