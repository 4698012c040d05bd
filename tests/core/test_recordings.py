"""Recorded provider traffic, replayed through a session: the right items, order and usage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realtime.core.effects import SendClient
from realtime.core.records import (
    ItemCompleted,
    ItemKind,
    ItemOpened,
    ItemStatus,
    Record,
    ResponseRecorded,
    Role,
    TranscriptionRecorded,
)
from realtime.core.usage import TokenUsage
from tests.fakes import events
from tests.fakes.recordings import read_recording, websocket_recordings
from tests.fakes.sessions import LiveSession, records

RECORDINGS = {path.stem.split("__")[1]: path for path in websocket_recordings()}

# What each recording says, read off by hand: (role, kind, text, source) in conversation order.
SAID = {
    "test_audio_in_server_vad_turn": [
        ("user", "message", "Hello, my name is Marcelo.", "voice"),
        (
            "assistant",
            "message",
            "Hello, Marcelo! Great to meet you. How can I help you today?",
            "voice",
        ),
    ],
    "test_text_in_audio_out_turn": [
        ("user", "message", "Say a short greeting.", "text"),
        ("assistant", "message", "Hi there!", "voice"),
    ],
    "test_tool_call_round": [
        ("user", "message", "What is the weather in London?", "text"),
        ("tool", "function_call", '{  \n  "city": "London" \n} \n', "text"),
        ("tool", "function_call_output", "It is foggy and 12 degrees in London.", "text"),
        ("assistant", "message", "It is foggy and 12 degrees in London.", "text"),
    ],
    "test_webrtc_sideband_audio_turn": [
        ("user", "message", "Say hello.", "text"),
        ("assistant", "message", "Hello there.", "voice"),
    ],
}
USED = {
    "test_audio_in_server_vad_turn": [
        TokenUsage(input_text=14, input_audio=27, output_text=28, output_audio=136)
    ],
    "test_text_in_audio_out_turn": [TokenUsage(input_text=16, output_text=9, output_audio=15)],
    "test_tool_call_round": [
        TokenUsage(input_text=63, output_text=22),
        TokenUsage(input_text=103, cached_text=64, output_text=13),
    ],
    "test_webrtc_sideband_audio_turn": [TokenUsage(input_text=12, output_text=9, output_audio=61)],
}


def replay(path: Path) -> list[Record]:
    """Feed everything the provider sent after its set-up; check it reaches the client unchanged."""
    live = LiveSession()
    written: list[Record] = []
    for number, message in enumerate(read_recording(path)):
        if message.sent or message.event["type"].startswith("session."):
            continue
        raw = events.text(message.event)
        effects = live.session.receive_from_upstream(raw, now=float(number))
        forwarded = [effect.raw for effect in effects if isinstance(effect, SendClient)]
        assert forwarded == [raw]
        written += records(effects)
    return written


def conversation(written: list[Record]) -> list[tuple[Any, ...]]:
    """The items as a store would hold them, in the order their predecessors give."""
    order: list[str] = []
    opened: dict[str, ItemOpened] = {}
    texts: dict[str, str] = {}
    for record in written:
        if isinstance(record, ItemOpened):
            opened[record.item_id] = record
            if record.item_id in order:
                order.remove(record.item_id)
            after = record.previous_item_id
            order.insert(order.index(after) + 1 if after in order else len(order), record.item_id)
        elif isinstance(record, ItemCompleted):
            assert record.status is ItemStatus.COMPLETED
            texts[record.item_id] = record.text
    return [
        (
            opened[item_id].role.value,
            opened[item_id].kind.value,
            texts[item_id],
            opened[item_id].source.value,
        )
        for item_id in order
    ]


def test_every_recording_of_a_socket_is_replayed() -> None:
    assert set(RECORDINGS) == set(SAID)


@pytest.mark.parametrize("name", sorted(SAID))
def test_a_recording_gives_its_items_in_order(name: str) -> None:
    assert conversation(replay(RECORDINGS[name])) == SAID[name]


@pytest.mark.parametrize("name", sorted(USED))
def test_a_recording_gives_its_usage(name: str) -> None:
    responses = [
        record for record in replay(RECORDINGS[name]) if isinstance(record, ResponseRecorded)
    ]
    assert [record.usage for record in responses] == USED[name]
    assert {record.status for record in responses} == {"completed"}


def test_a_recorded_voice_turn_gives_the_transcriptions_cost() -> None:
    written = replay(RECORDINGS["test_audio_in_server_vad_turn"])
    (transcription,) = [record for record in written if isinstance(record, TranscriptionRecorded)]
    assert (transcription.usage, transcription.duration_s) == (None, 3.0)


def test_a_recorded_tool_call_names_its_call() -> None:
    calls = [
        record
        for record in replay(RECORDINGS["test_tool_call_round"])
        if isinstance(record, ItemOpened) and record.role is Role.TOOL
    ]
    assert [call.kind for call in calls] == [
        ItemKind.FUNCTION_CALL,
        ItemKind.FUNCTION_CALL_OUTPUT,
    ]
    assert calls[0].name == "get_weather"
    assert calls[0].call_id == calls[1].call_id
