"""A caller on WebRTC, with aiortc: speaks, listens, and holds the data channel."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from realtime.upstream.embedded.webrtc.ice import prepare_gathering
from realtime.upstream.embedded.webrtc.loudspeaker import Loudspeaker
from realtime.upstream.embedded.webrtc.options import CallOptions
from tests.embedded.conftest import Samples
from tests.embedded.wire import check_event

TIMEOUT_S = 30


class Caller:
    """Make the `offer`, have it answered, `connect`. `said` is what the microphone still sends."""

    def __init__(self, *, data: bool = True) -> None:
        self.events: list[dict[str, Any]] = []
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.microphone = Loudspeaker(self._speak)
        self.peer.addTrack(self.microphone)
        self.channel = self.peer.createDataChannel("oai-events") if data else None
        if self.channel is not None:
            self.channel.on("message", self._message)
            self.channel.on("close", self._changed)
        self.peer.on("track", self._listen_to)
        self.peer.on("connectionstatechange", self._changed)
        self._said = b""
        self._heard: list[Samples] = []
        self._listening: set[asyncio.Task[None]] = set()
        self._change = asyncio.Event()

    async def offer(self, *, with_candidates: bool = True) -> str:
        prepare_gathering(self.peer, CallOptions())
        await self.peer.setLocalDescription()
        sdp = str(self.peer.localDescription.sdp)
        if with_candidates:
            return sdp
        kept = [line for line in sdp.splitlines() if "candidate" not in line]
        return "\r\n".join(kept) + "\r\n"

    async def connect(self, answer: str) -> None:
        """Returns once events can flow both ways."""
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        channel = self.channel
        await self.wait_for(
            lambda: (
                self.peer.connectionState == "connected"
                and (channel is None or channel.readyState == "open")
            )
        )

    def say(self, speech: Samples) -> None:
        self._said += speech.astype("<i2").tobytes()

    def send(self, event_type: str, **fields: Any) -> None:
        assert self.channel is not None
        self.channel.send(json.dumps({"type": event_type, **fields}))

    def ask(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        self.send("conversation.item.create", item=message(content))
        self.send("response.create")

    async def until(self, event_type: str) -> list[dict[str, Any]]:
        """The events from the one after the last `until` to the next of a type."""
        await self.wait_for(lambda: any(event["type"] == event_type for event in self.events))
        at = next(i for i, event in enumerate(self.events) if event["type"] == event_type)
        seen, self.events = self.events[: at + 1], self.events[at + 1 :]
        return seen

    async def wait_for(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            while not holds():
                self._change.clear()
                await self._change.wait()

    @property
    def is_speaking(self) -> bool:
        return bool(self._said)

    @property
    def heard(self) -> Samples:
        """Everything that came out of the loudspeaker: 48 kHz, one channel."""
        return np.concatenate([np.zeros(0, np.int16), *self._heard])

    @property
    def heard_speech_ms(self) -> int:
        """How much of it, in frames of 20 ms, is louder than a quiet room."""
        frames = self.heard[: self.heard.size // 960 * 960].reshape(-1, 960).astype(float)
        return int(np.count_nonzero(np.sqrt(np.mean(frames**2, axis=1)) > 100)) * 20

    def vanish(self) -> None:
        """Lose the network: nothing goes out any more, not even a goodbye."""
        assert self.peer.sctp is not None
        for protocol in self.peer.sctp.transport.transport._connection._protocols:
            protocol.transport.close()

    async def aclose(self) -> None:
        await self.peer.close()
        await asyncio.gather(*self._listening, return_exceptions=True)

    def _speak(self, duration_ms: int) -> bytes:
        size = duration_ms * 48
        spoken, self._said = self._said[:size], self._said[size:]
        self._change.set()
        return spoken

    def _message(self, raw: str) -> None:
        event = json.loads(raw)
        check_event(event)
        self.events.append(event)
        self._change.set()

    def _changed(self) -> None:
        self._change.set()

    def _listen_to(self, track: MediaStreamTrack) -> None:
        self._listening.add(asyncio.ensure_future(self._listen(track)))

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame)
                assert frame.sample_rate == 48_000
                samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
                self._heard.append(np.asarray(samples[:, 0], dtype=np.int16))
                self._change.set()


def message(content: list[dict[str, Any]], role: str = "user") -> dict[str, Any]:
    return {"type": "message", "role": role, "content": content}


@contextlib.asynccontextmanager
async def a_caller(**options: bool) -> AsyncIterator[Caller]:
    caller = Caller(**options)
    try:
        yield caller
    finally:
        await caller.aclose()
