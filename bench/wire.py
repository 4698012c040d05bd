"""WebSocket framing (RFC 6455) by hand: as little work per frame as Python allows.

A library would cost the load generator more than a good relay costs, and then the generator, not
the relay, would be what is measured. Frames are made once; per message one join stamps a copy.
"""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Final

from websockets.speedups import apply_mask

TEXT: Final = 0x81  # a whole text message: FIN and opcode 1
CLOSE: Final = 0x88
PING: Final = 0x89
PONG: Final = 0x8A
NORMAL_CLOSE: Final = (1000).to_bytes(2, "big")
END_OF_HEAD: Final = b"\r\n\r\n"
NOT_FOUND: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_ACCEPT_SALT: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def header(first: int, size: int, mask: bytes = b"") -> bytes:
    """The head of a frame of `size` bytes; with a 4-byte `mask` as clients must send it."""
    bit = 0x80 if mask else 0
    if size < 126:
        return bytes((first, bit | size)) + mask
    if size < 65536:
        return bytes((first, bit | 126)) + size.to_bytes(2, "big") + mask
    return bytes((first, bit | 127)) + size.to_bytes(8, "big") + mask


def frame(first: int, payload: bytes, *, masked: bool) -> bytes:
    """One whole frame."""
    if not masked:
        return header(first, len(payload)) + payload
    mask = os.urandom(4)
    return header(first, len(payload), mask) + apply_mask(payload, mask)


def take_frames(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames at the front of `data` as (first byte, unmasked payload), and the rest."""
    frames: list[tuple[int, bytes]] = []
    at, end = 0, len(data)
    while end - at >= 2:
        first, second = data[at], data[at + 1]
        size = second & 127
        head = at + 2
        if size == 126:
            head = at + 4
            if end < head:
                break
            size = data[at + 2] << 8 | data[at + 3]
        elif size == 127:
            head = at + 10
            if end < head:
                break
            size = int.from_bytes(data[at + 2 : head], "big")
        if second & 128:
            head += 4
        stop = head + size
        if end < stop:
            break
        payload = data[head:stop]
        frames.append(
            (first, apply_mask(payload, data[head - 4 : head]) if second & 128 else payload)
        )
        at = stop
    return frames, data[at:]


class MaskedTemplate:
    """A client's text message made of a head, one stamp of fixed length, and a tail; masked once.

    `stamped` costs one XOR of the stamp and one join.
    """

    __slots__ = ("_after", "_before", "_stamp_mask")

    def __init__(self, before: bytes, stamp_bytes: int, after: bytes) -> None:
        mask = os.urandom(4)
        at = len(before)
        size = at + stamp_bytes + len(after)
        masked = apply_mask(before + bytes(stamp_bytes) + after, mask)
        self._before = header(TEXT, size, mask) + masked[:at]
        self._after = masked[at + stamp_bytes :]
        self._stamp_mask = mask[at % 4 :] + mask[: at % 4]

    def stamped(self, stamp: bytes) -> bytes:
        return apply_mask(stamp, self._stamp_mask).join((self._before, self._after))


def request(host: str, path: str, headers: dict[str, str]) -> bytes:
    """A client's opening handshake."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + END_OF_HEAD


def response(head: bytes) -> bytes:
    """The server's answer to the handshake in `head`. Raises ValueError when it is none."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"sec-websocket-key":
            digest = hashlib.sha1(value.strip() + _ACCEPT_SALT, usedforsecurity=False).digest()
            return (
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
                + base64.b64encode(digest)
                + END_OF_HEAD
            )
    raise ValueError("no WebSocket handshake")
