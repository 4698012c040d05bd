"""What a mint asks for, as the GA session object and as the flat `voice_config` (protocol §3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime.core.session_config import merge_session
from realtime.core.session_kind import SessionKind
from realtime.models import Provider
from realtime.upstream_addresses import is_azure, is_openai
from realtime.upstream_routes import own_route
from realtime.voice_settings import voice_in_effect

SERVER_VAD: Mapping[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
}
PCM16_24K: Mapping[str, Any] = {"type": "audio/pcm", "rate": 24_000}
# Writes while it listens, and at OpenAI refuses turn detection in sessions that only listen
# (protocol §1.6).
WITHOUT_TURN_DETECTION = frozenset({"gpt-realtime-whisper"})


@dataclass(frozen=True, slots=True)
class MintRequest:
    """A validated wish for a session. None means: the server's default.

    transcription and turn_detection are None when the client switched them off, so their defaults
    are spelled out here.
    """

    voice: str | None = None
    language: str | None = None
    instructions: str = ""
    speed: float | None = None
    is_text_only: bool = False
    turn_detection: Mapping[str, Any] | None = None
    transcription: Mapping[str, Any] | None = None
    greeting: bool = False
    save_transcript: bool = True
    transport: str = "websocket"
    conversation_id: str | None = None


def default_transcription(language: str | None = None) -> dict[str, Any]:
    transcription: dict[str, Any] = {"model": voice_in_effect().transcription_model}
    if language:
        # Transcription models take ISO 639-1 alone and refuse a region: "de", not "de-AT".
        transcription["language"] = language.partition("-")[0].lower()
    return transcription


def ga_session(request: MintRequest) -> dict[str, Any]:
    """The GA session object the client asked for; the server's own instructions are not in it."""
    output: dict[str, Any] = {
        "format": dict(PCM16_24K),
        "voice": request.voice or voice_in_effect().voice,
    }
    if request.speed is not None:
        output["speed"] = request.speed
    session: dict[str, Any] = {
        "type": "realtime",
        "output_modalities": ["text"] if request.is_text_only else ["audio"],
        "audio": {
            "input": {
                "format": dict(PCM16_24K),
                "transcription": request.transcription and dict(request.transcription),
                "turn_detection": request.turn_detection and dict(request.turn_detection),
            },
            "output": output,
        },
    }
    if request.instructions:
        session["instructions"] = request.instructions
    return session


def listening_session(
    model: str | None = None, asked: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The GA object of a session that only listens: `asked` over the server's defaults.

    model: a transcription model that policy allows; None: the server's.
    """
    transcription = default_transcription() | ({"model": model} if model else {})
    session: dict[str, Any] = {
        "type": SessionKind.TRANSCRIPTION.value,
        "audio": {"input": {"format": dict(PCM16_24K), "transcription": transcription}},
    }
    listening = merge_session(session, asked or {})
    audio_input = listening["audio"]["input"]
    if audio_input.get("transcription") is None:  # it is all that such a session is
        audio_input["transcription"] = transcription
    if "turn_detection" not in audio_input:
        audio_input["turn_detection"] = _listening_turns(audio_input["transcription"]["model"])
    return listening


def transcription_model_of(session: Mapping[str, Any]) -> str:
    """The model that turns what is said in this session into text."""
    audio_input = session.get("audio", {}).get("input", {})
    asked = (audio_input.get("transcription") or {}).get("model")
    return str(asked or voice_in_effect().transcription_model)


def _listening_turns(model: str) -> dict[str, Any] | None:
    """Server VAD, but where that would be refused: there the client says when an utterance ends."""
    route = own_route("")
    is_openais = route.provider != Provider.EMBEDDED and (
        is_openai(route.url) or is_azure(route.url)
    )
    return None if is_openais and model in WITHOUT_TURN_DETECTION else dict(SERVER_VAD)


def flat_config(session: Mapping[str, Any]) -> dict[str, Any]:
    """The `voice_config` of the mint's answer: what older guides send as their `session.update`."""
    audio = session["audio"]
    is_text_only = session["output_modalities"] == ["text"]
    return {
        "voice": audio["output"]["voice"],
        "modalities": ["text"] if is_text_only else ["text", "audio"],
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
        "input_audio_transcription": audio["input"]["transcription"],
        "turn_detection": audio["input"]["turn_detection"],
    }


def server_instructions(language: str | None) -> str:
    """The operator's prompt, and the language where the client named one."""
    ours = voice_in_effect().instructions
    if not language:
        return ours
    return f"{ours}\nAnswer in the language with the tag {language}."


def without_words(session: Mapping[str, Any]) -> dict[str, Any]:
    """The object without what people wrote into it: what stays of a call that keeps no words."""
    written = {"instructions", "prompt", "tools"}
    kept = {key: value for key, value in session.items() if key not in written}
    heard = kept.get("audio", {}).get("input", {}).get("transcription")
    if heard:
        bare = {key: value for key, value in heard.items() if key != "prompt"}
        audio_input = {**kept["audio"]["input"], "transcription": bare}
        kept["audio"] = {**kept["audio"], "input": audio_input}
    return kept
