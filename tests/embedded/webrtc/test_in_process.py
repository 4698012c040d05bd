"""Calls without a server between: the port the gateway uses, and how a call is reached."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from aioice import stun

from realtime.core.errors import Unavailable, UpstreamFailed, UpstreamRefused
from realtime.runtime.ports import CallsProvider, Upstream, UpstreamClosed, UpstreamTarget
from realtime.upstream.embedded.provider import EmbeddedProvider
from realtime.upstream.embedded.webrtc import ice
from realtime.upstream.embedded.webrtc.offer import usable_offer
from realtime.upstream.embedded.webrtc.options import CallOptions
from tests.embedded.webrtc.caller import Caller, a_caller, message

TARGET = UpstreamTarget(model="gpt-realtime-2.1", safety_identifier="hashed")
SESSION: dict[str, Any] = {"type": "realtime", "output_modalities": ["text"]}


class Unused:
    """Ears and voice of a provider that is only written to."""

    async def hear(self, *args: Any) -> Any:
        raise AssertionError("nothing is said in these tests")

    async def speak(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("nothing is spoken in these tests")


def make_provider(**options: Any) -> EmbeddedProvider:
    return EmbeddedProvider(ears=Unused(), voice=Unused(), call_options=CallOptions(**options))


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[EmbeddedProvider]:
    provider = make_provider(connect_timeout_s=5.0)
    yield provider
    await provider.aclose()


async def answered(provider: EmbeddedProvider, caller: Caller) -> tuple[str, str]:
    calls: CallsProvider = provider.calls()
    answer = await calls.create_call(await caller.offer(), SESSION, TARGET)
    return answer.call_id, answer.sdp


async def drain(sideband: Upstream) -> None:
    """Read until there is no more; raises UpstreamClosed."""
    while True:
        await sideband.receive()


async def test_a_call_is_made_followed_and_hung_up_through_the_ports(
    provider: EmbeddedProvider,
) -> None:
    async with a_caller() as caller:
        call_id, sdp = await answered(provider, caller)
        sideband = provider.upstream(UpstreamTarget("", "hashed", call_id=call_id))
        await sideband.open()  # before the caller has connected
        seed = message([{"type": "input_text", "text": "my name is dave"}])
        await sideband.send(json.dumps({"type": "conversation.item.create", "item": seed}))
        await caller.connect(sdp)
        caller.ask("what is my name")
        seen = await caller.until("response.done")
        assert seen[0]["type"] == "session.created"
        texts = [event["text"] for event in seen if event["type"] == "response.output_text.done"]
        assert texts == ["Your name is Dave."]
        heard = [json.loads(await sideband.receive()) for _ in seen[1:]]
        assert heard == seen[1:]
        await provider.calls().hangup(call_id)
        with pytest.raises(UpstreamClosed) as closed:
            await drain(sideband)
        assert closed.value.code == 1000
        await caller.wait_for(lambda: caller.peer.connectionState == "closed")
    await provider.calls().hangup(call_id)  # gone already
    with pytest.raises(UpstreamFailed) as refused:
        await provider.upstream(UpstreamTarget("", "", call_id=call_id)).open()
    assert (refused.value.code, refused.value.retryable) == ("upstream_not_found", False)


async def test_a_call_that_nobody_connects_is_dropped() -> None:
    provider = make_provider(connect_timeout_s=0.05)
    async with a_caller() as caller:
        call_id, _ = await answered(provider, caller)
        sideband = provider.upstream(UpstreamTarget("", "", call_id=call_id))
        await sideband.open()
        async with asyncio.timeout(10):
            with pytest.raises(UpstreamClosed) as closed:
                await sideband.receive()
    assert (closed.value.code, closed.value.reason) == (1000, "caller_lost")
    assert provider.calls().find(call_id) is None
    await provider.aclose()


async def test_a_call_whose_caller_vanished_is_ended() -> None:
    provider = make_provider(connect_timeout_s=60.0, vanished_after_s=0.5)
    async with a_caller() as caller:
        call_id, sdp = await answered(provider, caller)
        sideband = provider.upstream(UpstreamTarget("", "", call_id=call_id))
        await sideband.open()
        await caller.connect(sdp)
        caller.vanish()
        async with asyncio.timeout(10):
            with pytest.raises(UpstreamClosed) as closed:
                await drain(sideband)
    assert (closed.value.code, closed.value.reason) == (1000, "caller_lost")
    await provider.aclose()


async def test_a_caller_who_says_nothing_has_not_vanished() -> None:
    provider = make_provider(connect_timeout_s=0.2, vanished_after_s=0.4)
    async with a_caller() as caller:
        call_id, sdp = await answered(provider, caller)
        await caller.connect(sdp)
        await caller.wait_for(lambda: caller.heard.size > 48_000)  # a second, by its own clock
        assert provider.calls().find(call_id) is not None
    await provider.aclose()


async def test_a_sideband_that_reads_nothing_loses_its_place_and_not_the_call(
    provider: EmbeddedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.upstream.embedded.webrtc.sideband.MAX_QUEUED_EVENTS", 3)
    async with a_caller() as caller:
        call_id, sdp = await answered(provider, caller)
        sideband = provider.upstream(UpstreamTarget("", "", call_id=call_id))
        await sideband.open()
        await caller.connect(sdp)
        caller.ask("hello")
        await caller.until("response.done")
        with pytest.raises(UpstreamClosed) as closed:
            await drain(sideband)
        assert closed.value.code == 1013
        caller.ask("goodbye")
        await caller.until("response.done")


async def test_an_offer_without_a_data_channel_is_answered_too(provider: EmbeddedProvider) -> None:
    async with a_caller(data=False) as caller:
        call_id, sdp = await answered(provider, caller)
        assert "m=application" not in sdp
        await caller.connect(sdp)
        await caller.wait_for(lambda: caller.heard.size > 0)
        assert provider.calls().find(call_id) is not None


async def test_there_are_no_more_calls_than_allowed() -> None:
    provider = make_provider(max_calls=1)
    async with a_caller() as first, a_caller() as second:
        call_id, _ = await answered(provider, first)
        with pytest.raises(UpstreamRefused) as refused:
            await answered(provider, second)
        assert (refused.value.provider_status, refused.value.retryable) == (429, True)
        await provider.calls().hangup(call_id)
        await answered(provider, second)
    await provider.aclose()


def candidates(sdp: str) -> set[tuple[str, int]]:
    """Addresses and ports an SDP names."""
    return {
        (host, int(port))
        for host, port in re.findall(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+)", sdp)
    }


async def test_media_stays_in_the_range_of_ports_and_names_the_given_address() -> None:
    provider = make_provider(udp_ports=(45_100, 45_139), address="203.0.113.7")
    async with a_caller() as caller:
        _, sdp = await answered(provider, caller)
    ((host, port),) = candidates(sdp)
    assert host == "203.0.113.7"
    assert 45_100 <= port <= 45_139
    await provider.aclose()


async def test_a_host_with_no_network_is_reached_on_its_loopback(
    provider: EmbeddedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: [])
    async with a_caller() as caller:
        _, sdp = await answered(provider, caller)
        assert {host for host, _ in candidates(sdp)} == {ice.LOOPBACK}
        await caller.connect(sdp)
        await caller.until("session.created")


class StunServer(asyncio.DatagramProtocol):
    """Tells everybody the same address."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = stun.parse_message(data)
        answer = stun.Message(
            message_method=request.message_method,
            message_class=stun.Class.RESPONSE,
            transaction_id=request.transaction_id,
        )
        answer.attributes["XOR-MAPPED-ADDRESS"] = ("198.51.100.4", 4321)
        self.transport.sendto(bytes(answer), addr)


async def test_the_address_seen_from_outside_is_named_too() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(StunServer, local_addr=("0.0.0.0", 0))
    port = transport.get_extra_info("sockname")[1]
    servers = [{"urls": ["nonsense", f"stun:127.0.0.1:{port}"]}]
    # A socket on a host's own address can ask only servers that this address reaches.
    provider = make_provider(ice_servers=lambda: servers, address="127.0.0.1")
    async with a_caller() as caller:
        _, sdp = await answered(provider, caller)
    assert ("198.51.100.4", 4321) in candidates(sdp)
    await provider.aclose()
    transport.close()


async def test_a_stun_server_that_is_away_does_not_hold_up_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ice, "OUTSIDE_TIMEOUT_S", 0.1)
    silent, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    port = silent.get_extra_info("sockname")[1]
    provider = make_provider(ice_servers=lambda: [{"urls": f"stun:127.0.0.1:{port}"}])
    async with a_caller() as caller:
        _, sdp = await answered(provider, caller)
        await caller.connect(sdp)
    await provider.aclose()
    silent.close()


async def test_the_lines_of_an_offer_that_would_hold_up_a_call_are_left_out() -> None:
    async with a_caller() as caller:
        offer = await caller.offer()
    hidden = "a=candidate:1 1 udp 2113937151 1f4712db.local 50000 typ host"
    kept = usable_offer(offer.replace("a=end-of-candidates", hidden))
    assert ".local" not in kept
    assert "end-of-candidates" not in kept
    assert candidates(kept) == candidates(offer)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda offer: offer.replace("opus", "other"),
        lambda offer: offer.replace("m=audio", "m=video"),
        lambda offer: re.sub("a=ice-ufrag:.*", "", offer),
        lambda offer: re.sub("a=fingerprint:.*", "", offer),
        lambda offer: re.sub("a=rtcp-mux", "", offer),
        lambda offer: offer.replace("a=mid:0", ""),
        lambda offer: offer.replace("a=mid:1", "a=mid:0"),
        lambda offer: offer + "a=x:" + "y" * 70_000,
        lambda offer: offer[:200],
    ],
)
async def test_an_offer_that_cannot_work_is_refused_and_leaves_nothing_behind(
    provider: EmbeddedProvider, spoil: Any
) -> None:
    async with a_caller() as caller:
        offer = spoil(await caller.offer())
        with pytest.raises(UpstreamRefused) as refused:
            await provider.calls().create_call(offer, SESSION, TARGET)
    assert (refused.value.provider_status, refused.value.code) == (400, "invalid_offer")


def open_sockets() -> int:
    folder = Path("/proc/self/fd")
    return sum(path.is_socket() for path in folder.iterdir())


async def test_an_offer_that_no_check_sees_through_leaves_no_socket_behind(
    provider: EmbeddedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.upstream.embedded.webrtc.offer._check", lambda _: None)
    async with a_caller() as caller:
        offer = (await caller.offer()).replace("a=mid:0", "")
        before = open_sockets()
        with pytest.raises(UpstreamRefused):
            await provider.calls().create_call(offer, SESSION, TARGET)
        await asyncio.sleep(0)
        assert open_sockets() == before


async def test_without_the_optional_packages_there_are_no_calls_and_the_rest_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.startswith("aiortc")]:
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("call", "calls", "data_channel", "ice", "loudspeaker", "microphone", "offer"):
        monkeypatch.delitem(sys.modules, f"realtime.upstream.embedded.webrtc.{name}")
    provider = make_provider()
    with pytest.raises(Unavailable) as unavailable:
        provider.calls()
    assert unavailable.value.code == "webrtc_not_installed"
    upstream = provider.upstream(TARGET)
    await upstream.open()
    assert json.loads(await upstream.receive())["type"] == "session.created"
    await upstream.aclose()
    await provider.aclose()
