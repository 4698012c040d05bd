"""A session as a mint shows it: every key the Realtime API shows, with the value in effect.

Shapes and defaults are those of recorded answers (protocol §1.2, §3.1, §3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from realtime.core.session_config import merge_session
from realtime.core.session_kind import SessionKind, kind_of
from realtime.voice_config import PCM16_24K, SERVER_VAD

_TURNS: Final[Mapping[str, Mapping[str, Any]]] = {
    "server_vad": {
        **SERVER_VAD,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    },
    "semantic_vad": {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    },
}
_TRANSCRIPTION: Final[Mapping[str, Any]] = {"language": None, "prompt": None}


def effective_session(config: Mapping[str, Any], session_id: str, model: str) -> dict[str, Any]:
    """`config`, a GA session object as minted, with everything it leaves to the server filled in.

    `expires_at` is 0 until the session starts. The server's own instructions are not shown.
    """
    audio = config.get("audio", {})
    if kind_of(config) is SessionKind.TRANSCRIPTION:
        return {
            "type": "transcription",
            "object": "realtime.transcription_session",
            "id": session_id,
            "expires_at": 0,
            "audio": {"input": _input(audio.get("input", {}))},
            "include": config.get("include"),
        }
    return {
        "output_modalities": ["audio"],
        "instructions": "",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "include": None,
        **config,
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "expires_at": 0,
        "audio": {
            "input": _input(audio.get("input", {})),
            "output": {"format": dict(PCM16_24K), "speed": 1.0, **audio.get("output", {})},
        },
    }


def _input(asked: Mapping[str, Any]) -> dict[str, Any]:
    shown = {"format": dict(PCM16_24K), "noise_reduction": None, **asked}
    if shown.get("transcription") is not None:
        shown["transcription"] = {**_TRANSCRIPTION, **shown["transcription"]}
    else:
        shown["transcription"] = None
    turns = shown.get("turn_detection")
    if turns is None:
        shown["turn_detection"] = None
    else:
        shown["turn_detection"] = merge_session(_TURNS.get(turns.get("type"), {}), turns)
    return shown
