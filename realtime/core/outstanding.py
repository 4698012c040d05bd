"""Client events the provider has not answered yet; sent again if it drops before it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from realtime.core import names
from realtime.core.frames import Frame, list_or_empty, mapping_or_empty

# What announces that a client event was taken. Only events with a lasting effect are kept.
_ANSWERED_BY: Final = {
    names.ITEM_CREATE: names.ITEM_ADDED,
    names.RESPONSE_CREATE: names.RESPONSE_CREATED,
    names.SESSION_UPDATE: names.SESSION_UPDATED,
}

# A provider that answers nothing at all must not make us remember without end.
_MAX_EVENTS: Final = 256


@dataclass(frozen=True, slots=True)
class _Sent:
    type: str
    event_id: str | None
    item_id: str | None
    raw: str


class Outstanding:
    """Providers handle client events in order, so an answer belongs to the oldest of its kind."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: list[_Sent] = []

    def sent(self, frame: Frame) -> None:
        if frame.type in _ANSWERED_BY:
            item_id = mapping_or_empty(frame.body.get("item")).get("id")
            self._sent.append(
                _Sent(
                    frame.type,
                    frame.event_id,
                    item_id if isinstance(item_id, str) else None,
                    frame.raw,
                )
            )
            del self._sent[:-_MAX_EVENTS]

    def answered(self, frame: Frame) -> str | None:
        """Note one server event; the type of the client event that it answers, if any."""
        if frame.type == names.ERROR:
            return self._refused(mapping_or_empty(frame.body.get("error")))
        if frame.type == names.ITEM_ADDED:
            return self._item_added(frame)
        return self._drop_first(lambda sent: _ANSWERED_BY[sent.type] == frame.type)

    def take(self, unsent: Iterable[str]) -> list[str]:
        """Everything to send again, oldest first: what was never answered, then `unsent`."""
        waiting = list(unsent)
        never_left = set(waiting)
        again = [sent.raw for sent in self._sent if sent.raw not in never_left]
        self._sent.clear()
        return again + waiting

    def _refused(self, error: Mapping[str, Any]) -> str | None:
        event_id = error.get("event_id")
        if event_id is not None:
            return self._drop_first(lambda sent: sent.event_id == event_id)
        if error.get("code") == "conversation_already_has_active_response":
            return self._drop_first(lambda sent: sent.type == names.RESPONSE_CREATE)
        return None

    def _item_added(self, frame: Frame) -> str | None:
        item = mapping_or_empty(frame.body.get("item"))
        item_id = item.get("id")
        named = self._drop_first(lambda sent: item_id is not None and sent.item_id == item_id)
        if named is not None or item.get("role") == "assistant":
            return named
        made_by_provider = item.get("type") == "function_call" or any(
            mapping_or_empty(part).get("type") == "input_audio"
            for part in list_or_empty(item.get("content"))
        )
        if made_by_provider:
            return None
        return self._drop_first(lambda sent: sent.type == names.ITEM_CREATE and not sent.item_id)

    def _drop_first(self, matches: Callable[[_Sent], bool]) -> str | None:
        for index, sent in enumerate(self._sent):
            if matches(sent):
                del self._sent[index]
                return sent.type
        return None
