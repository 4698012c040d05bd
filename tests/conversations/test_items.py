"""Actions on items: idempotent, byte for byte, and nothing that was said is dropped."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accounts.models import User
from conversations import actions
from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Item
from conversations.queries import items_of
from tests.conversations.saying import SESSION, answer, order, say

pytestmark = pytest.mark.django_db

WEIRD = "  Ünïcode \u202e rtl 👩‍👩‍👧 \t tab\r\nnew\n\n  <b>&amp;</b> \u2028 end  "


def reread(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def test_user_item_opens_empty_at_speech_start_and_is_filled_later(
    conversation: Conversation,
) -> None:
    item = actions.open_item(
        conversation.pk, SESSION, item_id="u1", role="user", kind="message", source="voice"
    )
    assert (item.status, item.text, item.completed_at) == ("in_progress", "", None)
    item = actions.complete_item(
        conversation.pk, SESSION, item_id="u1", text="hello there", status="completed"
    )
    assert (item.status, item.text) == ("completed", "hello there")
    assert item.completed_at is not None
    assert Item.objects.count() == 1


def test_final_text_is_stored_byte_for_byte(conversation: Conversation) -> None:
    say(conversation, "u1", WEIRD)
    assert Item.objects.get().text == WEIRD


def test_nul_becomes_a_replacement_character_instead_of_blocking_the_store(
    conversation: Conversation,
) -> None:
    say(conversation, "u1", "a\x00b")
    assert Item.objects.get().text == "a\ufffdb"


def test_every_item_action_repeated_changes_nothing_and_keeps_seq(
    conversation: Conversation,
) -> None:
    def everything() -> None:
        say(conversation, "u1", "hello")
        answer(conversation, "a1", "hi there", after="u1")
        actions.mark_heard(conversation.pk, SESSION, item_id="a1", heard_text="hi", heard_ms=180)
        actions.delete_item(conversation.pk, SESSION, item_id="u1")
        actions.settle_open_items(conversation.pk, SESSION)

    everything()
    rows, seq = list(Item.objects.values()), reread(conversation).seq
    everything()
    assert list(Item.objects.values()) == rows
    assert reread(conversation).seq == seq


def test_same_item_id_in_two_sessions_is_two_items(conversation: Conversation) -> None:
    say(conversation, "item_1", "one", session_id="rtc_1_a")
    say(conversation, "item_1", "two", session_id="rtc_1_b")
    assert [item.text for item in items_of(conversation)] == ["one", "two"]


def test_final_of_an_item_nobody_opened_is_kept(conversation: Conversation) -> None:
    actions.complete_item(
        conversation.pk, SESSION, item_id="late", text="said anyway", status="completed"
    )
    item = Item.objects.get()
    assert (item.text, item.status, item.role) == ("said anyway", "completed", "assistant")


def test_second_opening_brings_what_was_missing_and_overwrites_nothing(
    conversation: Conversation,
) -> None:
    call = {"item_id": "f1", "role": "tool", "kind": "function_call", "source": "voice"}
    actions.open_item(conversation.pk, SESSION, **call)
    actions.open_item(conversation.pk, SESSION, **call, call_id="call_1", name="look_up")
    actions.complete_item(conversation.pk, SESSION, item_id="f1", text="{}", status="completed")
    item = actions.open_item(conversation.pk, SESSION, **call, text="other", name="other")
    assert (item.call_id, item.name, item.text) == ("call_1", "look_up", "{}")


def test_interrupted_answer_keeps_what_was_generated_and_what_was_heard(
    conversation: Conversation,
) -> None:
    answer(conversation, "a1", "one two three four")
    actions.mark_heard(conversation.pk, SESSION, item_id="a1", heard_text="one two", heard_ms=640)
    item = Item.objects.get()
    assert (item.text, item.heard_text, item.heard_ms) == ("one two three four", "one two", 640)


def test_heard_of_an_unknown_item_is_nothing(conversation: Conversation) -> None:
    heard = actions.mark_heard(conversation.pk, SESSION, item_id="ghost", heard_text="", heard_ms=0)
    assert heard is None


def test_deleted_item_is_gone_for_readers_and_a_late_final_does_not_bring_it_back(
    conversation: Conversation,
) -> None:
    say(conversation, "u1", "oops")
    actions.delete_item(conversation.pk, SESSION, item_id="u1")
    say(conversation, "u1", "oops, transcribed better")
    assert order(conversation) == []


def test_what_is_open_at_the_end_of_its_session_stays_incomplete(
    conversation: Conversation,
) -> None:
    say(conversation, "u1", "done")
    for session_id in (SESSION, "rtc_1_other"):
        actions.open_item(
            conversation.pk, session_id, item_id="a1", role="assistant", source="voice"
        )
    assert actions.settle_open_items(conversation.pk, SESSION) == 1
    assert list(items_of(conversation).values_list("status", flat=True)) == [
        "completed",
        "incomplete",
        "in_progress",
    ]


def test_first_item_shows_a_hidden_conversation(conversation: Conversation) -> None:
    assert conversation.hidden
    actions.open_item(conversation.pk, SESSION, item_id="u1", role="user", source="voice")
    assert not reread(conversation).hidden


def test_title_comes_from_the_first_user_words(conversation: Conversation) -> None:
    answer(conversation, "a1", "Hello, how can I help?")
    say(conversation, "u1", "what is\n the weather", after="a1")
    say(conversation, "u2", "and tomorrow", after="u1")
    assert reread(conversation).title == "what is the weather"


def test_given_title_is_kept(alice: User) -> None:
    conversation = actions.create_conversation(alice, title="My plans")
    say(conversation, "u1", "what is the weather")
    assert reread(conversation).title == "My plans"


@pytest.mark.parametrize("conversation_id", [uuid.uuid4(), str(uuid.uuid4()), "none"])
def test_actions_on_a_deleted_conversation_say_so(
    db: None, conversation_id: uuid.UUID | str
) -> None:
    with pytest.raises(ConversationNotFound):
        actions.open_item(conversation_id, SESSION, item_id="u1", role="user", source="voice")
    with pytest.raises(ConversationNotFound):
        actions.complete_item(conversation_id, SESSION, item_id="u1", text="x")
    with pytest.raises(ConversationNotFound):
        actions.settle_open_items(conversation_id, SESSION)


def test_sweep_removes_old_hidden_empty_conversations_and_no_others(
    alice: User, conversation: Conversation
) -> None:
    shown = actions.create_conversation(alice)
    spoken = actions.create_conversation(alice, hidden=True)
    say(spoken, "u1", "hello")
    assert actions.sweep_hidden_conversations(timedelta(hours=1)) == 0
    assert actions.sweep_hidden_conversations(timedelta(0)) == 1
    assert set(Conversation.objects.all()) == {shown, spoken}
