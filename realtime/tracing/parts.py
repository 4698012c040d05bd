"""Entries of the event log as they are stored: JSON lines, compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import orjson

from realtime.tracing.entries import LogEntry

if TYPE_CHECKING:
    from realtime.models import EventLogPart


def packed(lines: bytes | bytearray) -> bytes:
    """Lines of JSON, each but the last with its line feed."""
    return zlib.compress(lines, 1)


def entries_of(parts: Iterable[EventLogPart]) -> Iterator[LogEntry]:
    """The entries of one session in order, of all its runs: numbered through from 1 in `n`, their
    run in `run`, and all times in ms since the first of the runs began."""
    number, runs = 0, 0
    run_id, first_began_at = None, None
    for part in parts:
        if part.run_id != run_id:
            run_id, runs = part.run_id, runs + 1
        first_began_at = first_began_at or part.began_at
        later_ms = (part.began_at - first_began_at).total_seconds() * 1000
        for line in zlib.decompress(bytes(part.lines)).split(b"\n"):
            entry = orjson.loads(line)
            number += 1
            for name in ("at_ms", "last_ms"):
                if later_ms and name in entry:
                    entry[name] = round(entry[name] + later_ms, 2)
            yield {"n": number, "run": runs, **entry}
