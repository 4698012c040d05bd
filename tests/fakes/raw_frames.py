"""WebSocket frames by hand (RFC 6455 §5.2), such as no library would send, too; and a reader."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import random
from dataclasses import dataclass, field
from typing import Final, Self

from websockets.speedups import apply_mask
from websockets.utils import accept_key

TEXT: Final = 0x81
BINARY: Final = 0x82
CLOSE: Final = 0x88
PING: Final = 0x89
PONG: Final = 0x8A
_KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="


def frame(first: int, payload: bytes, mask: bytes = b"", *, length_bytes: int = 0) -> bytes:
    """One frame; `length_bytes` 2 or 8 writes the length longer than it need be."""
    bit = 0x80 if mask else 0
    size = len(payload)
    if length_bytes == 8 or size > 65_535:
        head = bytes((first, bit | 127)) + size.to_bytes(8, "big")
    elif length_bytes == 2 or size > 125:
        head = bytes((first, bit | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, bit | size))
    if not mask:
        return head + payload
    return head + mask + apply_mask(payload, mask)


def first_frame(stream: bytes) -> tuple[tuple[int, bytes], int] | None:
    """(first byte, unmasked payload) of the frame that a stream begins with, and how many bytes it
    takes; None while it is not whole."""
    if len(stream) < 2:
        return None
    size, start = stream[1] & 127, 2
    if size > 125:
        start += 2 if size == 126 else 8
        size = int.from_bytes(stream[2:start], "big")
    mask = stream[start : start + 4] if stream[1] & 128 else b""
    start += len(mask)
    payload = stream[start : start + size]
    if len(stream) < start + size:
        return None
    return (stream[0], apply_mask(payload, mask) if mask else payload), start + size


def append(sound: bytes, shape: str = '{"type":"input_audio_buffer.append","audio":"%s"}') -> bytes:
    return (shape % base64.b64encode(sound).decode()).encode()


@dataclass
class Scrambler:
    """Makes streams of frames from a seed: the same again for the same seed.

    masked: as a client sends them.
    """

    seed: int
    masked: bool
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def whole(self, first: int, payload: bytes, **odd: int) -> bytes:
        return frame(first, payload, self.random.randbytes(4) if self.masked else b"", **odd)

    def fragmented(self, first: int, payload: bytes) -> bytes:
        """A message in pieces, with control frames between them."""
        count = self.random.randint(2, 5)
        cuts = sorted(self.random.randint(0, len(payload)) for _ in range(count - 1))
        pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
        stream = b""
        for number, piece in enumerate(pieces):
            opcode = first & 15 if number == 0 else 0
            final = 0x80 if number == count - 1 else 0
            stream += self.whole(opcode | final, piece)
            if not final and self.random.random() < 0.5:
                stream += self.whole(self.random.choice([PING, PONG]), self.random.randbytes(5))
        return stream

    def sent(self, texts: list[bytes]) -> bytes:
        """The texts as messages: mostly plain, some fragmented, with control frames in between."""
        stream = b""
        for text in texts:
            kind = self.random.random()
            if kind < 0.2:
                stream += self.fragmented(TEXT, text)
            elif kind < 0.25:
                stream += self.whole(TEXT, text, length_bytes=self.random.choice([2, 8]))
            else:
                stream += self.whole(TEXT, text)
            if kind > 0.9:
                stream += self.whole(self.random.choice([PING, PONG]), self.random.randbytes(4))
        return stream

    def violation(self) -> bytes:
        """Something that RFC 6455 forbids, or a close; then more, which nobody should read."""
        mask = self.random.randbytes(4)
        wrong_mask = b"" if self.masked else mask
        broken = [
            frame(TEXT, b'{"type":"x"}', wrong_mask),
            self.whole(0x83, b"reserved"),
            self.whole(0xC1, b'{"type":"x"}'),
            self.whole(0x09, b"ping in pieces"),
            self.whole(PING, b"x" * 126),
            self.whole(0x80, b"continues nothing"),
            self.whole(0x01, b'{"type"') + self.whole(TEXT, b'{"type":"x"}'),
            self.whole(TEXT, b'{"type":"\xff\xfe"}'),
            self.fragmented(TEXT, b'{"type":"\xc3(\xa0"}'),
            self.whole(CLOSE, b""),
            self.whole(CLOSE, (1001).to_bytes(2, "big") + b"bye"),
            self.whole(CLOSE, (1005).to_bytes(2, "big")),
            self.whole(CLOSE, b"\x03"),
            self.whole(CLOSE, (1000).to_bytes(2, "big") + b"\xff"),
            bytes((TEXT, (0x80 if self.masked else 0) | 127)) + (1 << 40).to_bytes(8, "big") + mask,
        ]
        return self.random.choice(broken) + self.sent([b'{"type":"never.read"}'] * 2)

    def chunks(self, stream: bytes) -> list[bytes]:
        """The stream in pieces as a network may cut it: not many, but some of them tiny."""
        cuts = {self.random.randint(0, len(stream)) for _ in range(self.random.randint(0, 25))}
        for _ in range(self.random.randint(0, 4)):
            at = self.random.randint(0, len(stream))
            cuts.update(range(at, min(at + 12, len(stream))))
        places = [0, *sorted(cuts), len(stream)]
        return [stream[a:b] for a, b in itertools.pairwise(places) if a < b]


class RawPeer:
    """One end of a WebSocket connection that sends what bytes it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.frames: list[tuple[int, bytes]] = []
        self.arrived = asyncio.Event()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, port: int) -> Self:
        """A client, its handshake done."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + _KEY + b"\r\n\r\n"
        )
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    @classmethod
    async def accept(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Self:
        """A server, its handshake done."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        names, _, values = zip(*(line.partition(": ") for line in head.split("\r\n")), strict=True)
        key = values[[name.lower() for name in names].index("sec-websocket-key")]
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept_key(key).encode()
        )
        return cls(reader, writer)

    async def send(self, chunks: list[bytes]) -> None:
        with contextlib.suppress(ConnectionError):
            for chunk in chunks:
                self._writer.write(chunk)
                await self._writer.drain()
                await asyncio.sleep(0)

    def stop_reading(self) -> None:
        self._may_read.clear()

    def read_again(self) -> None:
        self._may_read.set()

    async def saw(self, text: bytes) -> None:
        """Returns once a frame with these bytes has come, or the connection is over."""
        while not any(text in payload for _, payload in self.frames):
            self.arrived.clear()
            arriving = asyncio.ensure_future(self.arrived.wait())
            await asyncio.wait({self._reading, arriving}, return_when=asyncio.FIRST_COMPLETED)
            if not arriving.done():
                arriving.cancel()
                return

    async def over(self) -> None:
        """Returns when the other side has closed, having closed this one."""
        await asyncio.wait({self._reading})
        self._writer.close()

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionError):
            stream = b""
            while data := await self._reader.read(65_536):
                await self._may_read.wait()
                stream += data
                while found := first_frame(stream):
                    self.frames.append(found[0])
                    stream = stream[found[1] :]
                    if found[0][0] == CLOSE:
                        self._writer.close()
                self.arrived.set()
