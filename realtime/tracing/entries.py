"""What a tap has seen as entries of the event log: read, without sound, without what is secret.

An entry is what the log stores, exports and shows: `at_ms` since the run began, `direction`,
`type`, `size` (characters) and `event`; a run of deltas has `count`, `last_ms` and its ids instead
of an `event`, and sound `audio_bytes` and `audio_ms`. Times are rounded to 0.01 ms here, once, so
that whoever computes with the entries has the numbers that we computed with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from realtime.core.audio import (
    PCM16,
    AudioFormat,
    base64_byte_count,
    input_format_of,
    output_format_of,
)
from realtime.core.frames import mapping_or_empty
from realtime.core.redaction import quotes
from realtime.runtime.tap import FROM_PROVIDER, TO_PROVIDER, Entry, Run

LogEntry: TypeAlias = dict[str, Any]

TEXT_MAX_CHARS: Final = 4000
# Real events nest a dozen levels; more than 254 can be read as JSON but not written again.
NESTING_MAX: Final = 64
SERVER_INSTRUCTIONS: Final = "[instructions of this server]"
_WITHHELD: Final = "[withheld]"
_SECRET_KEYS: Final = frozenset(
    {"authorization", "headers", "server_url", "api_key", "client_secret", "password"}
)
_SOUND_KEYS: Final = frozenset({"audio", "image_url", "file_data"})
_BASE64_MIN_CHARS: Final = 200
_BASE64: Final = re.compile(rf"[A-Za-z0-9+/_-]{{{_BASE64_MIN_CHARS},}}={{0,2}}")
_TYPE: Final = re.compile(r'"type"\s*:\s*"([^"\\]{1,80})"')
_PROVIDERS_SIDE: Final = frozenset({TO_PROVIDER, FROM_PROVIDER})
# The keys of which `_shown` looks at the value, as they are written in an event.
_LOOKED_AT: Final = {
    key: re.compile(rf'"{key}"\s*:')
    for key in (*_SECRET_KEYS, *_SOUND_KEYS, "instructions", "message")
}
_ANNOUNCING: Final = frozenset({"session.created", "session.updated"})


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame as read. is_whole: it is an event, and all of it. is_plain: it is shown as it is."""

    type: str
    body: Mapping[str, Any]
    is_whole: bool
    is_plain: bool


class EntryReader:
    """Reads the entries of one run, in their order. server_instructions: shown to nobody here.

    began: the moment, by the tap's clock, from which `at_ms` counts.
    """

    def __init__(self, began: float, server_instructions: str) -> None:
        self._began = began
        self._secret = server_instructions.strip()
        self._input: AudioFormat = PCM16
        self._output: AudioFormat = PCM16
        self._once: dict[str, _Frame] = {}

    def ms(self, at: float) -> float:
        return round((at - self._began) * 1000, 2)

    def read(self, seen: Entry) -> tuple[LogEntry, bytes, Mapping[str, Any]]:
        """The entry, its line in the log, and the event as it was (empty where it is a run, or not
        kept whole)."""
        if isinstance(seen, Run):
            entry = self._run(seen)
            return entry, orjson.dumps(entry), {}
        # What passes is seen on either side of us: mostly it is the very same text.
        frame = self._once.pop(seen.raw, None)
        if frame is None:
            frame = self._read(seen.raw)
            if frame.is_plain:
                self._once[seen.raw] = frame
        if seen.direction == FROM_PROVIDER and frame.type in _ANNOUNCING:
            self._learn(mapping_or_empty(frame.body.get("session")))
        entry = {
            "at_ms": self.ms(seen.at),
            "direction": seen.direction,
            "type": frame.type[:80],
            "size": seen.size,
        }
        if frame.is_plain:
            line = orjson.dumps({**entry, "event": orjson.Fragment(seen.raw)})
            entry["event"] = frame.body
        else:
            hides = seen.direction in _PROVIDERS_SIDE
            entry["event"] = self._shown(frame.body, hides=hides) if frame.is_whole else None
            line = orjson.dumps(entry)
        return entry, line, frame.body

    def forget(self) -> None:
        """Call between batches: what passed one side alone will not pass the other."""
        self._once.clear()

    def _read(self, raw: str) -> _Frame:
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            found = _TYPE.search(raw)
            return _Frame(found[1] if found else "", {}, is_whole=False, is_plain=False)
        said = body.get("type")
        type_ = said if isinstance(said, str) else ""
        return _Frame(type_, body, is_whole=True, is_plain=_is_plain(raw))

    def _learn(self, session: Mapping[str, Any]) -> None:
        self._input, self._output = input_format_of(session), output_format_of(session)

    def _run(self, run: Run) -> LogEntry:
        entry: LogEntry = {
            "at_ms": self.ms(run.at),
            "last_ms": self.ms(run.last_at),
            "direction": run.direction,
            "type": run.type[:80],
            "count": run.count,
            "size": run.size,
        }
        if run.item_id:
            entry |= {"item_id": run.item_id[:80], "response_id": run.response_id[:80]}
        if run.audio_bytes:
            audio = self._input if run.type.startswith("input_") else self._output
            audio_ms = round(run.audio_bytes / audio.bytes_per_ms, 2)
            entry |= {"audio_bytes": run.audio_bytes, "audio_ms": audio_ms}
        return entry

    def _shown(self, value: Any, *, hides: bool, key: str = "", level: int = 0) -> Any:
        if key.lower() in _SECRET_KEYS and value:
            return _WITHHELD
        if level == NESTING_MAX and isinstance(value, dict | list):
            return "[nested deeper]"
        level += 1
        if isinstance(value, dict):
            return {
                name: self._shown(inner, hides=hides, key=name, level=level)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._shown(part, hides=hides, key=key, level=level) for part in value]
        return self._text(value, key, hides) if isinstance(value, str) else value

    def _text(self, text: str, key: str, hides: bool) -> str:
        if (key in _SOUND_KEYS and len(text) > 64) or _BASE64.fullmatch(text):
            return f"[{base64_byte_count(text)} bytes of base64]"
        if hides and self._secret and key in ("instructions", "message"):
            text = text.replace(self._secret, SERVER_INSTRUCTIONS)
            if quotes(text, self._secret):
                return SERVER_INSTRUCTIONS
        if len(text) > TEXT_MAX_CHARS:
            return f"{text[:TEXT_MAX_CHARS]}… [{len(text)} characters]"
        return text


def _is_plain(raw: str) -> bool:
    """Whether `_shown` would surely leave this event as it is: judged by how it is written, which
    takes a tenth of the time. A line feed would end the line of the log."""
    if len(raw) > TEXT_MAX_CHARS or "\\u" in raw or "\n" in raw:
        return False
    if raw.count("[") + raw.count("{") > NESTING_MAX:
        return False
    low = raw.lower()
    quoted = low.split('"')
    for key in _LOOKED_AT.keys() & quoted:
        if _LOOKED_AT[key].search(low):
            return False
    return max(map(len, quoted)) < _BASE64_MIN_CHARS or all(
        " " in text for text in quoted if len(text) >= _BASE64_MIN_CHARS
    )
