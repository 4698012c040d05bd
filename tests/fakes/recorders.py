"""What a recorder makes of a provider's events."""

from __future__ import annotations

from realtime.core.frames import parse_server_frame
from realtime.core.recorder import Recorder
from realtime.core.records import Record
from tests.fakes import events
from tests.fakes.events import Event


def feed(recorder: Recorder, *provider_events: Event) -> list[Record]:
    records: list[Record] = []
    for event in provider_events:
        frame = parse_server_frame(events.text(event))
        assert frame is not None
        records += recorder.receive(frame)
    return records


def order(recorder: Recorder) -> list[str]:
    return [item.item_id for item in recorder.items.in_order()]
