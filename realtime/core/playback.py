"""What of an answer was heard, in a call whose audio goes from the provider to the client.

The provider plays: it tells when an answer begins and ends to sound. A cut by the voice detection
is followed by `conversation.item.truncated`, which is exact; one by `output_audio_buffer.clear` is
not, so there the time between beginning and end counts (protocol §4.4 E).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from realtime.core import names
from realtime.core.frames import Frame, dump, mapping_or_empty
from realtime.core.recorder import Recorder
from realtime.core.records import Record

_MOST_RESPONSES: Final = 16


@dataclass(slots=True)
class _Sounding:
    """One answer: its last spoken item, and when it began to sound."""

    item_id: str = ""
    began_at: float | None = None


class Playback:
    """Feed it every event of the call, behind the recorder."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._responses: dict[str, _Sounding] = {}
        self._truncated_ids: list[str] = []
        self._playing_id: str | None = None

    @property
    def is_playing(self) -> bool:
        return self._playing_id is not None

    def line_broke(self) -> None:
        """Nobody will tell us how the present answer ended."""
        self._playing_id = None
        self._responses.clear()

    def receive(self, frame: Frame, now: float) -> list[Record]:
        """Follow one event; what was heard of an answer that was cut."""
        body = frame.body
        response_id = str(body.get("response_id"))
        if frame.type == names.OUTPUT_ITEM_ADDED:
            item = mapping_or_empty(body.get("item"))
            if item.get("type") == "message":
                self._of(response_id).item_id = str(item.get("id"))
        elif frame.type == names.OUTPUT_AUDIO_STARTED:
            self._playing_id = response_id
            self._of(response_id).began_at = now
        elif frame.type == names.ITEM_TRUNCATED:
            self._truncated_ids.append(str(body.get("item_id")))
            del self._truncated_ids[:-_MOST_RESPONSES]
        elif frame.type in (names.OUTPUT_AUDIO_STOPPED, names.OUTPUT_AUDIO_CLEARED):
            self._playing_id = None
            sounding = self._responses.pop(response_id, None)
            if sounding is not None and frame.type == names.OUTPUT_AUDIO_CLEARED:
                return self._cut(sounding, now)
        return []

    def _of(self, response_id: str) -> _Sounding:
        sounding = self._responses.setdefault(response_id, _Sounding())
        while len(self._responses) > _MOST_RESPONSES:
            del self._responses[next(iter(self._responses))]
        return sounding

    def _cut(self, sounding: _Sounding, now: float) -> list[Record]:
        is_known = sounding.item_id in self._truncated_ids
        self._truncated_ids.clear()
        if sounding.began_at is None or is_known:
            return []
        body = {
            "type": names.ITEM_TRUNCATED,
            "item_id": sounding.item_id,
            "audio_end_ms": round((now - sounding.began_at) * 1000),
        }
        return self._recorder.receive(Frame(dump(body), names.ITEM_TRUNCATED, body, None))
