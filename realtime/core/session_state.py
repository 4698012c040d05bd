"""What the parts of one session share: the set-up, the phase, and everything learnt so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from realtime.core import names
from realtime.core.allowance import AllowanceClock
from realtime.core.audio import input_format_of, output_format_of
from realtime.core.client_edge import ClientEdge
from realtime.core.effects import Effect, SendClient, SendUpstream, Store
from realtime.core.errors import VoiceError
from realtime.core.frames import (
    EventIds,
    Frame,
    dump,
    error_frame,
    mapping_or_empty,
    parse_server_frame,
)
from realtime.core.limits import IdleClock
from realtime.core.outstanding import Outstanding
from realtime.core.recorder import Recorder
from realtime.core.records import (
    ItemCompleted,
    Record,
    ResponseRecorded,
    TranscriptionRecorded,
)
from realtime.core.responses import ActiveResponse, Responses
from realtime.core.session_config import SessionSetup, initial_config
from realtime.core.tally import Tally
from realtime.core.usage import transcription_model_of


class Phase(StrEnum):
    """Where the way to the provider stands.

    new → dialing → creating (awaits session.created) → configuring (awaits session.updated) → live,
    back to dialing when the provider drops a session the client has seen, and at last ended.
    """

    NEW = "new"
    DIALING = "dialing"
    CREATING = "creating"
    CONFIGURING = "configuring"
    LIVE = "live"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A client's session.update that the provider has not answered yet.

    ours: we gave it its event_id, so an error must not echo it to the client.
    """

    event_id: str
    ours: bool
    patch: Mapping[str, Any]
    client_instructions: str | None
    transcription_asked_null: bool | None


_COSTS = (ResponseRecorded, TranscriptionRecorded)
_OPENERS = frozenset({names.RESPONSE_CREATED, names.OUTPUT_ITEM_ADDED, names.CONTENT_PART_ADDED})
# What a frame that waits costs besides its text: it bounds how many wait, however small they are.
_HELD_FRAME_BYTES = 1024


def held_cost(raw: str | bytes) -> int:
    """What a waiting frame counts against the client, in bytes (design law 5)."""
    return len(raw) + _HELD_FRAME_BYTES


class SessionState:
    """Mutable facts of one session. Only its parts (link, client side, upstream side) change it."""

    __slots__ = (
        "_random",
        "allowance",
        "announced",
        "began_at",
        "config",
        "cut_responses",
        "detached_until",
        "edge",
        "ends_at",
        "held",
        "held_bytes",
        "idle",
        "ids",
        "input_format",
        "outstanding",
        "pending_updates",
        "phase",
        "recorder",
        "responses",
        "seed",
        "setup",
        "tally",
    )

    def __init__(self, setup: SessionSetup, now: float) -> None:
        self.setup = setup
        self.began_at = now
        self.phase = Phase.NEW
        self.announced = False
        self.config: dict[str, Any] = initial_config(setup)
        self.seed = setup.seed
        self.pending_updates: list[PendingUpdate] = []
        self.ids = EventIds(
            f"{setup.session_id}/{setup.run_id}" if setup.run_id else setup.session_id
        )
        self.edge = ClientEdge(setup)
        self.recorder = Recorder(
            setup.text_source,
            setup.seed_ids,
            comes_late=setup.call is not None,
        )
        self.responses = Responses()
        self.outstanding = Outstanding()
        self.idle = IdleClock(setup.limits.idle_timeout_s, now)
        self.input_format = input_format_of(self.config)
        self.allowance = AllowanceClock()
        self.tally = Tally()
        self.ends_at: float | None = None
        self.detached_until: float | None = None
        # Dropped by the provider, with the reason; the client still waits for their end.
        self.cut_responses: list[tuple[ActiveResponse, str]] = []
        self.held: list[Frame] = []
        self.held_bytes = 0
        self._random: Random | None = None

    @property
    def random(self) -> Random:
        """Spreads the re-dials of many sessions; a seed of its own makes a replay the same. Made
        when it is needed: it takes 2.5 kB."""
        if self._random is None:
            self._random = Random(self.setup.session_id)  # noqa: S311
        return self._random

    @property
    def budget_spent(self) -> bool:
        """The session has had, or is having, as many answers as it may."""
        most = self.setup.limits.max_responses
        return 0 < most <= self.setup.responses_used + self.responses.created_count

    def may_ask(self, now: float) -> bool:
        """Whether the client may ask for another answer."""
        return not self.budget_spent and not self.allowance.is_spent(now)

    def may_begin(self, now: float) -> bool:
        """Whether the provider may begin one: what was asked for in time is in the air already."""
        return not self.budget_spent and (
            self.responses.is_asked or not self.allowance.is_spent(now)
        )

    def to_upstream(self, frame: Frame, now: float) -> list[Effect]:
        """Send a client's event to the provider, or hold it until there is one."""
        if self.phase is not Phase.LIVE:
            self.held.append(frame)
            self.held_bytes += held_cost(frame.raw)
            return []
        self.outstanding.sent(frame)
        if frame.type == names.RESPONSE_CREATE:
            self.responses.asked(now)
        return [SendUpstream(frame.raw)]

    def release_held(self, now: float) -> list[Effect]:
        """Send what was held, in order; the provider is live again."""
        held, self.held, self.held_bytes = self.held, [], 0
        effects: list[Effect] = []
        for frame in held:
            effects += self.to_upstream(frame, now)
        return effects

    def hold_first(self, raws: list[str]) -> None:
        """Put frames that an earlier provider session never took in front of what is held."""
        frames = [frame for raw in raws if (frame := parse_server_frame(raw)) is not None]
        self.held[:0] = frames
        self.held_bytes += sum(held_cost(frame.raw) for frame in frames)

    def event_to_client(
        self,
        body: Mapping[str, Any],
        *,
        item_ids: tuple[str, ...] = (),
    ) -> list[Effect]:
        """An event of our own, given an `event_id`."""
        event = {**body, "event_id": self.ids.next()}
        frame = Frame(dump(event), str(body["type"]), event, event["event_id"])
        return self.to_client(frame, item_ids=item_ids)

    def to_client(self, frame: Frame, *, item_ids: tuple[str, ...] = ()) -> list[Effect]:
        """Forward a server event, as the client may see it."""
        if frame.event_id is None and self.setup.private_events:
            # A client that resumes names the last event it saw, so each needs a name.
            body = {**frame.body, "event_id": self.ids.next()}
            frame = Frame(dump(body), frame.type, body, body["event_id"])
        raw = self.edge.to_client(frame)
        if raw is None:
            return []
        return [
            SendClient(
                raw,
                droppable=frame.type == names.OUTPUT_AUDIO_DELTA,
                item_ids=item_ids,
                opens=_opens_answer(frame),
                event_id=frame.event_id or "",
            )
        ]

    def error_to_client(self, error: VoiceError, about: Frame | None = None) -> list[Effect]:
        """An `error` event; `about` is the client's event that it answers, as it came."""
        event_id = self.ids.next()
        self.tally.count_error(error.code)
        edge = self.edge
        said = edge.as_client_says(error) if about is None else edge.as_written(error, about)
        raw = error_frame(said, event_id)
        return [SendClient(raw, event_id=event_id)]

    def notice_to_client(self, code: str) -> list[Effect]:
        """A private notice; official SDKs validate strictly and get none (contract §7)."""
        if not self.setup.private_events:
            return []
        return self.event_to_client({"type": names.NOTICE, "code": code})

    def resumed_to_client(self, *, recovered: bool) -> list[Effect]:
        """The first event of a line that asked to resume."""
        session_id = self.setup.session_id
        return self.event_to_client(
            {"type": names.RESUMED, "recovered": recovered, "session_id": session_id}
        )

    def sound_to_client(self, encoded: str, now: float) -> None:
        """More of the assistant's sound (base64) is on its way to the client's speaker."""
        byte_count = len(encoded) * 3 // 4
        audio_ms = self.recorder.output_format.duration_ms(byte_count)
        self.idle.played(audio_ms, now)
        self.tally.audio_out_bytes += byte_count
        self.tally.audio_out_ms += audio_ms

    def store(self, records: list[Record]) -> list[Effect]:
        """Store effects; without a transcript only cost and timing are kept (contract §4)."""
        return [
            Store(record, holds=isinstance(record, ItemCompleted))
            for record in records
            if self.setup.save_transcript or isinstance(record, _COSTS)
        ]

    def learn_session(self, session: Mapping[str, Any]) -> None:
        """The provider said what is in effect."""
        self.input_format = input_format_of(session)
        self.recorder.output_format = output_format_of(session)
        self.recorder.transcription_model = transcription_model_of(session)


def _opens_answer(frame: Frame) -> bool:
    if frame.type == names.ITEM_ADDED:
        return mapping_or_empty(frame.body.get("item")).get("role") == "assistant"
    return frame.type in _OPENERS
