"""The fast path: frames of a running call pass from socket to socket without a task in between.

Why: a microphone's frame comes 25 times a second in every call, and its ordinary way (a message to
the ASGI application, a queue and a task in each direction, the libraries' parsers on both sides)
costs several times what reading and writing it does. What the fast path does not do is judge: every
text goes to the one session machine, here as on the slow path, so there is one policy, one recorder
and one set of limits.

How: RFC 6455 is spoken by the libraries: uvicorn with websockets to the client, websockets to the
provider. In front of their parsers stands `PlainFrames`, which follows where frames begin and end.
A whole unfragmented text of less than 64 KiB, between two messages of an open connection, it takes
out and hands over at once. All else (fragments, binary, control and large frames, anything
malformed) is given to the library byte for byte, as is everything while nobody listens here.

Nothing here waits. What cannot be done at once (the session makes its client wait, a write buffer
is full, something was queued before) is left to the slow path, whose lanes keep order and bounds;
it is complete without this file. docs/adr/0013 says how to take it out.
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Callable, Coroutine
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.messages import MAX_FRAGMENTS
from websockets.frames import DATA_OPCODES, CloseCode, Frame
from websockets.protocol import OPEN, Event, Protocol, Side

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform for which the library has no compiled part
    from websockets.utils import apply_mask

# Where an ASGI server's protocol offers its frames, in the scope's `extensions`.
EXTENSION: Final = "voiceassist.direct_frames"
_WHOLE_TEXT: Final = 0x81  # FIN and opcode 1, without extension bits
_MASKED: Final = 0x80
_PLAIN_BELOW_BYTES: Final = 65_536
_HEAD_MAX_BYTES: Final = 65_536
_END_OF_HEAD: Final = b"\r\n\r\n"
_MASK_POOL: Final = struct.Struct("4s" * 256)
_HEADER_16: Final = struct.Struct("!BBH").pack
_MASKED_HEADER_16: Final = struct.Struct("!BBH4s").pack


def plain_header(byte_count: int, mask_bit: int) -> bytes:
    """The first bytes of a whole text frame (RFC 6455 §5.2), up to the mask if it has one."""
    if 126 <= byte_count < 65_536:
        return _HEADER_16(_WHOLE_TEXT, mask_bit | 126, byte_count)
    if byte_count < 126:
        return bytes((_WHOLE_TEXT, mask_bit | byte_count))
    return bytes((_WHOLE_TEXT, mask_bit | 127)) + byte_count.to_bytes(8, "big")


_masks: Final[list[bytes]] = []


def _next_mask() -> bytes:
    """As unpredictable as RFC 6455 §10.3 asks for, without a system call for every frame."""
    if not _masks:
        _masks.extend(_MASK_POOL.unpack(os.urandom(_MASK_POOL.size)))
    return _masks.pop()


class PlainFrames(asyncio.Protocol):
    """Stands in front of a library's `data_received`, from the connection's first byte on."""

    _mask_bit = 0  # of the frames that come in
    # The library's state of this connection. For every frame `_state` is read, and not the property
    # that returns it, which takes several times as long.
    wire: Protocol

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.has_received = False  # set whenever something has come
        self._is_head_over = False
        self._is_followed = True
        # The beginning of the HTTP head, of a frame's header or of a plain frame.
        self._rest = b""
        # So much of what comes next belongs to a frame that the library has begun.
        self._library_bytes = 0
        self._plain_below_bytes = _PLAIN_BELOW_BYTES
        # Takes one message (UTF-8) at once; set while somebody listens. It returns False, or raises
        # UnicodeDecodeError, for one that is left to the library.
        self._take: Callable[[bytes], object] | None = None
        super().__init__(*args, **kwargs)

    def data_received(self, data: bytes) -> None:
        self.has_received = True
        if self._rest or self._library_bytes or not (self._is_head_over and self._is_followed):
            data = self._between_frames(data)
        wire, mask_bit = self.wire, self._mask_bit
        usual, usual_head = mask_bit | 126, 8 if mask_bit else 4
        at, end = 0, len(data)
        while end - at >= 2 and wire.parser_exc is None:
            first, second = data[at], data[at + 1]
            if second == usual and end - at >= 8:  # nearly always: 126 bytes up to 64 KiB
                size = data[at + 2] << 8 | data[at + 3]
                start = at + usual_head
            else:
                size, start = second & 0x7F, at + 2
                if size >= 126:
                    start += 2 if size == 126 else 8
                    size = int.from_bytes(data[at + 2 : start], "big")
                if second & _MASKED:
                    start += 4
                if start > end:
                    break
            stop = start + size
            if (
                first == _WHOLE_TEXT
                and second & _MASKED == mask_bit
                and size < self._plain_below_bytes
                and (take := self._take) is not None
                and wire.current_size is None
                and wire._state is OPEN
            ):
                if stop > end:
                    break
                text = data[start:stop]
                if second & _MASKED:
                    text = apply_mask(text, data[start - 4 : start])
                try:
                    is_taken = take(text) is not False
                except UnicodeDecodeError:
                    is_taken = False
                if not is_taken:
                    super().data_received(data[at:stop])
            else:
                super().data_received(data[at:stop])
                self._library_bytes = max(0, stop - end)
            at = stop
        if at < end:
            self._rest = data[at:]

    def _between_frames(self, data: bytes) -> bytes:
        """Give the library what is its own of this; what remains begins with a frame."""
        if self._library_bytes:
            begun, data = data[: self._library_bytes], data[self._library_bytes :]
            self._library_bytes -= len(begun)
            super().data_received(begun)
        if self._rest:
            data, self._rest = self._rest + data, b""
        if not self._is_head_over:
            data = self._pass_head(data)
        if data and not self._is_followed:
            super().data_received(data)
            return b""
        return data

    def _pass_head(self, data: bytes) -> bytes:
        """Give the library the HTTP head. Frames begin behind it, unless it refuses or is refused:
        a refusal may have a body."""
        head, separator, behind = data.partition(_END_OF_HEAD)
        if not separator and len(data) <= _HEAD_MAX_BYTES:
            self._rest = data
            return b""
        super().data_received(head + separator)
        self._is_head_over = True
        self._is_followed = bool(separator) and (
            self.wire.side is Side.SERVER or self.wire.state is OPEN
        )
        return behind


class DirectFrames(PlainFrames, WebSocketsSansIOProtocol):
    """uvicorn's connection to a client. The application finds it under `EXTENSION` in its scope,
    and may `attach` once; until then, and whenever it cannot be direct, all is plain ASGI.

    Frames that were left to the ASGI queue are counted, and while there are any all others follow
    them: call `handed_over` when one of them has been.
    """

    _mask_bit = _MASKED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wire = self.conn
        self._queued = 0
        self._taker: Callable[[bytes], bool] | None = None
        self._max_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Nearly always one whole frame of the usual size comes, and nothing else: then this is all
        that `PlainFrames` would do."""
        size, take, wire = len(data) - 8, self._take, self.wire
        if (
            take is None
            or not 126 <= size < self._plain_below_bytes
            or data[0] != _WHOLE_TEXT
            or data[1] != _MASKED | 126
            or data[2] << 8 | data[3] != size
            or self._rest
            or self._library_bytes
            or wire.current_size is not None
            or wire._state is not OPEN
            or wire.parser_exc is not None
        ):
            super().data_received(data)
            return
        self.has_received = True
        try:
            is_taken = take(apply_mask(data[8:], data[4:8])) is not False
        except UnicodeDecodeError:
            is_taken = False
        if not is_taken:
            super(PlainFrames, self).data_received(data)

    def run_asgi(self) -> Coroutine[Any, Any, None]:
        extensions: dict[str, Any] = self.scope["extensions"] or {}
        extensions[EXTENSION] = {"frames": self}
        return super().run_asgi()

    def attach(self, take: Callable[[bytes], bool], max_bytes: int) -> None:
        """Have every text of at most `max_bytes` handed to `take`, which says False to one that
        must wait, and raises UnicodeDecodeError for what is no text. Call where the next message is
        about to be received and none is in hand."""
        self._taker = take
        self._max_bytes = max_bytes
        self._plain_below_bytes = min(_PLAIN_BELOW_BYTES, max_bytes + 1)
        self._queued = self.queue.qsize()
        self._take = None if self._queued else take

    def handed_over(self, _done: object = None) -> None:
        """The application is done with one message that it received."""
        self._queued -= 1
        self._take = None if self._queued else self._taker

    def send_now(self, text: bytes) -> bool:
        """Write one text frame. False: it would have to wait, or cannot be any more."""
        transport = self.transport
        if (
            self.wire._state is not OPEN
            or not self.writable.is_set()
            or not self.handshake_complete
            or transport.is_closing()
        ):
            return False
        size = len(text)
        if 126 <= size < 65_536:
            transport.write(_HEADER_16(_WHOLE_TEXT, 126, size) + text)
        else:
            transport.write(plain_header(size, 0) + text)
        return True

    def send_receive_event_to_app(self) -> None:
        """A message that the library has put together: it goes the same way, if it may."""
        if self._taker is not None and not self.close_sent:
            if self.curr_msg_data_type == "text" and self._is_taken(b"".join(self.frames)):
                self.frames = []
                return
            self._queued += 1
            self._take = None
        super().send_receive_event_to_app()

    def _is_taken(self, text: bytes) -> bool:
        take = self._take
        if take is None or len(text) > self._max_bytes:
            return False
        try:
            return take(text) is not False
        except UnicodeDecodeError:
            return False


class DirectConnection(PlainFrames, ClientConnection):
    """A connection to the provider, on websockets. `recv` as usual, until `listen`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wire = self.protocol
        self._parts: list[bytes] = []
        # What the provider did wrong, or None: it has gone.
        self._end: asyncio.Future[tuple[CloseCode, str] | None] = self.loop.create_future()

    def data_received(self, data: bytes) -> None:
        """As of `DirectFrames`; what a provider sends is not masked."""
        size, take, wire = len(data) - 4, self._take, self.wire
        if (
            take is None
            or not 126 <= size < _PLAIN_BELOW_BYTES
            or data[0] != _WHOLE_TEXT
            or data[1] != 126
            or data[2] << 8 | data[3] != size
            or self._rest
            or self._library_bytes
            or wire.current_size is not None
            or wire._state is not OPEN
            or wire.parser_exc is not None
        ):
            super().data_received(data)
            return
        try:
            take(data[4:])
        except UnicodeDecodeError:
            super(PlainFrames, self).data_received(data)

    async def listen(self, take: Callable[[bytes], None]) -> None:
        """Call `take` with every message, as it comes. Never returns: raises ConnectionClosed."""
        try:
            while len(self.recv_messages.frames):
                take((await self.recv(decode=True)).encode())
            self._take = take
            # Not `asyncio.wait` for both: for as long as a call lasts it would hold 1 kB.
            self.connection_lost_waiter.add_done_callback(self._has_gone)
            failure = await self._end
            if failure is not None and self.protocol.state is OPEN:
                async with self.send_context():  # waits for the close, and aborts in the end
                    self.protocol.fail(*failure)
            raise self.close_exc
        finally:
            self._take = _ignore

    def send_now(self, text: bytes) -> bool:
        """Write one text frame. False: it would have to wait, or will never be possible again."""
        transport = self.transport
        if self.paused or self.wire._state is not OPEN or transport.is_closing():
            return False
        mask = _masks.pop() if _masks else _next_mask()
        size = len(text)
        if 126 <= size < 65_536:
            head = _MASKED_HEADER_16(_WHOLE_TEXT, _MASKED | 126, size, mask)
        else:
            head = plain_header(size, _MASKED) + mask
        transport.write(head + apply_mask(text, mask))
        return True

    def process_event(self, event: Event) -> None:
        """A frame that the library has read: messages are put together here once we listen."""
        if self._take is None or not isinstance(event, Frame) or event.opcode not in DATA_OPCODES:
            super().process_event(event)
            return
        if len(self._parts) >= MAX_FRAGMENTS:
            self._fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
            return
        self._parts.append(bytes(event.data))
        if event.fin:
            whole, self._parts = b"".join(self._parts), []
            try:
                self._take(whole)
            except UnicodeDecodeError as error:
                self._fail(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}")

    def _fail(self, code: CloseCode, reason: str) -> None:
        self._take = _ignore
        if not self._end.done():
            self._end.set_result((code, reason))

    def _has_gone(self, _waiter: asyncio.Future[None]) -> None:
        if not self._end.done():
            self._end.set_result(None)


def _ignore(_text: bytes) -> None:
    """What comes while the connection is being closed is for nobody."""
