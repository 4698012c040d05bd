"""One run's event log and stage times on their way to the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.utils import timezone

from realtime.core import names
from realtime.core.frames import list_or_empty, mapping_or_empty
from realtime.core.session_config import SessionSetup, initial_config
from realtime.models import EventLogPart, SentContext, TurnTime
from realtime.runtime.tap import GATEWAY, TO_PROVIDER, Entry, EventTap, Run
from realtime.tracing.entries import EntryReader, LogEntry
from realtime.tracing.parts import packed
from realtime.tracing.spans import TurnSpans, turn_spans
from realtime.tracing.stages import STAGES, Answer, StageTimer

# What waits here while the database is away.
_UNWRITTEN_MAX_BYTES: Final = 1024 * 1024
# More than the stage timer remembers: what it tells late of an answer makes no second trace.
_MOST_TRACED: Final = 16


@dataclass(frozen=True, slots=True)
class RunOf:
    """Which run: the session's row, its conversation, and the connection that runs it.

    max_bytes: of its event log, before compression; 0 keeps none.
    """

    session_pk: int
    conversation_id: uuid.UUID
    run_id: str
    max_bytes: int


class RunLog:
    """The tap is for the event loop; all else is for one database thread at a time: `digest` what
    was taken, write `part`, `times` and `context`, then call `written`.

    max_age_s: how old what the tap has seen may become before it is taken next.
    """

    def __init__(self, run: RunOf, setup: SessionSetup, max_age_s: float = 0.0) -> None:
        self.run = run
        self.tap = EventTap(has_client=setup.call is None)
        self.began_at: dt.datetime = timezone.now()
        self.observed: list[tuple[str, float]] = []
        self.max_age_s = max_age_s
        self._setup = setup
        self._context: SentContext | None = None
        self._is_context_written = False
        self._reader = EntryReader(self.tap.began, setup.server_instructions)
        self._timer = StageTimer()
        # One text: what `orjson` writes takes 4 KiB of memory, however short it is.
        self._lines = bytearray()
        self._packed = b""  # the same, once it is to be written
        self._line_count = self._kept_bytes = self._written_count = 0
        self._lost = 0
        self._is_behind = False  # what was read before is not written yet
        self._is_full = run.max_bytes == 0
        self._times: dict[str, Answer] = {}
        self._to_trace: dict[str, Answer] = {}
        self._traced: list[str] = []
        self._seeded = setup.seed_ids
        if setup.call is not None and not setup.call.resumes:
            self._sent(initial_config(setup))

    def digest(self, taken: Sequence[Entry], lost: int) -> None:
        """Read what was taken from the tap. lost: what the tap has let go so far."""
        self._packed = b""
        for seen in taken:
            entry, line, event = self._reader.read(seen)
            self._timer.feed(entry)
            self._keep(line, entry["at_ms"])
            if not isinstance(seen, Run) and seen.direction == TO_PROVIDER:
                self._follow_set_up(entry["type"], event)
        self._reader.forget()
        if lost > self._lost and taken:
            at_ms = self._reader.ms(taken[-1].at)
            self._keep(_of_gateway(at_ms, "log.lost", count=lost - self._lost), at_ms)
            self._lost = lost
        for answer in self._timer.take_changed():
            self._times[answer.response_id] = answer
            self._to_trace[answer.response_id] = answer
            self._observe(answer)
        if self._lines and not self._is_behind:
            # Here, and not where it is written: who writes keeps others from it.
            self._packed = packed(self._lines[:-1])
        self._is_behind = True

    def part(self) -> EventLogPart | None:
        """What is to be written next of the log."""
        if not self._lines:
            return None
        return EventLogPart(
            session_id=self.run.session_pk,
            conversation_id=self.run.conversation_id,
            run_id=self.run.run_id,
            began_at=self.began_at,
            first_number=self._written_count + 1,
            entry_count=self._line_count,
            lines=self._packed or packed(self._lines[:-1]),
        )

    def times(self) -> list[TurnTime]:
        """The answers of which more is known than is written."""
        return [
            TurnTime(
                session_id=self.run.session_pk,
                response_id=_storable(answer.response_id[:80]),
                began_at=self.began_at,
                at_ms=answer.at_ms,
                is_clients_view=answer.heard_by_client,
                underruns=answer.underruns,
                **{stage: getattr(answer, stage) for stage in STAGES},
            )
            for answer in self._times.values()
        ]

    def finished_turns(self, *, is_over: bool) -> list[TurnSpans]:
        """The answers of which all is known that will be, each once: a client tells late when it
        began to play, so a spoken one waits for that, for the next answer or the end."""
        newest = next(reversed(self._to_trace), None)
        has_client = self._setup.call is None
        finished = [
            answer
            for answer in self._to_trace.values()
            if is_over
            or (
                answer.is_done
                and (answer.heard_by_client or not has_client or answer.response_id != newest)
            )
        ]
        for answer in finished:
            del self._to_trace[answer.response_id]
        fresh = [answer for answer in finished if answer.response_id not in self._traced]
        self._traced += (answer.response_id for answer in fresh)
        del self._traced[:-_MOST_TRACED]
        return [turn_spans(answer, self._setup.session_id, self.began_at) for answer in fresh]

    def context(self) -> SentContext | None:
        """What the model was given, if that is still to be written."""
        return None if self._is_context_written else self._context

    def forget_words(self) -> None:
        """The conversation is private, or gone: nothing of the log is to be written."""
        self._lines = bytearray()
        self._packed = b""
        self._line_count = 0

    def written(self) -> None:
        """Everything that was to be written is."""
        self._written_count += self._line_count
        self._is_behind = False
        self.forget_words()
        self._times.clear()
        self._is_context_written = True

    def _keep(self, line: bytes, at_ms: float) -> None:
        if self._is_full:
            return
        if len(self._lines) + len(line) > _UNWRITTEN_MAX_BYTES:
            self._lost += 1
            return
        self._kept_bytes += len(line)
        if self._kept_bytes > self.run.max_bytes:
            self._is_full = True
            line = _of_gateway(at_ms, "log.full")
        self._lines += line
        self._lines += b"\n"
        self._line_count += 1

    def _observe(self, answer: Answer) -> None:
        if not answer.is_done:
            return
        for stage in STAGES:
            value_ms = getattr(answer, stage)
            if value_ms is not None and stage not in answer.told:
                answer.told += (stage,)
                self.observed.append((stage.removesuffix("_ms"), value_ms / 1000))

    def _follow_set_up(self, type_: str, event: Mapping[str, Any]) -> None:
        """The first `session.update` is ours; the items of the seed follow it."""
        if type_ == names.SESSION_UPDATE and self._context is None:
            self._sent(mapping_or_empty(event.get("session")))
        elif type_ == names.ITEM_CREATE and self._context is not None:
            item_id = mapping_or_empty(event.get("item")).get("id")
            if not isinstance(item_id, str):
                return
            if item_id in self._seeded and item_id not in self._context.history:
                self._context.history.append(item_id)
                self._is_context_written = False

    def _sent(self, session: Mapping[str, Any]) -> None:
        if not self._setup.save_transcript:
            return
        tools = map(mapping_or_empty, list_or_empty(session.get("tools")))
        output = mapping_or_empty(mapping_or_empty(session.get("audio")).get("output"))
        self._context = SentContext(
            session_id=self.run.session_pk,
            run_id=self.run.run_id,
            instructions=_storable(session.get("instructions")),
            voice=_storable(output.get("voice"))[:60],
            output_modalities=[
                _storable(one) for one in list_or_empty(session.get("output_modalities"))
            ],
            tools=[_storable(tool.get("name") or tool.get("server_label")) for tool in tools],
            history=[],
        )


def _storable(said: object) -> str:
    """As text that every database takes: PostgreSQL has no NUL."""
    return str(said or "").replace("\0", "\ufffd")


def _of_gateway(at_ms: float, type_: str, **facts: object) -> bytes:
    """The line of an entry of our own."""
    event = {"type": type_, **facts}
    entry: LogEntry = {
        "at_ms": at_ms,
        "direction": GATEWAY,
        "type": type_,
        "size": 0,
        "event": event,
    }
    return orjson.dumps(entry)
