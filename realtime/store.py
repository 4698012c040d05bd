"""Durable storage of one session's records: items to `conversations`, usage and cost here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone

from conversations import changes
from conversations.changes import Change
from conversations.errors import ConversationNotFound
from conversations.rows import change, insert_once
from conversations.scribe import Scribe
from realtime import catalogue, lifecycle
from realtime.core.records import (
    ItemCompleted,
    ItemDeleted,
    ItemHeard,
    ItemOpened,
    Record,
    RecordingGap,
    ResponseRecorded,
    TranscriptionRecorded,
)
from realtime.core.usage import TokenUsage
from realtime.group_commit import GroupCommit
from realtime.models import RealtimeSession, ResponseUsage
from realtime.runtime.meters import METERS

_COSTS = (ResponseRecorded, TranscriptionRecorded)
USAGE_FIELDS = (
    "input_text",
    "input_audio",
    "input_image",
    "cached_text",
    "cached_audio",
    "cached_image",
    "output_text",
    "output_audio",
)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """Which rows the records of a session belong to."""

    pk: int
    public_id: str
    conversation_id: uuid.UUID
    provider: str
    model: str
    transcription_model: str
    save_transcript: bool

    @property
    def lock_order(self) -> str:
        """Names what a transaction locks of it: its conversation, then its own row."""
        return f"{self.conversation_id.hex} {self.pk}"


class _Used:
    """What is to be added to a session's row: for all records of one transaction together."""

    def __init__(self) -> None:
        self.costs: list[tuple[str, catalogue.Cost]] = []
        self.counts: dict[str, int | Decimal] = {}
        self.facts: dict[str, bool] = {}

    def add(self, model: str, cost: catalogue.Cost, **counts: int) -> None:
        self.costs.append((model, cost))
        for name, count in (counts | {"cost_usd": cost.usd}).items():
            if count:
                self.counts[name] = self.counts.get(name, 0) + count


class SessionStore:
    """A StorePort. Writing the same record twice changes nothing.

    When the conversation has been deleted, `conversation_gone` is called (on a database thread) and
    what was said is dropped, because its owner asked for that; usage is still written. `spent` is
    called, on the event loop, once something that costs has been written.
    """

    def __init__(
        self,
        session: StoredSession,
        conversation_gone: Callable[[], None],
        spent: Callable[[], None] = lambda: None,
        *,
        commits: GroupCommit,
        prices: catalogue.PriceBook,
    ) -> None:
        self._session = session
        self._commits = commits
        self._prices = prices
        self._spent = spent
        self._conversation_gone = conversation_gone
        self._scribe = Scribe(session.conversation_id, session.public_id)

    async def store(self, records: Sequence[Record]) -> None:
        """Write the records, all or none. Raises what the database raises; safe to repeat."""
        written = await self._commits.write(
            partial(self._write, tuple(records)), self._session.lock_order
        )
        for model, cost in written:
            METERS.add_cost(model, cost.usd)
        for record in records:
            if isinstance(record, ResponseRecorded):
                METERS.turns += 1
                if record.first_audio_ms is not None:
                    METERS.first_audio.observe(record.first_audio_ms / 1000)
        if any(isinstance(record, _COSTS) for record in records):
            self._spent()

    def _write(self, records: tuple[Record, ...]) -> list[tuple[str, catalogue.Cost]]:
        """The costs that were not written before, with the model they are of."""
        said: list[Change] = []
        used = _Used()
        for record in records:
            match record:
                case ResponseRecorded():
                    self._write_response(record, used)
                case TranscriptionRecorded():
                    self._write_transcription(record, used)
                case _ if self._session.save_transcript:
                    said.append(_change_of(record))
        if said:
            try:
                self._scribe.write(said)
            except ConversationNotFound:
                self._conversation_gone()
        if used.counts or used.facts:
            change(RealtimeSession, {"id": self._session.pk}, to=used.facts, plus=used.counts)
        return used.costs

    def _write_response(self, record: ResponseRecorded, used: _Used) -> None:
        usage = record.usage or TokenUsage()
        today = timezone.localdate()
        provider, model = self._session.provider, self._session.model
        cost = catalogue.cost_of(provider, model, usage, today, self._prices.price_of)
        counts = _columns(usage) | lifecycle.sound_columns(record.sound)
        is_new = self._add_usage(
            ResponseUsage.Kind.RESPONSE,
            record.response_id,
            status=record.status,
            error_code=record.error_code or "",
            item_ids=list(record.item_ids),
            first_audio_ms=record.first_audio_ms,
            is_interrupted=record.interrupted,
            cost_usd=cost.usd,
            price_version=cost.version,
            **counts,
        )
        if is_new:
            used.add(model, cost, **counts, turns=1, interruptions=int(record.interrupted))
            if usage.input_audio or usage.output_audio:
                # A text session that turned to audio after all is a voice session from then on.
                used.facts["is_text_only"] = False

    def _write_transcription(self, record: TranscriptionRecorded, used: _Used) -> None:
        usage = record.usage or TokenUsage()
        today = timezone.localdate()
        # A client may have chosen another since; one that an alias hides is the one asked for.
        model, cost = record.model, catalogue.Cost()
        for model in (record.model, self._session.transcription_model):
            cost = self._transcription_cost(record.duration_s, usage, model, today)
            if cost.version:
                break
        is_new = self._add_usage(
            ResponseUsage.Kind.TRANSCRIPTION,
            record.item_id,
            status="completed",
            item_ids=[record.item_id],
            audio_s=record.duration_s or 0.0,
            cost_usd=cost.usd,
            price_version=cost.version,
            **_columns(usage),
        )
        if is_new:
            # Counted as cost alone: these tokens are another model's, not the conversation's.
            used.add(model, cost)

    def _transcription_cost(
        self, duration_s: float | None, usage: TokenUsage, model: str, today: dt.date
    ) -> catalogue.Cost:
        provider = self._session.provider
        if duration_s is None:
            return catalogue.cost_of(provider, model, usage, today, self._prices.price_of)
        look_up = self._prices.price_of
        return catalogue.cost_of_audio(provider, model, duration_s, today, look_up)

    def _add_usage(self, kind: ResponseUsage.Kind, reference: str, **fields: Any) -> bool:
        """False when it was written before."""
        key = {"session": self._session.pk, "kind": kind, "reference": reference}
        return insert_once(ResponseUsage, **key, **fields)


def _change_of(
    record: ItemOpened | ItemCompleted | ItemHeard | ItemDeleted | RecordingGap,
) -> Change:
    match record:
        case ItemOpened():
            return partial(
                changes.open_item,
                item_id=record.item_id,
                role=record.role.value,
                kind=record.kind.value,
                source=record.source.value,
                previous_item_id=record.previous_item_id,
                text=record.text,
                call_id=record.call_id,
                name=record.name,
            )
        case ItemCompleted():
            return partial(
                changes.complete_item,
                item_id=record.item_id,
                text=record.text,
                status=record.status.value,
            )
        case ItemHeard():
            return partial(
                changes.mark_heard,
                item_id=record.item_id,
                heard_text=record.heard_text,
                heard_ms=record.heard_ms,
            )
        case ItemDeleted():
            return partial(changes.delete_item, item_id=record.item_id)
        case RecordingGap():
            now = timezone.now()
            return partial(
                changes.record_gap,
                item_id=record.item_id,
                began_at=now - dt.timedelta(milliseconds=record.began_ms_ago),
                ended_at=now if record.is_over else None,
            )


def _columns(usage: TokenUsage) -> dict[str, int]:
    return {f"{name}_tokens": getattr(usage, name) for name in USAGE_FIELDS}
