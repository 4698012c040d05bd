"""The event log and the stage times that a generated call would have left."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import orjson

from realtime.models import EventLogPart, RealtimeSession, SentContext, TurnTime
from realtime.tracing.parts import packed

SILENCE_MS = 500
DETECTION = {"type": "server_vad", "silence_duration_ms": SILENCE_MS}
SESSION = {"type": "realtime", "audio": {"input": {"turn_detection": DETECTION}}}


class GeneratedLog:
    """Times in ms since the call began. On WebRTC what the client and the sound do is not seen.

    keeps: False for a call of a time when nothing of this was kept; only its course is made up.
    """

    def __init__(
        self, chance: random.Random, session: RealtimeSession, run_id: str, *, keeps: bool
    ) -> None:
        self._chance = chance
        self.keeps = keeps
        self._session = session
        self._run_id = run_id
        self._is_call = session.transport == "webrtc"
        self._tells_playout = session.transport == "websocket" and not session.is_api_client
        self._lines: list[bytes] = []
        self._heard_ms = 0.0
        self._speech_end: float | None = None
        self.times: list[TurnTime] = []
        self._add(0.0, "gateway", "provider.connected")
        self._relay(2.0, "session.updated", session=SESSION)

    def speech(self, from_ms: float, to_ms: float, item_id: str) -> float:
        """Somebody speaks; answers when the provider has taken it as a turn."""
        eou_ms = float(SILENCE_MS + self._chance.randint(5, 60))
        committed = to_ms + eou_ms
        stopped = to_ms + SILENCE_MS
        began = min(from_ms + 200, to_ms)
        self._sound(from_ms, began)
        self._relay(began + 1, "input_audio_buffer.speech_started", item_id=item_id)
        self._sound(began + 1, stopped)
        end_ms = self._heard_ms
        self._relay(
            stopped + 1, "input_audio_buffer.speech_stopped", item_id=item_id, audio_end_ms=end_ms
        )
        self._speech_end = stopped + 1 - SILENCE_MS if self._is_call else to_ms
        self._relay(committed, "input_audio_buffer.committed", item_id=item_id)
        return committed

    def call_tool(self, response_id: str, committed: float) -> tuple[float, float, float]:
        """The answer begins with a call: its end, when the output was sent, when it was asked to
        go on."""
        created = committed + self._chance.randint(20, 80)
        self._relay(created, "response.created", response={"id": response_id})
        called = created + self._chance.randint(150, 400)
        self._relay(called, "response.function_call_arguments.done", response_id=response_id)
        done = {"id": response_id, "output": [{"type": "function_call"}]}
        self._relay(called + 5, "response.done", response=done)
        output = called + self._chance.randint(50, 1500)
        item = {"type": "function_call_output"}
        self._ask(output, "conversation.item.create", item=item)
        asked = output + 3
        self._ask(asked, "response.create")
        eou_ms = committed - (self._speech_end or committed)
        self._time(response_id, created, eou_ms=eou_ms, think_ms=created - committed)
        return called, output, asked

    def answer(
        self,
        response_id: str,
        item_id: str,
        first_audio_ms: int,
        audio_ms: int,
        *,
        committed: float,
        tool: tuple[float, float, float] | None = None,
    ) -> None:
        """Spoken, its first sound `first_audio_ms` after it was asked for."""
        waits_from = committed if tool is None else tool[2]
        think_ms = float(max(1, first_audio_ms // 3))
        created = waits_from + think_ms
        first = waits_from + first_audio_ms
        self._relay(created, "response.created", response={"id": response_id})
        added = {"response_id": response_id, "item": {"id": item_id}}
        self._relay(first - 1, "response.output_item.added", **added)
        if self._is_call:
            kind = "output_audio_buffer.started"
            self._add(first, "from_provider", kind, response_id=response_id)
        relay_ms = None if self._is_call else self._chance.randint(10, 200) / 100
        ids = {"response_id": response_id, "item_id": item_id}
        self._run("from_provider", first, 100.0, audio_ms, **ids)
        if relay_ms is not None:
            self._run("to_client", first + relay_ms, 100.0, audio_ms, **ids)
        playout_ms = None
        if self._tells_playout:
            playout_ms = self._chance.randint(200, 1500) / 10
            told = {"item_id": item_id, "playout_ms": playout_ms}
            self._add(first + 102, "from_client", "voiceassist.playout", **told)
        done = {"id": response_id, "output": [{"type": "message"}]}
        self._relay(first + 150, "response.done", response=done)
        heard = first + (relay_ms or 0.0) - (self._speech_end or first)
        self._time(
            response_id,
            created,
            is_clients_view=playout_ms is not None,
            eou_ms=committed - (self._speech_end or committed) if tool is None else None,
            queue_ms=None if tool is None else tool[2] - tool[1],
            think_ms=think_ms,
            first_audio_ms=first - created,
            relay_ms=relay_ms,
            playout_ms=playout_ms,
            v2v_ms=heard + (playout_ms or 0.0),
            tool_ms=None if tool is None else tool[1] - tool[0],
        )

    def part(self, began_at: dt.datetime) -> EventLogPart:
        return EventLogPart(
            session=self._session,
            conversation=self._session.conversation,
            run_id=self._run_id,
            began_at=began_at,
            first_number=1,
            entry_count=len(self._lines),
            lines=packed(b"\n".join(self._lines)),
            created_at=began_at,
        )

    def context(self, began_at: dt.datetime) -> SentContext:
        return SentContext(
            session=self._session,
            run_id=self._run_id,
            sent_at=began_at,
            instructions="You are a helpful voice assistant.\n\nAnswer briefly.",
            voice=self._session.voice,
            output_modalities=["audio"],
        )

    def _time(
        self,
        response_id: str,
        at_ms: float,
        *,
        is_clients_view: bool = False,
        **stages: float | None,
    ) -> None:
        if not self.keeps:
            return
        rounded = {
            name: None if value is None else round(value, 2) for name, value in stages.items()
        }
        began_at = self._session.started_at
        assert began_at is not None
        time = TurnTime(session=self._session, response_id=response_id, began_at=began_at)
        time.at_ms, time.is_clients_view = at_ms, is_clients_view
        for name, value in rounded.items():
            setattr(time, name, value)
        self.times.append(time)

    def _add(self, at_ms: float, direction: str, type_: str, **fields: Any) -> None:
        if not self.keeps:
            return
        event = {"type": type_, **fields}
        entry = {
            "at_ms": round(at_ms, 2),
            "direction": direction,
            "type": type_,
            "size": 120,
            "event": event,
        }
        self._lines.append(orjson.dumps(entry))

    def _relay(self, at_ms: float, type_: str, **fields: Any) -> None:
        self._add(at_ms, "from_provider", type_, **fields)
        if not self._is_call:
            self._add(at_ms + 0.3, "to_client", type_, **fields)

    def _ask(self, at_ms: float, type_: str, **fields: Any) -> None:
        if not self._is_call:
            self._add(at_ms - 0.1, "from_client", type_, **fields)
        self._add(at_ms, "to_provider", type_, **fields)

    def _sound(self, from_ms: float, to_ms: float) -> None:
        """The microphone, at the speed of speech."""
        audio_ms = to_ms - from_ms
        self._heard_ms = round(self._heard_ms + audio_ms, 2)
        if not self._is_call and audio_ms > 0:
            self._run("from_client", from_ms, audio_ms, audio_ms)
            self._run("to_provider", from_ms, audio_ms, audio_ms)

    def _run(
        self, direction: str, at_ms: float, lasts_ms: float, audio_ms: float, **ids: str
    ) -> None:
        if not self.keeps:
            return
        is_input = direction in ("from_client", "to_provider")
        entry = {
            "at_ms": round(at_ms, 2),
            "last_ms": round(at_ms + lasts_ms, 2),
            "direction": direction,
            "type": f"{'input_audio_buffer.append' if is_input else 'response.output_audio.delta'}",
            "count": max(1, int(audio_ms // 40)),
            "size": int(audio_ms * 64),
            **ids,
            "audio_bytes": int(audio_ms * 48),
            "audio_ms": round(audio_ms, 2),
        }
        self._lines.append(orjson.dumps(entry))
