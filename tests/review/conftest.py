from __future__ import annotations

import pytest

from accounts.models import User
from conversations import actions
from conversations.models import Conversation
from realtime.models import RealtimeSession, SessionState
from tests.conversations.saying import answer, say

SESSION = "rtc_1_reviewed"


@pytest.fixture
def conversation(alice: User) -> Conversation:
    """alice's, with one ended session of two items, the answer interrupted."""
    conversation = actions.create_conversation(alice, hidden=True)
    say(conversation, "u1", "What is the weather in Paris?", session_id=SESSION)
    actions.open_item(
        conversation.pk,
        SESSION,
        item_id="a1",
        role="assistant",
        source="voice",
        previous_item_id="u1",
    )
    actions.complete_item(conversation.pk, SESSION, item_id="a1", text="Sunny and warm")
    actions.mark_heard(conversation.pk, SESSION, item_id="a1", heard_text="Sunny", heard_ms=400)
    make_session(conversation, SESSION, state=SessionState.ENDED, end_reason="user_hangup")
    conversation.refresh_from_db()
    return conversation


@pytest.fixture
def other(bob: User) -> Conversation:
    """bob's, with one live session of another model."""
    conversation = actions.create_conversation(bob, title="Shopping")
    answer(conversation, "a1", "Milk and bread")
    make_session(conversation, "rtc_2_live", state=SessionState.LIVE, model="gpt-realtime-mini")
    return conversation


def make_session(
    conversation: Conversation,
    public_id: str,
    *,
    state: str,
    end_reason: str = "",
    model: str = "gpt-realtime",
) -> RealtimeSession:
    return RealtimeSession.objects.create(
        public_id=public_id,
        user_id=conversation.owner_id,
        conversation=conversation,
        state=state,
        end_reason=end_reason,
        model=model,
    )
