"""The server's end of one speech process's socket: one question, one answer, in turn."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from realtime.upstream.embedded.processes.frames import BrokenFrame, encode_frame, receive_frame


class WorkerLost(Exception):
    """The process ended or broke the protocol; the question was not answered."""


class WorkerTooSlow(WorkerLost):
    """No answer in time; the process must be killed, it may answer late."""


class WorkerLink:
    """Ask with `ask`, never two at a time; after WorkerLost only `close` may be called."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, header: dict[str, Any], body: bytes, timeout_s: float
    ) -> tuple[dict[str, Any], bytes]:
        """Send a frame and wait for its answer. Raises WorkerLost."""
        try:
            async with asyncio.timeout(timeout_s):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(sock=self._socket)
                reader, writer = self._streams
                writer.write(encode_frame(header, body))
                await writer.drain()
                return await receive_frame(reader)
        except TimeoutError as error:
            raise WorkerTooSlow(f"no answer within {timeout_s:g} s") from error
        except (BrokenFrame, OSError) as error:
            raise WorkerLost(str(error)) from error

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
        else:
            self._socket.close()
