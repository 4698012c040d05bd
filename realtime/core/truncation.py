"""Truncating an answer of an earlier provider session, which the present one knows as text only.

The client plays audio long after it was made. Interrupted after a re-dial, it truncates an item
that the new provider session would refuse to truncate: so we answer, and give that session the
heard part instead.
"""

from __future__ import annotations

from realtime.core import names
from realtime.core.effects import Effect, SendUpstream
from realtime.core.frames import Frame, dump
from realtime.core.items import KnownItem
from realtime.core.link import UpstreamLink
from realtime.core.records import Role
from realtime.core.seeding import message_item
from realtime.core.session_state import Phase, SessionState


def truncate_earlier(state: SessionState, link: UpstreamLink, asked: Frame) -> list[Effect] | None:
    """The effects of a `conversation.item.truncate`; None when the provider is to answer it."""
    item = state.recorder.items.get(asked.body.get("item_id"))
    audio_end_ms = asked.body.get("audio_end_ms")
    if item is None or item.role is not Role.ASSISTANT or not isinstance(audio_end_ms, int):
        return None
    is_live = state.phase is Phase.LIVE
    previous = link.seeded_after(item.item_id)
    if (is_live and previous is None) or not 0 <= audio_end_ms <= item.spoken.audio_ms:
        return None
    body = {
        "type": names.ITEM_TRUNCATED,
        "event_id": state.ids.next(),
        "item_id": item.item_id,
        "content_index": asked.body.get("content_index", 0),
        "audio_end_ms": audio_end_ms,
    }
    truncated = Frame(dump(body), names.ITEM_TRUNCATED, body, body["event_id"])
    effects = state.store(state.recorder.receive(truncated)) + state.to_client(truncated)
    # Before the provider is back there is nothing to replace: it is seeded with what was heard.
    return effects + _replace(item, previous, link) if is_live else effects


def _replace(item: KnownItem, previous: str | None, link: UpstreamLink) -> list[Effect]:
    """Delete the item at the provider and create it again, in its place, as far as it was heard."""
    delete = {"type": names.ITEM_DELETE, "item_id": item.item_id}
    effects: list[Effect] = [SendUpstream(link.own_event(delete))]
    if item.lasting_text:
        create = {
            "type": names.ITEM_CREATE,
            "previous_item_id": previous,
            "item": message_item(item.item_id, item.role, item.lasting_text),
        }
        effects.append(SendUpstream(link.own_event(create)))
    link.expect_deletion(item.item_id)
    return effects
