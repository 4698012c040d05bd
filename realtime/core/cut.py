"""What a client is told about things the provider will never finish, because it dropped us.

The shapes are the provider's own for a cut answer (protocol §4.4 D), so that every SDK settles:
partial finals, items `incomplete`, then `response.done`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime.core import names
from realtime.core.items import KnownItem, KnownItems
from realtime.core.records import ItemKind, ItemStatus, Role
from realtime.core.responses import ActiveResponse, ResponseOutput


def cut_response_events(
    response: ActiveResponse, items: KnownItems, code: str, status: str
) -> Iterator[dict[str, Any]]:
    """Server events, without `event_id`, that end `response` with this status: `incomplete` where
    the conversation goes on, `failed` where it does not."""
    for item_id, output in response.outputs.items():
        if not output.done:
            yield from _cut_item_events(response, item_id, output, items.get(item_id))
    yield {
        "type": names.RESPONSE_DONE,
        "response": {
            **response.body,
            "status": status,
            "status_details": {
                "type": status,
                "error": {"type": "server_error", "code": code},
            },
            "output": [
                _wire_item(output, items.get(item_id))
                for item_id, output in response.outputs.items()
            ],
            "usage": None,
        },
    }


def lost_speech_events(items: KnownItems, code: str) -> Iterator[dict[str, Any]]:
    """Server events that end the user's speech whose transcript will never come."""
    if items.uncommitted:
        yield {"type": names.INPUT_AUDIO_CLEARED}
    for item in items.in_order():
        waiting = item.status is ItemStatus.IN_PROGRESS and item.role is Role.USER
        if waiting and item.item_id not in items.uncommitted:
            yield {
                "type": names.TRANSCRIPTION_FAILED,
                "item_id": item.item_id,
                "content_index": 0,
                "error": {
                    "type": "server_error",
                    "code": code,
                    "message": "The voice provider dropped the connection before it was heard.",
                },
            }


def _cut_item_events(
    response: ActiveResponse, item_id: str, output: ResponseOutput, known: KnownItem | None
) -> Iterator[dict[str, Any]]:
    place = {
        "response_id": response.response_id,
        "item_id": item_id,
        "output_index": output.output_index,
        "content_index": 0,
    }
    wire_item = _wire_item(output, known)
    if output.sounding:
        yield {"type": names.OUTPUT_AUDIO_DONE, **place}
    if known is not None and known.kind is ItemKind.MESSAGE and known.spoken.text:
        if not output.text_done:
            kind, words = _final_of(output)
            yield {"type": kind, **place, words: known.spoken.text}
        yield {
            "type": names.CONTENT_PART_DONE,
            **place,
            "part": {"type": output.part_type, _final_of(output)[1]: known.spoken.text},
        }
    if known is not None and known.in_conversation:
        yield {
            "type": names.ITEM_DONE,
            "previous_item_id": known.previous_item_id,
            "item": wire_item,
        }
    yield {
        "type": names.OUTPUT_ITEM_DONE,
        "response_id": response.response_id,
        "output_index": output.output_index,
        "item": wire_item,
    }


def _final_of(output: ResponseOutput) -> tuple[str, str]:
    if output.part_type == "text":
        return names.OUTPUT_TEXT_DONE, "text"
    return names.OUTPUT_TRANSCRIPT_DONE, "transcript"


def _wire_item(output: ResponseOutput, known: KnownItem | None) -> Mapping[str, Any]:
    status = "completed" if output.done else "incomplete"
    if known is None:
        return {**output.item, "status": status}
    if known.kind is not ItemKind.MESSAGE:
        return {**output.item, "status": status, "arguments": known.spoken.text}
    words = _final_of(output)[1]
    part = {"type": f"output_{output.part_type}", words: known.spoken.text}
    return {**output.item, "status": status, "content": [part] if known.spoken.text else []}
