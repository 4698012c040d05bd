"""The connections of the load: a client's, the provider's, and the session that joins them."""

from __future__ import annotations

import itertools
import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Final

import orjson

from bench import turn, wire

if TYPE_CHECKING:
    from bench.load import Load, Target

EARLY_FRAMES: Final = 3
_RECEIVE_BYTES: Final = 256 * 1024
_buffer = bytearray(_RECEIVE_BYTES)
_view = memoryview(_buffer)
_TAILS: Final = turn.append_tails()
_APPENDS: Final = [wire.MaskedTemplate(turn.APPEND_HEAD, turn.STAMP_BYTES, tail) for tail in _TAILS]
_ids = itertools.count()


class Session:
    """One call: what its client and the provider have sent that has not arrived yet, in order.

    Numbers of appends and turns stand in the stamps. down_at: the event of the turn that is next.
    """

    __slots__ = (
        "_load", "audio_in_flight", "client", "down_at", "down_in_flight", "down_number",
        "early_left", "index", "is_aside", "is_broken", "is_created", "starts_at", "turn_number",
        "up_in_flight", "up_number", "upstream",
    )  # fmt: skip

    def __init__(self, load: Load, index: int) -> None:
        self._load = load
        self.index = index
        self.client: ClientLink | None = None
        self.upstream: UpstreamLink | None = None
        self.is_created = False
        self.is_aside = False
        self.is_broken = False
        self.up_in_flight: deque[tuple[int, int]] = deque()
        self.down_in_flight: deque[tuple[int, bytes, int]] = deque()
        self.audio_in_flight: deque[tuple[int, bytes, int]] = deque()
        self.down_number = 0
        self.up_number = 0
        self.early_left = EARLY_FRAMES
        self.turn_number = 1
        self.down_at = 0
        self.starts_at = 0

    @property
    def in_flight(self) -> int:
        """Frames on their way, of both directions."""
        return len(self.up_in_flight) + len(self.down_in_flight) + len(self.audio_in_flight)

    @property
    def is_live(self) -> bool:
        """The client has its `session.created`, and the provider knows whose call it holds."""
        return self.is_created and self.upstream is not None

    def send_append(self) -> None:
        number = self.up_number
        self.up_number = number + 1
        data = _APPENDS[number % len(_APPENDS)].stamped(turn.stamp(self.index, number))
        self.up_in_flight.append((number, time.perf_counter_ns()))
        assert self.client is not None
        self.client.send(data)

    def send_scripted(self, number: int) -> None:
        """The provider's event of this number in the present turn; after the last a turn begins."""
        event = self._load.script[number]
        text = event.text(
            turn.stamp(self.index, self.turn_number), turn.stamp(self.index, self.turn_number - 1)
        )
        self.down_at = number + 1
        if self.down_at == len(self._load.script):
            self.down_at = 0
            self.turn_number += 1
        data = wire.header(wire.TEXT, len(text)) + text
        in_flight = self.audio_in_flight if event.is_audio else self.down_in_flight
        self.down_number += 1
        in_flight.append((self.down_number, text, time.perf_counter_ns()))
        assert self.upstream is not None
        self.upstream.send(data)

    def append_arrived(self, text: bytes, now_ns: int) -> None:
        if self.is_aside:
            self.up_in_flight.clear()
            return
        outcome = self._load.outcome
        if not self.up_in_flight:
            outcome.unexpected += 1
            return
        number, sent_ns = self.up_in_flight.popleft()
        stamp = turn.stamp(self.index, number)
        if text != stamp.join((turn.APPEND_HEAD, _TAILS[number % len(_TAILS)])):
            outcome.differs(f"append {number} arrived as {text[:80]!r}")
        outcome.relayed += 1
        outcome.up_ns.append(now_ns - sent_ns)

    def early_arrived(self, text: bytes) -> None:
        """One of the frames sent before `session.created`: counted, and missing ones skipped."""
        number = int(text[len(turn.APPEND_HEAD) + 6 :][:10])
        stamp = turn.stamp(self.index, number)
        whole = stamp.join((turn.APPEND_HEAD, _TAILS[number % len(_TAILS)]))
        while self.up_in_flight and self.up_in_flight[0][0] <= number:
            expected, _ = self.up_in_flight.popleft()
            if expected == number and text == whole and number < EARLY_FRAMES:
                self._load.outcome.early_identical += 1
        if number >= EARLY_FRAMES:
            self.early_left = 0

    def scripted_arrived(self, text: bytes, now_ns: int) -> None:
        """One of the provider's events at the client: the next in order. Audio alone may pass
        others, which wait for the database (design law 2); nothing may pass audio."""
        if self.is_aside:
            return
        outcome = self._load.outcome
        is_audio = text.startswith(turn.AUDIO_HEAD)
        mine, others = self.down_in_flight, self.audio_in_flight
        if is_audio:
            mine, others = others, mine
        if not mine:
            outcome.unexpected += 1
            outcome.first_difference = outcome.first_difference or text[:120].decode()
            return
        number, expected, sent_ns = mine.popleft()
        if others and others[0][0] < number:
            if is_audio:
                outcome.overtaking += 1
            else:
                outcome.differs(f"{text[:120]!r} passed audio")
        if text != expected:
            outcome.differs(f"{text[:120]!r} in place of {expected[:120]!r}")
        outcome.relayed += 1
        outcome.down_ns.append(now_ns - sent_ns)

    def broke(self) -> None:
        if self.is_aside:
            return
        self.is_broken = True
        self._load.outcome.broken += 1

    def hang_up(self) -> None:
        if self.client is not None:
            self.client.is_closing = True
            self.client.send(wire.frame(wire.CLOSE, wire.NORMAL_CLOSE, masked=True))
        if self.upstream is not None:
            self.upstream.is_closing = True


class Link:
    """One non-blocking connection; subclasses say what its frames mean."""

    is_client = False

    def __init__(self, load: Load, connection: socket.socket) -> None:
        self.load = load
        self.socket = connection
        self.socket.setblocking(False)
        self.fd = connection.fileno()
        self.is_closing = False
        self.is_gone = False
        self._is_open = False
        self._rest = b""
        self._parts: list[bytes] = []
        self.unsent = bytearray()

    def send(self, data: bytes) -> None:
        """Now if the system takes it, else as soon as it does."""
        if self.unsent:
            self.unsent += data
            return
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.lost()
            return
        if sent < len(data):
            self.unsent += data[sent:]
            self.load.watch(self, write=True)

    def flush(self) -> None:
        try:
            sent = self.socket.send(self.unsent)
        except BlockingIOError:
            return
        except OSError:
            self.lost()
            return
        del self.unsent[:sent]
        if not self.unsent:
            self.load.watch(self)

    def receive(self) -> None:
        try:
            size = self.socket.recv_into(_buffer)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if not size:
            self.lost()
            return
        now_ns = time.perf_counter_ns()
        data = self._rest + _view[:size] if self._rest else bytes(_view[:size])
        if not self._is_open:
            head, end, data = data.partition(wire.END_OF_HEAD)
            if not end:
                self._rest = head
                return
            self._is_open = True
            self.opened(head)
        frames, self._rest = wire.take_frames(data)
        for first, payload in frames:
            if first == wire.TEXT:
                if self.load.may_rewrite:
                    payload = orjson.dumps(orjson.loads(payload))
                self.text(payload, now_ns)
            else:
                self._uncommon(first, payload, now_ns)

    def _uncommon(self, first: int, payload: bytes, now_ns: int) -> None:
        if first == wire.PING:
            self.send(wire.frame(wire.PONG, payload, masked=self.is_client))
        elif first == wire.CLOSE:
            self.send(wire.frame(wire.CLOSE, payload[:2], masked=self.is_client))
            self.lost()
        elif first & 0x0F in (0, 1):  # a fragment: the whole is what counts
            self._parts.append(payload)
            if first & 0x80:
                whole, self._parts = b"".join(self._parts), []
                self.text(whole, now_ns)
        elif first != wire.PONG:
            self.load.outcome.unexpected += 1

    def lost(self) -> None:
        self.is_gone = True
        self.load.drop(self)
        self.went()

    def opened(self, head: bytes) -> None:
        raise NotImplementedError

    def text(self, payload: bytes, now_ns: int) -> None:
        raise NotImplementedError

    def went(self) -> None:
        raise NotImplementedError


class ClientLink(Link):
    """A client: connects, sends its first frames at once, then what the session has it send."""

    is_client = True

    def __init__(self, load: Load, session: Session, target: Target) -> None:
        super().__init__(load, socket.create_connection(("127.0.0.1", target.port), timeout=10))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._session = session
        load.add(self)
        self.send(wire.request(f"127.0.0.1:{target.port}", target.path, target.headers))

    def opened(self, head: bytes) -> None:
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.load.outcome.first_difference = head.split(b"\r\n", 1)[0].decode()
            self.lost()
            return
        for _ in range(EARLY_FRAMES):
            self._session.send_append()
        self.load.outcome.early_sent += EARLY_FRAMES

    def text(self, payload: bytes, now_ns: int) -> None:
        if self._session.is_created:
            self._session.scripted_arrived(payload, now_ns)
        elif payload.startswith(b'{"type":"session.created"'):
            self._session.is_created = True
            self._session.send_append()
        else:
            self.load.outcome.first_difference = payload[:200].decode()

    def went(self) -> None:
        if not self.is_closing:
            self._session.broke()


class UpstreamLink(Link):
    """The provider's end of a call. Whose it is, it learns from the first append."""

    def __init__(self, load: Load, connection: socket.socket) -> None:
        super().__init__(load, connection)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._session: Session | None = None
        self._about = {"type": "realtime", "object": "realtime.session", "id": f"sess_{next(_ids)}"}

    def opened(self, head: bytes) -> None:
        try:
            self.send(wire.response(head))
        except ValueError:  # a relay that first asks over HTTP what models there are
            self.send(wire.NOT_FOUND)
            self.lost()
            return
        self._tell("session.created", self._about)

    def _tell(self, kind: str, session: dict[str, str]) -> None:
        event = {"type": kind, "event_id": f"event_{next(_ids)}", "session": session}
        self.send(wire.frame(wire.TEXT, orjson.dumps(event), masked=False))

    def text(self, payload: bytes, now_ns: int) -> None:
        session = self._session
        if session is not None and not session.early_left:
            # A relay that writes events anew also asks the provider for things of its own.
            if not self.load.may_rewrite or payload.startswith(turn.APPEND_HEAD):
                session.append_arrived(payload, now_ns)
        elif payload.startswith(turn.APPEND_HEAD):
            self._early(payload)
        else:
            event = orjson.loads(payload)
            if event.get("type") == "session.update":
                self._tell("session.updated", self._about | event["session"])
            else:
                self.load.outcome.unexpected += 1

    def _early(self, payload: bytes) -> None:
        session = self._session
        if session is None:
            index = int(payload[len(turn.APPEND_HEAD) :][:6])
            session = self._session = self.load.session(index)
        session.early_arrived(payload)
        if not session.early_left:
            session.upstream = self

    def went(self) -> None:
        if self._session is not None and not self.is_closing:
            self._session.broke()
