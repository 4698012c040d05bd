"""Messages between the server and its speech processes: a JSON header and a block of bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import orjson

MAX_FRAME_BYTES = 64 * 1024 * 1024
_SIZES = struct.Struct("<II")


class BrokenFrame(Exception):
    """The other side ended in mid-frame or sent something that is no frame."""


def encode_frame(header: dict[str, Any], body: bytes = b"") -> bytes:
    encoded = orjson.dumps(header)
    return _SIZES.pack(len(encoded), len(body)) + encoded + body


def write_frame(connection: socket.socket, header: dict[str, Any], body: bytes = b"") -> None:
    """Blocking; for worker processes."""
    connection.sendall(encode_frame(header, body))


def read_frame(connection: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """Blocking; None when the other side closed. Raises BrokenFrame."""
    sizes = _read_exactly(connection, _SIZES.size)
    if not sizes:
        return None
    header_size, body_size = _checked_sizes(sizes)
    header = _read_exactly(connection, header_size)
    body = _read_exactly(connection, body_size) if body_size else b""
    return orjson.loads(header), body


async def receive_frame(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """Raises BrokenFrame when the worker is gone."""
    try:
        header_size, body_size = _checked_sizes(await reader.readexactly(_SIZES.size))
        header = await reader.readexactly(header_size)
        body = await reader.readexactly(body_size)
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise BrokenFrame("the process closed its socket") from error
    return orjson.loads(header), body


def _checked_sizes(packed: bytes) -> tuple[int, int]:
    header_size, body_size = _SIZES.unpack(packed)
    if header_size + body_size > MAX_FRAME_BYTES:
        raise BrokenFrame("frame too large")
    return header_size, body_size


def _read_exactly(connection: socket.socket, size: int) -> bytes:
    """All `size` bytes, or none at a clean end."""
    chunks = []
    missing = size
    while missing:
        chunk = connection.recv(min(missing, 1 << 20))
        if not chunk:
            if missing == size:
                return b""
            raise BrokenFrame("closed in mid-frame")
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)
