"""How long each stage of an answer took, read off the entries of the event log alone.

What counts from where is told in `docs/review.md` (Latency); whoever has the log can compute the
same. Times are of the gateway's own monotonic clock; the client's share is what the client measured
on its own, and no client's clock is ever compared with ours.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from realtime.core import names
from realtime.core.frames import list_or_empty, mapping_or_empty
from realtime.runtime.tap import FROM_CLIENT, FROM_PROVIDER, GATEWAY, TO_CLIENT, TO_PROVIDER
from realtime.tracing.entries import LogEntry

STAGES: Final = (
    "eou_ms",
    "queue_ms",
    "think_ms",
    "first_audio_ms",
    "relay_ms",
    "playout_ms",
    "v2v_ms",
    "tool_ms",
    "reconnect_ms",
)
_SOUND: Final = frozenset({names.OUTPUT_AUDIO_DELTA, "response.audio.delta"})
_WORDS: Final = frozenset({names.OUTPUT_TEXT_DELTA, "response.text.delta"})
# What is told of an answer comes while it is made and played; several may be made side by side.
_MOST_ANSWERS: Final = 8
# Of sound in which nobody speaks; and how much of it may lie in both of two turns.
_MOST_RUNS: Final = 128
_RUNS_OF_TWO_TURNS: Final = 2


@dataclass(slots=True)
class Answer:
    """One response. The stages are None where they did not happen or cannot be seen from here."""

    response_id: str
    at_ms: float
    spoken: bool = False
    heard_by_client: bool = False
    eou_ms: float | None = None
    queue_ms: float | None = None
    think_ms: float | None = None
    first_audio_ms: float | None = None
    relay_ms: float | None = None
    playout_ms: float | None = None
    v2v_ms: float | None = None
    tool_ms: float | None = None
    reconnect_ms: float | None = None
    underruns: int = 0
    is_done: bool = False
    told: tuple[str, ...] = ()
    speech_ms: float | None = None
    first_at: float | None = None
    sent_at: float | None = None
    done_at: float | None = None


@dataclass(frozen=True, slots=True)
class _Heard:
    """A run of sound that went to the provider: where in its input it lies, and when it went."""

    from_ms: float
    to_ms: float
    first_at: float
    last_at: float


class StageTimer:
    """Feed it every entry of a run, in order; `take_changed` after each batch."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._items: dict[str, str] = {}
        self._changed: dict[str, Answer] = {}
        self._heard: list[_Heard] = []
        self._detects = False
        self._silence_ms = 0.0
        self._speech_end: float | None = None  # of speech that is not committed yet
        self._turn_speech: float | None = None  # of the turn that is being answered
        self._committed_at: float | None = None
        self._asked_at: float | None = None
        self._called_at: float | None = None
        self._tool_done_at: float | None = None
        self._lost_at: float | None = None
        self._reconnect_ms: float | None = None

    def feed(self, entry: LogEntry) -> None:
        """Take the next entry into account."""
        if entry["direction"] == TO_PROVIDER:
            self._to_provider(entry)
        elif entry["direction"] == FROM_PROVIDER:
            self._from_provider(entry)
        elif entry["direction"] == TO_CLIENT:
            self._to_client(entry)
        elif entry["direction"] == FROM_CLIENT and entry["type"] == names.PLAYOUT:
            self._played(mapping_or_empty(entry.get("event")))
        elif entry["direction"] == GATEWAY:
            self._line(entry)

    def take_changed(self) -> list[Answer]:
        """The answers of which more is known than last time."""
        changed, self._changed = self._changed, {}
        return list(changed.values())

    # What goes to the provider.

    def _to_provider(self, entry: LogEntry) -> None:
        at, type_ = entry["at_ms"], entry["type"]
        if "audio_ms" in entry:
            begins = self._heard[-1].to_ms if self._heard else 0.0
            ends = round(begins + entry["audio_ms"], 2)
            self._heard.append(_Heard(begins, ends, at, entry["last_ms"]))
            del self._heard[:-_MOST_RUNS]
        elif type_ == names.RESPONSE_CREATE:
            self._asked_at = at
        elif type_ == names.ITEM_CREATE:
            item = mapping_or_empty(mapping_or_empty(entry.get("event")).get("item"))
            if item.get("type") == "function_call_output" and self._called_at is not None:
                self._tool_done_at = at

    # What the provider says.

    def _from_provider(self, entry: LogEntry) -> None:
        at, type_ = entry["at_ms"], entry["type"]
        event = mapping_or_empty(entry.get("event"))
        if type_ in (names.SESSION_CREATED, names.SESSION_UPDATED):
            self._learn(mapping_or_empty(event.get("session")))
            if type_ == names.SESSION_UPDATED:
                self._reconnected(at)
        elif type_ == names.SPEECH_STARTED:
            self._speech_end = None
        elif type_ == names.SPEECH_STOPPED:
            self._speech_end = self._end_of_speech(at, event.get("audio_end_ms"))
        elif type_ == names.INPUT_AUDIO_COMMITTED:
            self._committed(at)
        elif type_ == names.RESPONSE_CREATED:
            response = mapping_or_empty(event.get("response"))
            self._created(str(response.get("id")), at)
        elif type_ == names.ARGUMENTS_DONE:
            self._called_at = at if self._called_at is None else self._called_at
        elif type_ == names.OUTPUT_ITEM_ADDED:
            self._owns(str(mapping_or_empty(event.get("item")).get("id")), event)
        elif type_ in _SOUND or type_ in _WORDS:
            self._began(entry.get("response_id", ""), at, spoken=type_ in _SOUND)
        elif type_ == names.OUTPUT_AUDIO_STARTED:
            self._began(str(event.get("response_id")), at, spoken=True)
        elif type_ == names.RESPONSE_DONE:
            self._done(mapping_or_empty(event.get("response")), at)

    def _learn(self, session: Mapping[str, Any]) -> None:
        audio_input = mapping_or_empty(mapping_or_empty(session.get("audio")).get("input"))
        detection = mapping_or_empty(audio_input.get("turn_detection"))
        self._detects = bool(detection)
        silence_ms = detection.get("silence_duration_ms")
        waits = detection.get("type") == "server_vad"
        self._silence_ms = float(silence_ms) if waits and isinstance(silence_ms, int) else 0.0

    def _end_of_speech(self, told_at: float, audio_end_ms: object) -> float:
        """When the last of the speech went to the provider, which waited in silence after it."""
        if not self._heard or not isinstance(audio_end_ms, int | float):
            return round(told_at - self._silence_ms, 2)  # a call: its sound does not pass us
        at_ms = audio_end_ms - self._silence_ms
        run = next((run for run in reversed(self._heard) if run.from_ms < at_ms), self._heard[0])
        length = max(run.to_ms - run.from_ms, 0.01)
        share = min(max((at_ms - run.from_ms) / length, 0.0), 1.0)
        return round(run.first_at + (run.last_at - run.first_at) * share, 2)

    def _committed(self, at: float) -> None:
        ended = self._speech_end
        if ended is None and not self._detects and self._heard:
            ended = self._heard[-1].last_at
        del self._heard[:-_RUNS_OF_TWO_TURNS]  # the next one ends in what is still to come
        self._speech_end = None
        self._turn_speech = None if ended is None else min(ended, at)
        self._committed_at, self._called_at, self._tool_done_at = at, None, None

    def _created(self, response_id: str, at: float) -> None:
        committed, asked, tool_done = self._committed_at, self._asked_at, self._tool_done_at
        if committed is None and tool_done is None:
            self._turn_speech = None  # it was asked for otherwise than by speaking
        answer = Answer(response_id, at, speech_ms=self._turn_speech)
        before = [moment for moment in (committed, tool_done, asked) if moment is not None]
        if committed is not None and self._turn_speech is not None:
            answer.eou_ms = _between(self._turn_speech, committed)
        waits_from = committed if tool_done is None else tool_done
        if asked is not None and waits_from is not None:
            answer.queue_ms = max(0.0, _between(waits_from, asked))
        if before:
            answer.think_ms = _between(max(before), at)
        if tool_done is not None and self._called_at is not None:
            answer.tool_ms = _between(self._called_at, tool_done)
            self._called_at = self._tool_done_at = None
        answer.reconnect_ms, self._reconnect_ms = self._reconnect_ms, None
        self._committed_at = self._asked_at = None
        self._answers[response_id] = answer
        self._changed[response_id] = answer
        while len(self._answers) > _MOST_ANSWERS:
            old, _ = self._answers.popitem(last=False)
            self._items = {item: owner for item, owner in self._items.items() if owner != old}

    def _owns(self, item_id: str, event: Mapping[str, Any]) -> None:
        response_id = str(event.get("response_id"))
        if response_id in self._answers:
            self._items[item_id] = response_id

    def _began(self, response_id: str, at: float, *, spoken: bool) -> None:
        answer = self._answers.get(response_id)
        if answer is None or answer.first_at is not None:
            return
        answer.first_at, answer.spoken = at, spoken
        answer.first_audio_ms = _between(answer.at_ms, at)
        self._settle(answer)

    def _done(self, response: Mapping[str, Any], at: float) -> None:
        answer = self._answers.get(str(response.get("id")))
        if answer is None:
            return
        answer.is_done, answer.done_at = True, at
        calls = [
            item
            for item in map(mapping_or_empty, list_or_empty(response.get("output")))
            if item.get("type") == "function_call"
        ]
        if not calls and answer.spoken:
            self._turn_speech = None  # the next answer is to something else
        self._changed[answer.response_id] = answer

    # What the client is sent, and tells.

    def _to_client(self, entry: LogEntry) -> None:
        type_ = entry["type"]
        if type_ == names.RESUMED:
            self._reconnected(entry["at_ms"])
        if type_ not in _SOUND and type_ not in _WORDS:
            return
        answer = self._answers.get(entry.get("response_id", ""))
        if answer is None or answer.sent_at is not None or answer.first_at is None:
            return
        answer.sent_at = entry["at_ms"]
        answer.relay_ms = _between(answer.first_at, answer.sent_at)
        self._settle(answer)

    def _played(self, event: Mapping[str, Any]) -> None:
        answer = self._answers.get(self._items.get(str(event.get("item_id")), ""))
        if answer is None:
            return
        playout_ms, underruns = event.get("playout_ms"), event.get("underruns")
        if _is_number(playout_ms) and answer.playout_ms is None:
            answer.playout_ms = round(min(max(0.0, float(str(playout_ms))), 60_000.0), 2)
            answer.heard_by_client = True
        if _is_number(underruns):
            answer.underruns += min(max(0, int(float(str(underruns)))), 1000)
        self._settle(answer)

    # The lines.

    def _line(self, entry: LogEntry) -> None:
        if entry["type"] in ("provider.lost", "client.lost") and self._lost_at is None:
            self._lost_at = entry["at_ms"]
        elif entry["type"] == "provider.connected":
            self._heard.clear()  # it counts its input from here
            self._speech_end = None

    def _reconnected(self, at: float) -> None:
        if self._lost_at is None:
            return
        gone_ms = _between(self._lost_at, at)
        self._lost_at = None
        waiting = [answer for answer in self._answers.values() if not answer.is_done]
        if waiting:
            waiting[-1].reconnect_ms = round((waiting[-1].reconnect_ms or 0.0) + gone_ms, 2)
            self._changed[waiting[-1].response_id] = waiting[-1]
        else:
            self._reconnect_ms = round((self._reconnect_ms or 0.0) + gone_ms, 2)

    def _settle(self, answer: Answer) -> None:
        """What follows from what is known by now."""
        heard_at = answer.first_at if answer.sent_at is None else answer.sent_at
        if answer.spoken and answer.speech_ms is not None and heard_at is not None:
            through = _between(answer.speech_ms, heard_at)
            answer.v2v_ms = round(through + (answer.playout_ms or 0.0), 2)
        self._changed[answer.response_id] = answer


def _between(earlier: float, later: float) -> float:
    return round(later - earlier, 2)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
