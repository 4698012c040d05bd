"""One WebRTC call: a peer connection, the session behind it, and everybody who listens in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCSessionDescription,
)

from realtime.core.call_link import CALLER_LOST
from realtime.core.errors import UpstreamRefused, UpstreamTimedOut
from realtime.upstream.embedded.driver import SessionDriver, SessionOver
from realtime.upstream.embedded.webrtc.data_channel import EventChannel
from realtime.upstream.embedded.webrtc.ice import prepare_gathering, usable_servers
from realtime.upstream.embedded.webrtc.loudspeaker import Loudspeaker
from realtime.upstream.embedded.webrtc.microphone import Microphone
from realtime.upstream.embedded.webrtc.offer import invalid_offer, usable_offer
from realtime.upstream.embedded.webrtc.options import CallOptions
from realtime.upstream.embedded.webrtc.sideband import Sideband

logger = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 3.0
LOOKS_BEFORE_GONE = 4
_OPUS = RTCRtpCodecCapability(mimeType="audio/opus", clockRate=48000, channels=2)


class Call:
    """Call `answer` once; then the call lives by itself until its caller leaves, its session ends,
    it is hung up, or nobody connected in time. `on_end` is called once, when that happens.

    The data channel gets every event, `session.created` first; a sideband those from its joining.
    """

    def __init__(
        self,
        call_id: str,
        driver: SessionDriver,
        options: CallOptions,
        on_end: Callable[[Call], None],
    ) -> None:
        self.call_id = call_id
        self._driver = driver
        self._options = options
        self._on_end = on_end
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=usable_servers(options)))
        self._channel = EventChannel(self._leave)
        self._wants_channel = False
        self._sidebands: set[Sideband] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._over: SessionOver | None = None
        self._closing: asyncio.Task[None] | None = None

    async def answer(self, sdp_offer: str) -> str:
        """Take the call: the SDP answer. Raises UpstreamRefused `invalid_offer` or
        UpstreamTimedOut; the call must then be ended by `hang_up`."""
        offer = usable_offer(sdp_offer)
        self._peer.on("track", self._listen_to)
        self._peer.on("datachannel", self._adopt_channel)
        self._peer.on("connectionstatechange", self._connection_changed)
        self._peer.addTrack(Loudspeaker(self._driver.play))
        for transceiver in self._peer.getTransceivers():
            transceiver.setCodecPreferences([_OPUS])
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
                prepare_gathering(self._peer, self._options)
                await self._peer.setLocalDescription()
        except TimeoutError:
            raise UpstreamTimedOut("No way to reach the call was found in time.") from None
        except UpstreamRefused:
            raise
        except Exception as error:  # aiortc raises what its parts raise
            logger.info("an offer could not be answered: %s", type(error).__name__)
            raise invalid_offer("The SDP offer cannot be answered.") from None
        self._wants_channel = self._peer.sctp is not None
        self._driver.start()
        self._run(self._relay())
        self._run(self._channel.obey(self._driver.receive))
        self._run(self._watch_caller())
        return self._peer.localDescription.sdp

    @property
    def is_over(self) -> bool:
        return self._over is not None

    def join(self, sideband: Sideband) -> None:
        """Let a sideband see the events from now on."""
        if self._over is not None:
            sideband.end(self._over)
        else:
            self._sidebands.add(sideband)

    def leave(self, sideband: Sideband) -> None:
        self._sidebands.discard(sideband)

    async def receive(self, raw: str | bytes) -> None:
        """A client event from a sideband. Raises SessionOver."""
        await self._driver.receive(raw)

    def end(self, over: SessionOver) -> None:
        """Begin to close everything; idempotent. Those who listen in are told `over`."""
        if self._over is not None:
            return
        self._over = over
        logger.info("call %s ended: %s", self.call_id, over.reason or over.code)
        for sideband in self._sidebands:
            sideband.end(over)
        self._sidebands.clear()
        self._closing = asyncio.get_running_loop().create_task(self._close())
        self._on_end(self)

    async def hang_up(self, reason: str = "hung up") -> None:
        """End the call and wait until its sockets are closed."""
        self.end(SessionOver(1000, reason))
        await self.wait_closed()

    async def wait_closed(self) -> None:
        """Call after the call has ended: returns when nothing of it is left."""
        assert self._closing is not None
        await asyncio.shield(self._closing)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._work_done)

    def _work_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        error = task.exception()
        if isinstance(error, SessionOver):
            self.end(error)
        else:
            logger.error("call %s failed", self.call_id, exc_info=error)
            self.end(SessionOver(1011, "internal error"))

    async def _relay(self) -> None:
        """Every event to everybody; ends by SessionOver."""
        created = await self._driver.next_event()  # `session.created` is for the caller alone
        self._tell_caller(created)
        while True:
            event = await self._driver.next_event()
            self._tell_caller(event)
            for sideband in self._sidebands:
                sideband.deliver(event)

    def _tell_caller(self, event: str) -> None:
        if self._wants_channel:
            self._channel.send(event)

    async def _watch_caller(self) -> None:
        """End the call of a caller who does not come, or who goes without a word: ICE alone would
        notice after half a minute (RFC 7675)."""
        loop = asyncio.get_running_loop()
        look_s = self._options.vanished_after_s / LOOKS_BEFORE_GONE
        waits_until = loop.time() + self._options.connect_timeout_s
        while not self._is_connected:
            if loop.time() >= waits_until:
                self._lose("nobody connected in time")
            await asyncio.sleep(min(look_s, max(0.0, waits_until - loop.time())))
        packets, silent_looks = 0, 0
        while silent_looks < LOOKS_BEFORE_GONE:
            await asyncio.sleep(look_s)
            before, packets = packets, await self._packets_received()
            silent_looks = silent_looks + 1 if packets == before else 0
        self._lose("the caller vanished")

    @property
    def _is_connected(self) -> bool:
        has_channel = not self._wants_channel or self._channel.is_open
        return has_channel and self._peer.connectionState == "connected"

    async def _packets_received(self) -> int:
        """Of any kind, since the call began."""
        stats = (await self._peer.getStats()).values()
        return sum(part.packetsReceived for part in stats if part.type == "transport")

    def _leave(self, reason: str) -> None:
        self.end(SessionOver(1000, reason))

    def _lose(self, how: str) -> None:
        if not self.is_over:
            logger.info("call %s: %s", self.call_id, how)
        self.end(SessionOver(1000, CALLER_LOST))

    def _listen_to(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            self._run(Microphone(track, self._driver.hear).listen())

    def _adopt_channel(self, channel: RTCDataChannel) -> None:
        self._channel.adopt(channel)

    def _connection_changed(self) -> None:
        if self._peer.connectionState in ("failed", "closed"):
            self._lose("the caller's connection was lost")

    async def _close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._driver.aclose()
        await self._channel.flush()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._peer.close()
        except Exception as error:  # it stumbles over what an odd offer left half made
            logger.info("call %s: closed in pieces after %s", self.call_id, type(error).__name__)
            await self._close_transports()

    async def _close_transports(self) -> None:
        """Give back the sockets of a connection that does not close as a whole."""
        transports = [sender.receiver.transport for sender in self._peer.getTransceivers()]
        if self._peer.sctp is not None:
            transports.append(self._peer.sctp.transport)
        for transport in filter(None, transports):
            for part in (transport, transport.transport):
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(CLOSE_TIMEOUT_S):
                        await part.stop()
