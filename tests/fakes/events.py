"""Server events as a provider sends them, in the shapes of the recordings (protocol §4)."""

from __future__ import annotations

import base64
from typing import Any

import orjson

Event = dict[str, Any]

SESSION: Event = {
    "type": "realtime",
    "object": "realtime.session",
    "id": "sess_provider",
    "model": "gpt-realtime-2.1",
    "output_modalities": ["audio"],
    "instructions": "Server secret. Be brief.",
    "tools": [],
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": {"model": "whisper-1", "language": None, "prompt": None},
            "turn_detection": {"type": "server_vad", "threshold": 0.5},
        },
        "output": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "voice": "marin",
            "speed": 1.0,
        },
    },
}


def text(event: Event) -> str:
    """An event as it travels."""
    return orjson.dumps(event).decode()


def silence(audio_ms: int) -> str:
    """Base64 of `audio_ms` of 24 kHz PCM16."""
    return base64.b64encode(b"\0" * (audio_ms * 48)).decode()


def session_created(**changes: Any) -> Event:
    return {
        "type": "session.created",
        "event_id": "event_created",
        "session": {**SESSION, **changes},
    }


def session_updated(**changes: Any) -> Event:
    return {
        "type": "session.updated",
        "event_id": "event_updated",
        "session": {**SESSION, **changes},
    }


def error(code: str, *, event_id: str | None = None, error_type: str = "server_error") -> Event:
    return {
        "type": "error",
        "event_id": "event_error",
        "error": {
            "type": error_type,
            "code": code,
            "message": "As the provider says it.",
            "param": None,
            "event_id": event_id,
        },
    }


def speech_started(item_id: str) -> Event:
    return {
        "type": "input_audio_buffer.speech_started",
        "event_id": f"event_started_{item_id}",
        "item_id": item_id,
        "audio_start_ms": 100,
    }


def speech_stopped(item_id: str) -> Event:
    return {
        "type": "input_audio_buffer.speech_stopped",
        "event_id": f"event_stopped_{item_id}",
        "item_id": item_id,
        "audio_end_ms": 900,
    }


def committed(item_id: str, previous: str | None = None) -> Event:
    return {
        "type": "input_audio_buffer.committed",
        "event_id": f"event_committed_{item_id}",
        "item_id": item_id,
        "previous_item_id": previous,
    }


def cleared() -> Event:
    return {"type": "input_audio_buffer.cleared", "event_id": "event_cleared"}


def item_event(name: str, item: Event, previous: str | None = None) -> Event:
    return {
        "type": f"conversation.item.{name}",
        "event_id": f"event_{name}_{item['id']}",
        "previous_item_id": previous,
        "item": item,
    }


def user_speech(item_id: str, transcript: str | None = None) -> Event:
    return {
        "id": item_id,
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": transcript}],
    }


def user_text(item_id: str, words: str) -> Event:
    return {
        "id": item_id,
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_text", "text": words}],
    }


def assistant(item_id: str, words: str | None = None, status: str = "completed") -> Event:
    content = [] if words is None else [{"type": "output_audio", "transcript": words}]
    return {
        "id": item_id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def function_call(item_id: str, arguments: str = "", status: str = "in_progress") -> Event:
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "name": "get_weather",
        "call_id": "call_1",
        "arguments": arguments,
    }


def function_output(item_id: str, output: str) -> Event:
    return {
        "id": item_id,
        "type": "function_call_output",
        "status": "completed",
        "call_id": "call_1",
        "output": output,
    }


def transcription_delta(item_id: str, delta: str) -> Event:
    return {
        "type": "conversation.item.input_audio_transcription.delta",
        "event_id": "event_user_delta",
        "item_id": item_id,
        "content_index": 0,
        "delta": delta,
    }


def transcription_completed(item_id: str, transcript: str) -> Event:
    return {
        "type": "conversation.item.input_audio_transcription.completed",
        "event_id": f"event_transcribed_{item_id}",
        "item_id": item_id,
        "content_index": 0,
        "transcript": transcript,
        "usage": {"type": "duration", "seconds": 3},
    }


def transcription_failed(item_id: str) -> Event:
    return {
        "type": "conversation.item.input_audio_transcription.failed",
        "event_id": f"event_not_transcribed_{item_id}",
        "item_id": item_id,
        "content_index": 0,
        "error": {"type": "server_error", "code": "audio_unintelligible", "message": "?"},
    }


def response_created(response_id: str, modality: str = "audio") -> Event:
    return {
        "type": "response.created",
        "event_id": f"event_{response_id}",
        "response": {
            "object": "realtime.response",
            "id": response_id,
            "status": "in_progress",
            "status_details": None,
            "output": [],
            "conversation_id": "conv_1",
            "output_modalities": [modality],
            "usage": None,
            "metadata": None,
        },
    }


def output_event(name: str, response_id: str, item_id: str, /, **fields: Any) -> Event:
    """`response.<name>` with the place of the first part of the first item."""
    return {
        "type": f"response.{name}",
        "event_id": f"event_{name}_{item_id}",
        "response_id": response_id,
        "item_id": item_id,
        "output_index": 0,
        "content_index": 0,
        **fields,
    }


def output_item(name: str, response_id: str, item: Event, output_index: int = 0) -> Event:
    return {
        "type": f"response.output_item.{name}",
        "event_id": f"event_output_{name}_{item['id']}",
        "response_id": response_id,
        "output_index": output_index,
        "item": item,
    }


def transcript_delta(response_id: str, item_id: str, delta: str) -> Event:
    return output_event("output_audio_transcript.delta", response_id, item_id, delta=delta)


def transcript_done(response_id: str, item_id: str, words: str) -> Event:
    return output_event("output_audio_transcript.done", response_id, item_id, transcript=words)


def text_delta(response_id: str, item_id: str, delta: str) -> Event:
    return output_event("output_text.delta", response_id, item_id, delta=delta)


def text_done(response_id: str, item_id: str, words: str) -> Event:
    return output_event("output_text.done", response_id, item_id, text=words)


def audio_delta(response_id: str, item_id: str, audio_ms: int = 100) -> Event:
    return output_event("output_audio.delta", response_id, item_id, delta=silence(audio_ms))


def truncated(item_id: str, audio_end_ms: int) -> Event:
    return {
        "type": "conversation.item.truncated",
        "event_id": f"event_truncated_{item_id}",
        "item_id": item_id,
        "content_index": 0,
        "audio_end_ms": audio_end_ms,
    }


def deleted(item_id: str) -> Event:
    return {
        "type": "conversation.item.deleted",
        "event_id": f"event_deleted_{item_id}",
        "item_id": item_id,
    }


def response_done(
    response_id: str, *output: Event, status: str = "completed", **fields: Any
) -> Event:
    return {
        "type": "response.done",
        "event_id": f"event_done_{response_id}",
        "response": {
            "object": "realtime.response",
            "id": response_id,
            "status": status,
            "status_details": None,
            "output": list(output),
            "usage": {
                "total_tokens": 9,
                "input_tokens": 4,
                "output_tokens": 5,
                "input_token_details": {"text_tokens": 1, "audio_tokens": 3},
                "output_token_details": {"text_tokens": 2, "audio_tokens": 3},
            },
            **fields,
        },
    }


def answer_begins(response_id: str, item_id: str, previous: str | None = None) -> list[Event]:
    """A spoken answer up to its first word and 100 ms of sound."""
    item = assistant(item_id, status="in_progress")
    return [
        response_created(response_id),
        output_item("added", response_id, item),
        item_event("added", item, previous),
        transcript_delta(response_id, item_id, "Hello"),
        audio_delta(response_id, item_id),
    ]


def answer_ends(response_id: str, item_id: str, words: str) -> list[Event]:
    item = assistant(item_id, words)
    return [
        transcript_done(response_id, item_id, words),
        item_event("done", item),
        output_item("done", response_id, item),
        response_done(response_id, item),
    ]
