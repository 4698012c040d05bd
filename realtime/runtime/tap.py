"""Where a running session is listened in on: every frame that passes, with the moment it passed.

On the way of sound it does nothing but count: sound, and every other run of deltas, is one entry
that is made at its first frame. All reading is done later by whoever takes the entries. It holds a
bounded amount; what does not fit is counted as lost, and nothing ever waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import orjson

FROM_CLIENT: Final = "from_client"
TO_PROVIDER: Final = "to_provider"
FROM_PROVIDER: Final = "from_provider"
TO_CLIENT: Final = "to_client"
GATEWAY: Final = "gateway"

# Longer runs begin anew, so that a moment within one can be told closely.
RUN_MAX_S: Final = 5.0
MAX_ENTRIES: Final = 2000
MAX_BYTES: Final = 256 * 1024
# A frame above this is noted by its head alone.
FRAME_MAX_CHARS: Final = 64 * 1024
_HEAD_CHARS: Final = 256
_DUE_ENTRIES: Final = 64
_DUE_BYTES: Final = 64 * 1024

_APPENDS: Final = (
    '{"type":"input_audio_buffer.append"',
    '{"type": "input_audio_buffer.append"',
)
_APPEND_TYPE: Final = "input_audio_buffer.append"
_SOUND_TYPE: Final = "response.output_audio.delta"
# The last two: as a client of the beta is sent it.
_SOUNDS: Final = (
    '{"type":"response.output_audio.delta"',
    '{"type": "response.output_audio.delta"',
    '{"type":"response.audio.delta"',
    '{"type": "response.audio.delta"',
)
_FAR_DIRECTIONS: Final = frozenset({FROM_PROVIDER, TO_CLIENT})


class Seen:
    """One event as it passed. `at` is of the tap's clock, in seconds; `size` in characters."""

    __slots__ = ("at", "direction", "raw", "size")

    def __init__(self, at: float, direction: str, raw: str, size: int) -> None:
        self.at = at
        self.direction = direction
        self.raw = raw
        self.size = size


class Run:
    """Events of one type and direction in a row, counted; ids are those of the first one."""

    __slots__ = (
        "at",
        "audio_bytes",
        "count",
        "direction",
        "item_id",
        "last_at",
        "response_id",
        "size",
        "type",
    )

    def __init__(self, at: float, direction: str, type_: str, item_id: str, response_id: str):
        self.at = self.last_at = at
        self.direction = direction
        self.type = type_
        self.item_id = item_id
        self.response_id = response_id
        self.count = self.size = self.audio_bytes = 0


Entry: TypeAlias = Seen | Run


class _Passed:
    """Frames that went through at once, counted once for the runs of both directions."""

    __slots__ = ("at", "audio_bytes", "count", "last_at", "runs", "size")

    def __init__(self, runs: tuple[Run, ...]) -> None:
        self.runs = runs
        self.at = self.last_at = runs[0].at
        self.count = self.size = self.audio_bytes = 0

    def settle(self) -> None:
        """Tell the runs; nothing may be counted here any more."""
        for run in self.runs:
            run.count += self.count
            run.size += self.size
            run.audio_bytes += self.audio_bytes
            run.last_at = max(run.last_at, self.last_at)


class NoTap:
    """Listens to nothing."""

    __slots__ = ()

    def from_client(self, raw: str | bytes) -> None:
        """As the client sent it."""

    def to_provider(self, raw: str) -> None:
        """The provider has taken it."""

    def from_provider(self, raw: str) -> None:
        """As the provider sent it."""

    def to_client(self, raw: str) -> None:
        """The client's connection has taken it."""

    def sound_passed_up(self, text: bytes, sound_bytes: int, now: float) -> None:
        """An append of so much sound: `from_client` and `to_provider` in one. `now` is of the
        session's clock, which must be the tap's, here and below."""

    def piece_passed_down(self, text: bytes, body: Mapping[str, Any], now: float) -> None:
        """One of many deltas, and what it says: `from_provider` and `to_client` in one."""

    def note(self, kind: str, **facts: object) -> None:
        """Something happened to the session's lines that no event tells."""


NO_TAP: Final = NoTap()


class EventTap(NoTap):
    """Use on the loop that runs the session. `take` now and then, and when the session is over.

    has_client: False for a call whose client is told everything by the provider itself.
    """

    __slots__ = ("_bytes", "_clock", "_entries", "_has_client", "_passed", "_runs", "began", "lost")

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, has_client: bool = True
    ) -> None:
        self.began = clock()
        self.lost = 0
        self._clock = clock
        self._has_client = has_client
        self._entries: list[Entry] = []
        self._bytes = 0
        self._runs: dict[str, Run] = {}  # by direction for sound, by direction and type for words
        self._passed: dict[str, _Passed] = {}  # by type

    def from_client(self, raw: str | bytes) -> None:
        if isinstance(raw, str):
            if raw.startswith(_APPENDS) or _is_odd_append(raw):
                self._count_sound(FROM_CLIENT, _APPEND_TYPE, raw, '"audio"')
            else:
                self._see(FROM_CLIENT, raw)

    def to_provider(self, raw: str) -> None:
        if raw.startswith(_APPENDS) or _is_odd_append(raw):
            self._count_sound(TO_PROVIDER, _APPEND_TYPE, raw, '"audio"')
        else:
            self._see(TO_PROVIDER, raw)

    def from_provider(self, raw: str) -> None:
        if raw.startswith(_SOUNDS):
            self._count_sound(FROM_PROVIDER, _SOUND_TYPE, raw, '"delta"')
        else:
            self._see(FROM_PROVIDER, raw)

    def to_client(self, raw: str) -> None:
        if not self._has_client:
            return
        if raw.startswith(_SOUNDS):
            self._count_sound(TO_CLIENT, "", raw, '"delta"')
        else:
            self._see(TO_CLIENT, raw)

    def sound_passed_up(self, text: bytes, sound_bytes: int, now: float) -> None:
        passed = self._passed.get(_APPEND_TYPE)
        if passed is None or now - passed.at > RUN_MAX_S:
            passed = self._pass(_APPEND_TYPE, (FROM_CLIENT, TO_PROVIDER), {}, now)
        passed.count += 1
        passed.last_at = now
        passed.size += len(text)
        passed.audio_bytes += sound_bytes

    def piece_passed_down(self, text: bytes, body: Mapping[str, Any], now: float) -> None:
        type_ = body["type"]
        passed = self._passed.get(type_)
        if passed is None or now - passed.at > RUN_MAX_S:
            directions = (FROM_PROVIDER, TO_CLIENT) if self._has_client else (FROM_PROVIDER,)
            passed = self._pass(type_, directions, body, now)
        passed.count += 1
        passed.last_at = now
        if type_ == _SOUND_TYPE:
            passed.size += len(text)
            delta = body["delta"]
            passed.audio_bytes += len(delta) * 3 // 4 - delta.count("=", -2)
        else:
            passed.size += len(text) if text.isascii() else len(text.decode())

    def note(self, kind: str, **facts: object) -> None:
        self._see(GATEWAY, orjson.dumps({"type": kind, **facts}).decode())

    def is_due(self, max_age_s: float) -> bool:
        """There is so much to take, or it is so old, that it is time to."""
        entries = self._entries
        return bool(entries) and (
            len(entries) >= _DUE_ENTRIES
            or self._bytes >= _DUE_BYTES
            or self._clock() - entries[0].at >= max_age_s
        )

    def take(self) -> list[Entry]:
        """Everything seen since the last time, in the order of its beginning."""
        self._end_runs()
        taken, self._entries = self._entries, []
        self._bytes = 0
        return taken

    def _pass(
        self, type_: str, directions: tuple[str, ...], body: Mapping[str, Any], now: float
    ) -> _Passed:
        """Go on with the runs of these directions, or begin them. body: all that is read of the
        first frame."""
        if type_ in self._passed:
            self._passed.pop(type_).settle()
        runs = []
        for direction in directions:
            is_sound = type_ in (_APPEND_TYPE, _SOUND_TYPE)
            key = direction if is_sound else f"{direction} {type_}"
            run = self._runs.get(key)
            if run is None or now - run.at > RUN_MAX_S:
                run = self._begin(key, direction, type_, body, now)
            runs.append(run)
        passed = self._passed[type_] = _Passed(tuple(runs))
        return passed

    def _end_runs(self) -> None:
        for passed in self._passed.values():
            passed.settle()
        self._passed.clear()
        self._runs.clear()

    def _count_sound(self, direction: str, type_: str, raw: str, key: str) -> None:
        now = self._clock()
        run = self._runs.get(direction)
        if run is None or now - run.at > RUN_MAX_S:
            run = self._begin(direction, direction, type_, _read(raw), now)
        run.count += 1
        run.last_at = now
        run.size += len(raw)
        # The value is base64: whatever stands between its quotes, without the padding.
        start = raw.find('"', raw.find(key) + len(key)) + 1
        end = raw.find('"', start)
        run.audio_bytes += (end - start) * 3 // 4 - raw.count("=", max(start, end - 2), end)

    def _see(self, direction: str, raw: str) -> None:
        if direction in _FAR_DIRECTIONS:
            type_ = _delta_type(raw)
            if type_:
                self._count_words(direction, type_, raw)
                return
        self._end_runs()
        size = len(raw)
        kept = raw if size <= FRAME_MAX_CHARS else raw[:_HEAD_CHARS]
        if len(self._entries) >= MAX_ENTRIES or self._bytes + len(kept) > MAX_BYTES:
            self.lost += 1
            return
        self._bytes += len(kept)
        self._entries.append(Seen(self._clock(), direction, kept, size))

    def _count_words(self, direction: str, type_: str, raw: str) -> None:
        now = self._clock()
        key = f"{direction} {type_}"
        run = self._runs.get(key)
        if run is None or now - run.at > RUN_MAX_S:
            run = self._begin(key, direction, type_, _read(raw), now)
        run.count += 1
        run.last_at = now
        run.size += len(raw)

    def _begin(
        self, key: str, direction: str, type_: str, body: Mapping[str, Any], now: float
    ) -> Run:
        run = Run(
            now,
            direction,
            type_ or str(body.get("type", "")),
            str(body.get("item_id", "")),
            str(body.get("response_id", "")),
        )
        self._runs[key] = run
        if len(self._entries) < MAX_ENTRIES:
            self._entries.append(run)
        else:
            self.lost += 1
        return run


def _read(raw: str) -> Mapping[str, Any]:
    """The first frame of a run, the only one of it that is read."""
    try:
        body: Mapping[str, Any] = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return body


def _is_odd_append(raw: str) -> bool:
    """An append whose type does not come first, or has its own spaces."""
    if len(raw) < 512 or _APPEND_TYPE not in raw[:128] + raw[-128:]:
        return False
    return '"audio"' in raw[:128] + raw[-128:]


def _delta_type(raw: str) -> str:
    """The type of a frame that is one of many in a row; "" for any other."""
    end = raw.find('.delta"', 0, 128)
    start = raw.rfind('"', 0, end)
    if end < 0 or not raw[:start].rstrip(": ").endswith('"type"'):
        return ""
    return raw[start + 1 : end + 6]
