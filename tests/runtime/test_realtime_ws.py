"""The wire to a provider, against a real WebSocket server."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import logging
import time
from http import HTTPStatus

import pytest

from realtime.core.effects import EndReason
from realtime.core.errors import UpstreamFailed, UpstreamTimedOut
from realtime.core.session import Session
from realtime.runtime.ports import Upstream, UpstreamClosed, UpstreamTarget
from realtime.runtime.runner import SessionRunner
from realtime.upstream.realtime_ws import (
    DirectRealtimeWebSocketUpstream,
    RealtimeWebSocketUpstream,
    target_url,
)
from tests.fakes import events
from tests.fakes.client import RecordingClient
from tests.fakes.realtime_server import FakeRealtimeServer, fake_realtime_server
from tests.fakes.runs import TARGET
from tests.fakes.sessions import make_setup
from tests.fakes.store import MemoryStore, RecordingObserver
from tests.fakes.upstream import SET_UP, Close, Expect, Wait, emit

KEY = "sk-canary-1234567890"


class Dialled:
    kind: type[RealtimeWebSocketUpstream] = RealtimeWebSocketUpstream


@pytest.fixture(autouse=True, params=[RealtimeWebSocketUpstream, DirectRealtimeWebSocketUpstream])
def either_path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here holds on the slow path and on the fast one."""
    monkeypatch.setattr(Dialled, "kind", request.param)


def make_upstream(url: str, key: str = KEY, **options: float | str) -> RealtimeWebSocketUpstream:
    return Dialled.kind(url, key, TARGET, **options)  # type: ignore[arg-type]


async def test_the_handshake_names_model_key_and_the_hashed_user_and_no_beta() -> None:
    async with fake_realtime_server() as server:
        upstream = make_upstream(server.url)
        await upstream.open()
        await upstream.aclose()
    ((path, headers),) = server.requests
    assert path == "/v1/realtime?model=gpt-realtime-2.1"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["OpenAI-Safety-Identifier"] == "hashed"
    assert "OpenAI-Beta" not in headers
    assert "Sec-WebSocket-Extensions" not in headers
    assert "Sec-WebSocket-Protocol" not in headers


async def test_an_empty_key_is_not_sent_and_other_schemes_are_possible() -> None:
    async with fake_realtime_server() as server:
        for upstream in (
            make_upstream(server.url, ""),
            make_upstream(server.url, KEY, key_header="api-key", key_prefix=""),
        ):
            await upstream.open()
            await upstream.aclose()
    assert "Authorization" not in server.requests[0][1]
    assert server.requests[1][1]["api-key"] == KEY
    assert "Authorization" not in server.requests[1][1]


@pytest.mark.parametrize(
    ("base", "call_id", "expected"),
    [
        ("wss://h/v1/realtime", None, "wss://h/v1/realtime?model=gpt-realtime-2.1"),
        ("wss://h/v1?a=b&model=x#f", None, "wss://h/v1?a=b&model=gpt-realtime-2.1"),
        ("wss://h/v1/realtime", "rtc_1", "wss://h/v1/realtime?call_id=rtc_1"),
    ],
)
def test_the_url_names_a_model_or_a_call(base: str, call_id: str | None, expected: str) -> None:
    assert target_url(base, UpstreamTarget("gpt-realtime-2.1", "hashed", call_id)) == expected


def test_a_transcription_session_is_asked_for_by_its_intent_alone() -> None:
    target = UpstreamTarget("whisper-1", "hashed", only_listens=True)
    assert target_url("wss://api.example/v1/realtime?model=x&intent=y&a=b", target) == (
        "wss://api.example/v1/realtime?a=b&intent=transcription"
    )


async def test_frames_travel_both_ways_unchanged() -> None:
    odd = '{ "type":"x" ,"text":"\\u00e4 ä"}'
    async with fake_realtime_server(
        [emit(odd), Expect("ping.me"), emit(events.cleared())]
    ) as server:
        upstream = make_upstream(server.url)
        await upstream.open()
        assert await upstream.receive() == odd
        await upstream.send('{"type":"ping.me"}')
        assert await upstream.receive() == events.text(events.cleared())
        await upstream.aclose()
        await upstream.aclose()
    assert server.received == [[{"type": "ping.me"}]]


async def test_a_binary_frame_of_a_provider_is_read_as_text() -> None:
    async with fake_realtime_server([Wait()]) as server:
        upstream = make_upstream(server.url)
        await upstream.open()
        await (await server.first_connection()).send(b'{"type":"x"}')
        assert await upstream.receive() == '{"type":"x"}'
        await upstream.aclose()


async def test_large_frames_are_received() -> None:
    async with fake_realtime_server([emit('"' + "x" * (8 * 1024 * 1024) + '"')]) as server:
        upstream = make_upstream(server.url)
        await upstream.open()
        assert len(await upstream.receive()) == 8 * 1024 * 1024 + 2
        await upstream.aclose()


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (HTTPStatus.UNAUTHORIZED, "upstream_auth", False),
        (HTTPStatus.FORBIDDEN, "upstream_auth", False),
        (HTTPStatus.NOT_FOUND, "upstream_not_found", False),
        (HTTPStatus.BAD_REQUEST, "upstream_unavailable", False),
        (HTTPStatus.REQUEST_TIMEOUT, "upstream_unavailable", True),
        (HTTPStatus.TOO_MANY_REQUESTS, "upstream_rate_limited", True),
        (HTTPStatus.SERVICE_UNAVAILABLE, "upstream_unavailable", True),
    ],
)
async def test_a_refused_handshake_says_why_and_whether_to_retry(
    status: HTTPStatus, code: str, retryable: bool
) -> None:
    async with fake_realtime_server() as server:
        server.refuse_with = status
        upstream = make_upstream(server.url)
        with pytest.raises(UpstreamFailed) as caught:
            await upstream.open()
        await upstream.aclose()
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert KEY not in str(caught.value)


async def test_a_redirect_is_not_followed_with_our_key() -> None:
    async with fake_realtime_server() as elsewhere, fake_realtime_server() as server:
        server.redirect_to = elsewhere.url
        with pytest.raises(UpstreamFailed) as caught:
            await make_upstream(server.url).open()
    assert elsewhere.requests == []
    assert not caught.value.retryable


async def test_a_provider_that_does_not_answer_in_time_times_out() -> None:
    async with fake_realtime_server() as server:
        server.stall = True
        with pytest.raises(UpstreamTimedOut):
            await make_upstream(server.url, open_timeout_s=0.2).open()


async def test_a_provider_that_is_not_there_is_unreachable() -> None:
    async with fake_realtime_server() as server:
        url = server.url
    with pytest.raises(UpstreamFailed) as caught:
        await make_upstream(url).open()
    assert (caught.value.code, caught.value.retryable) == ("upstream_unreachable", True)


async def test_an_address_that_is_no_websocket_is_a_misconfiguration() -> None:
    with pytest.raises(UpstreamFailed) as caught:
        await make_upstream("https://example.invalid/v1/realtime").open()
    assert (caught.value.code, caught.value.retryable) == ("upstream_misconfigured", False)


async def test_a_server_that_speaks_no_websocket_is_unreachable() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-hello\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(UpstreamFailed) as caught:
        await make_upstream(f"ws://127.0.0.1:{port}").open()
    server.close()
    await server.wait_closed()
    assert caught.value.code == "upstream_unreachable"


async def test_a_close_of_the_provider_is_told_with_code_and_reason() -> None:
    async with fake_realtime_server([Close(4000, "bye")]) as server:
        upstream = make_upstream(server.url)
        await upstream.open()
        with pytest.raises(UpstreamClosed) as caught:
            await upstream.receive()
        assert (caught.value.code, caught.value.reason) == (4000, "bye")
        with pytest.raises(UpstreamClosed):
            await upstream.send("{}")
        await upstream.aclose()


async def test_a_broken_connection_is_told_as_1006() -> None:
    async with fake_realtime_server([Wait()]) as server:
        upstream = make_upstream(server.url)
        await upstream.open()
        (await server.first_connection()).transport.abort()
        with pytest.raises(UpstreamClosed) as caught:
            await upstream.receive()
        assert caught.value.code == 1006
        await upstream.aclose()


async def test_a_receive_that_waits_ends_when_we_close() -> None:
    async with fake_realtime_server() as server:
        upstream = make_upstream(server.url)
        await upstream.open()
        await upstream.receive()
        waiting = asyncio.create_task(upstream.receive())
        await asyncio.sleep(0.05)
        await upstream.aclose()
        with pytest.raises(UpstreamClosed):
            await waiting
        with pytest.raises(UpstreamClosed):
            await upstream.receive()


async def test_closing_takes_no_longer_than_its_time_out_when_nobody_reads() -> None:
    """With a full write buffer the library's close would wait for ever (design §4.4)."""

    async def never_read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        key = next(
            line.split(b": ")[1] for line in request.split(b"\r\n") if b"Sec-WebSocket-Key" in line
        )
        magic = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key + magic).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await stop.wait()
        writer.transport.abort()

    stop = asyncio.Event()
    server = await asyncio.start_server(never_read, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    upstream = make_upstream(f"ws://127.0.0.1:{port}")
    await upstream.open()
    sending = asyncio.create_task(upstream.send("x" * (16 * 1024 * 1024)))
    await asyncio.sleep(0.2)
    assert not sending.done()
    began = time.monotonic()
    await upstream.aclose()
    assert time.monotonic() - began < 2
    with contextlib.suppress(UpstreamClosed):
        await sending
    stop.set()
    server.close()
    await server.wait_closed()


async def test_the_key_and_the_words_reach_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with fake_realtime_server([emit('{"type":"x","text":"spoken canary"}')]) as server:
            upstream = make_upstream(server.url)
            await upstream.open()
            await upstream.receive()
            await upstream.aclose()
    ours = [record for record in caplog.records if record.name != "websockets.server"]
    assert not [record for record in ours if KEY in record.getMessage()]
    assert not [record for record in ours if "canary" in record.getMessage()]


def run_against(server: FakeRealtimeServer) -> tuple[SessionRunner, RecordingClient, MemoryStore]:
    def dial(target: UpstreamTarget) -> Upstream:
        return Dialled.kind(server.url, KEY, target)

    client, store = RecordingClient(), MemoryStore()
    session = Session(make_setup(), time.monotonic())
    runner = SessionRunner(session, dial, TARGET, store, client, RecordingObserver())
    return runner, client, store


async def test_a_session_over_the_wire_survives_a_provider_that_drops_it() -> None:
    turn = (*events.answer_begins("r1", "a1", "t1"), *events.answer_ends("r1", "a1", "Hello."))
    async with fake_realtime_server(
        [*SET_UP, emit(events.item_event("added", events.user_text("t1", "Hi"))), Wait(), Close()],
        [*SET_UP, Expect("conversation.item.create"), Expect("response.create"), emit(*turn)],
    ) as server:
        runner, client, store = run_against(server)
        runner.start()
        await client.wait_for("conversation.item.added")
        server.proceed()
        await server.connections[0].wait_closed()
        await runner.from_client('{"type":"response.create"}')
        await client.wait_for("response.done")
        runner.end(EndReason.ADMIN_ENDED)
        await runner.wait_closed()
    assert store.texts == {"t1": "Hi", "a1": "Hello."}
    assert client.types.count("session.created") == 1
    assert client.closed == (4410, "session_ended")
    assert len(server.requests) == 2


async def test_a_session_whose_key_is_refused_says_so() -> None:
    async with fake_realtime_server() as server:
        server.refuse_with = HTTPStatus.UNAUTHORIZED
        runner, client, _ = run_against(server)
        runner.start()
        await runner.wait_closed()
    assert client.closed == (4502, "upstream_auth")
    assert KEY not in "".join(client.frames)
