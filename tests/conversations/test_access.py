"""Who gets a conversation by its id, and what a reviewer's look leaves behind."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F

from accounts.models import User
from conversations import actions
from conversations.access import (
    ConversationNotFound,
    access_conversation,
    access_conversation_for_review,
)
from conversations.models import AccessLogEntry, Conversation

pytestmark = pytest.mark.django_db


def test_owner_gets_it_hidden_or_not(conversation: Conversation, alice: User) -> None:
    assert access_conversation(alice, conversation.pk) == conversation
    assert access_conversation(alice, str(conversation.pk)) == conversation


def test_other_people_and_reviewers_do_not_get_it_as_their_own(
    conversation: Conversation, bob: User, carol: User
) -> None:
    for person in (bob, carol):
        with pytest.raises(ConversationNotFound):
            access_conversation(person, conversation.pk)


@pytest.mark.parametrize("conversation_id", [uuid.uuid4(), "", "1", "not-a-uuid", "x" * 9999])
def test_unknown_and_malformed_ids_are_not_found(
    alice: User, conversation_id: uuid.UUID | str
) -> None:
    with pytest.raises(ConversationNotFound):
        access_conversation(alice, conversation_id)


def test_reviewers_look_is_logged_with_its_reason(
    conversation: Conversation, alice: User, carol: User
) -> None:
    found = access_conversation_for_review(carol, conversation.pk, " complaint\n #12 ")
    assert found == conversation
    entry = AccessLogEntry.objects.get()
    assert (entry.reviewer, entry.owner, entry.conversation_id, entry.reason) == (
        carol,
        alice,
        conversation.pk,
        "complaint #12",
    )


def test_one_row_per_visit_of_thirty_minutes(conversation: Conversation, carol: User) -> None:
    access_conversation_for_review(carol, conversation.pk, "")
    access_conversation_for_review(carol, conversation.pk, "reason given on the second page")
    access_conversation_for_review(carol, conversation.pk, "another")
    assert AccessLogEntry.objects.get().reason == "reason given on the second page"
    AccessLogEntry.objects.update(visited_at=F("visited_at") - timedelta(minutes=31))
    access_conversation_for_review(carol, conversation.pk, "again")
    assert AccessLogEntry.objects.count() == 2


def test_each_reviewer_and_each_conversation_is_a_visit_of_its_own(
    conversation: Conversation, alice: User, carol: User, admin: User
) -> None:
    other = actions.create_conversation(alice)
    for reviewer in (carol, admin):
        for seen in (conversation, other):
            access_conversation_for_review(reviewer, seen.pk, "")
    assert AccessLogEntry.objects.count() == 4


def test_own_conversation_is_reviewed_without_a_row(carol: User) -> None:
    own = actions.create_conversation(carol)
    access_conversation_for_review(carol, own.pk, "")
    assert not AccessLogEntry.objects.exists()


def test_without_permission_even_an_unknown_id_is_forbidden(
    conversation: Conversation, bob: User, staff: User
) -> None:
    for person in (bob, staff):
        for conversation_id in (conversation.pk, uuid.uuid4(), "nonsense"):
            with pytest.raises(PermissionDenied):
                access_conversation_for_review(person, conversation_id, "")
    assert not AccessLogEntry.objects.exists()


def test_log_outlives_the_conversation_and_its_people(
    conversation: Conversation, alice: User, carol: User
) -> None:
    access_conversation_for_review(carol, conversation.pk, "why")
    actions.delete_conversation(conversation)
    alice.delete()
    carol.delete()
    entry = AccessLogEntry.objects.get()
    assert (entry.reviewer_username, entry.owner_username) == ("carol", "alice")
