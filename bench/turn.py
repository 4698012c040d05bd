"""The workload: what a call of two people looks like on the wire, as templates to be stamped.

Up, a microphone: 25 appends a second of 40 ms PCM16. Down, a turn of 10 s as recorded provider
traffic has it: who speaks, both transcripts in pieces, 5 s of speech in deltas of 100 to 200 ms
that come in bursts, and the ends of it all: 100 small events and 33 of audio. One stamp of fixed
length stands in every event, wherever a real one has an id, so no two events of a run are equal.
"""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass
from typing import Any, Final

APPEND_MS: Final = 40
APPENDS_PER_S: Final = 1000 // APPEND_MS
TURN_S: Final = 10.0
STAMP_BYTES: Final = 16
_STAMP: Final = "@" * STAMP_BYTES
_PREVIOUS: Final = "#" * STAMP_BYTES
_BYTES_PER_MS: Final = 48  # PCM16 at 24 kHz
_DELTA_MS: Final = (100, 150, 200)
_TAILS: Final = 16  # different sounds, so that nothing along the way can know the next

AUDIO_HEAD: Final = b'{"type":"response.output_audio.delta"'
APPEND_HEAD: Final = b'{"type":"input_audio_buffer.append","audio":"'


@dataclass(frozen=True, slots=True)
class ScriptedEvent:
    """One event of a turn.

    at_s: when in the turn. pieces: its text, with the stamp left out wherever it stands.
    names_previous: the turn before is named in it, too. is_delta: adds to an item, makes
    none.
    """

    at_s: float
    pieces: tuple[bytes, ...]
    names_previous: bool
    is_delta: bool
    is_audio: bool

    def text(self, stamp: bytes, previous: bytes) -> bytes:
        whole = stamp.join(self.pieces)
        return whole.replace(_PREVIOUS.encode(), previous) if self.names_previous else whole


def stamp(session: int, number: int) -> bytes:
    """16 digits, which are base64 too: they stand in ids and in audio."""
    return b"%06d%010d" % (session, number)


def append_tails() -> list[bytes]:
    """The ends of append events, after head and stamp: real base64 of noise."""
    noise = random.Random(1)
    size = APPEND_MS * _BYTES_PER_MS - STAMP_BYTES * 3 // 4
    return [base64.b64encode(noise.randbytes(size)) + b'"}' for _ in range(_TAILS)]


def turn() -> list[ScriptedEvent]:
    """The provider's events of one turn, in order."""
    bodies = sorted(_user_speaks() + _assistant_speaks(), key=lambda timed: timed[0])
    return [_scripted(number, at_s, body) for number, (at_s, body) in enumerate(bodies)]


def _scripted(number: int, at_s: float, body: dict[str, Any]) -> ScriptedEvent:
    named = {"type": body["type"], "event_id": f"event_{_STAMP}_{number:03d}", **body}
    text = json.dumps(named, separators=(",", ":")).encode()
    is_delta = str(body["type"]).endswith(".delta")
    pieces = tuple(text.split(_STAMP.encode()))
    is_audio = text.startswith(AUDIO_HEAD)
    return ScriptedEvent(at_s, pieces, _PREVIOUS.encode() in text, is_delta, is_audio)


_USER = f"item_u{_STAMP}"
_ASSISTANT = f"item_a{_STAMP}"
_RESPONSE = f"resp_{_STAMP}"
_TRANSCRIPT = "response.output_audio_transcript"
_OUTPUT = {"response_id": _RESPONSE, "output_index": 0}
_PART = {**_OUTPUT, "item_id": _ASSISTANT, "content_index": 0}
_AFTER = {"previous_item_id": _USER}
_NO_SOUND = {"type": "audio", "transcript": ""}
_LIMITS = [{"name": "tokens", "limit": 40000, "remaining": 39000, "reset_seconds": 1.5}]
_Timed = list[tuple[float, dict[str, Any]]]


def _spread(from_s: float, to_s: float, count: int) -> list[float]:
    return [round(from_s + (to_s - from_s) * index / count, 3) for index in range(count)]


def _user_speaks() -> _Timed:
    spoken = {"item_id": _USER, "content_index": 0}
    item = {
        "id": _USER,
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": None}],
    }
    after = {"previous_item_id": f"item_a{_PREVIOUS}"}
    kind = "conversation.item.input_audio_transcription"
    words = [f" word{number:02d}" for number in range(30)]
    events: _Timed = [
        (
            0.5,
            {"type": "input_audio_buffer.speech_started", "audio_start_ms": 500, "item_id": _USER},
        ),
        (
            4.0,
            {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 4000, "item_id": _USER},
        ),
        (4.001, {"type": "input_audio_buffer.committed", **after, "item_id": _USER}),
        (4.002, {"type": "conversation.item.added", **after, "item": item}),
        (4.003, {"type": "conversation.item.done", **after, "item": item}),
        *(
            (at_s, {"type": f"{kind}.delta", **spoken, "delta": word, "obfuscation": "sOu3zwV"})
            for at_s, word in zip(_spread(4.101, 5.101, 30), words, strict=True)
        ),
        (
            5.301,
            {
                "type": f"{kind}.completed",
                **spoken,
                "transcript": "".join(words),
                "usage": {"type": "duration", "seconds": 4},
            },
        ),
    ]
    return events


def _assistant_speaks() -> _Timed:
    begun = {"id": _ASSISTANT, "type": "message", "status": "in_progress", "role": "assistant"}
    words = [f" reply{number:02d}" for number in range(53)]
    text = "".join(words)
    spoken = {"type": "output_audio", "transcript": text}
    done = {**begun, "status": "completed", "content": [spoken]}
    response = {"object": "realtime.response", "id": _RESPONSE, "output_modalities": ["audio"]}
    ended = {**response, "status": "completed", "output": [done], "usage": _USAGE}
    return [
        (4.004, _event("response.created", response={**response, "status": "in_progress"})),
        (4.4, _event("response.output_item.added", **_OUTPUT, item={**begun, "content": []})),
        (4.402, _event("conversation.item.added", **_AFTER, item={**begun, "content": []})),
        (4.403, _event("response.content_part.added", **_PART, part=_NO_SOUND)),
        *(
            (at_s, _event(f"{_TRANSCRIPT}.delta", **_PART, delta=word, obfuscation="kX1yi"))
            for at_s, word in zip(_spread(4.505, 9.005, 53), words, strict=True)
        ),
        *_audio(),
        (9.301, _event("response.output_audio.done", **_PART)),
        (9.302, _event(f"{_TRANSCRIPT}.done", **_PART, transcript=text)),
        (9.303, _event("response.content_part.done", **_PART, part={**_NO_SOUND, **_said(text)})),
        (9.304, _event("conversation.item.done", **_AFTER, item=done)),
        (9.305, _event("response.output_item.done", **_OUTPUT, item=done)),
        (9.306, _event("response.done", response=ended)),
        (9.307, _event("rate_limits.updated", rate_limits=_LIMITS)),
    ]


def _said(text: str) -> dict[str, str]:
    return {"transcript": text}


def _event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


def _audio() -> _Timed:
    """33 deltas, 5 s of speech: bursts of three, faster than they are played."""
    noise = random.Random(2)
    deltas: _Timed = []
    for number in range(33):
        sound = base64.b64encode(noise.randbytes(_DELTA_MS[number % 3] * _BYTES_PER_MS)).decode()
        at_s = 4.6 + number // 3 * 0.35 + number % 3 / 1000
        delta = _event("response.output_audio.delta", **_PART, delta=sound)
        deltas.append((round(at_s, 3), delta))
    return deltas


_USAGE: Final = {
    "total_tokens": 253,
    "input_tokens": 132,
    "output_tokens": 121,
    "input_token_details": {"text_tokens": 119, "audio_tokens": 13, "cached_tokens": 64},
    "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
}
