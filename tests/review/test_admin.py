"""Conversations and the access log in the Django admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations import actions
from conversations.models import AccessLogEntry, Conversation
from realtime.models import RealtimeSession
from tests.conversations.saying import say
from tests.people import grant
from tests.review.conftest import SESSION

pytestmark = pytest.mark.django_db

ROOT = "/admin/conversations/conversation/"
LOG = "/admin/conversations/accesslogentry/"


@pytest.fixture
def office(staff: User, client: Client) -> Client:
    """The browser of a member of staff who may review."""
    grant(staff, "review_conversation")
    client.force_login(staff)
    return client


def page(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_list_renders_with_its_filters(
    office: Client, conversation: Conversation, other: Conversation
) -> None:
    html = page(office, ROOT)
    assert "What is the weather in Paris?" in html
    for name in ("By owner", "By created at", "By model", "By end reason", "By state"):
        assert name.lower() in " ".join(html.split()).lower(), name


@pytest.mark.parametrize(
    ("query", "shown", "not_shown"),
    [
        ({"q": "sunny", "_facets": "True"}, "What is the weather", "Shopping"),
        ({"q": "bob"}, "Shopping", "What is the weather"),
        ({"realtime_sessions__model": "gpt-realtime-mini"}, "Shopping", "What is the weather"),
        ({"realtime_sessions__end_reason": "user_hangup"}, "What is the weather", "Shopping"),
        ({"realtime_sessions__state__exact": "live"}, "Shopping", "What is the weather"),
    ],
)
def test_search_and_filters(
    office: Client,
    conversation: Conversation,
    other: Conversation,
    query: dict[str, str],
    shown: str,
    not_shown: str,
) -> None:
    html = page(office, ROOT, **query)
    assert shown in html
    assert not_shown not in html


def test_conversation_of_many_items_and_sessions_is_listed_once(
    office: Client, conversation: Conversation
) -> None:
    for number in range(3):
        say(conversation, f"x{number}", "sunny", session_id="rtc_1_more")
    assert page(office, ROOT, q="sunny").count(f"{conversation.pk}/change/") == 1


def test_transcript_reads_as_a_timeline_and_the_look_is_logged(
    office: Client, conversation: Conversation, staff: User
) -> None:
    html = page(office, f"{ROOT}{conversation.pk}/change/")
    assert html.index("What is the weather in Paris?</p>") < html.index("Sunny<span")
    assert " and warm</span>" in html
    assert "interrupted after 400 ms" in html
    assert "user_hangup" in html
    entry = AccessLogEntry.objects.get()
    assert (entry.reviewer, entry.conversation_id) == (staff, conversation.pk)


def test_hostile_words_stay_words(office: Client, alice: User) -> None:
    conversation = actions.create_conversation(alice)
    say(conversation, "u1", "<script>alert('x')</script>\x1b[2J\u202eevil" + "x" * 100_000)
    for path in (ROOT, f"{ROOT}{conversation.pk}/change/"):
        html = page(office, path)
        assert "<script>alert" not in html
        assert not set("\x1b\u202e") & set(html)
    assert "⟨RLO⟩evil" in html


def test_empty_conversation_has_a_page(office: Client, alice: User) -> None:
    conversation = actions.create_conversation(alice)
    assert "Nothing has been said yet." in page(office, f"{ROOT}{conversation.pk}/change/")


@pytest.mark.parametrize("object_id", ["nonsense", "6f0a4f0e-6d0e-4f0e-8f0e-6f0a4f0e6d0e"])
def test_unknown_conversation_is_404(office: Client, object_id: str) -> None:
    assert office.get(f"{ROOT}{object_id}/change/").status_code == 404


def test_nothing_can_be_added_changed_or_deleted(
    office: Client, admin: User, conversation: Conversation
) -> None:
    office.force_login(admin)
    office.get(f"{ROOT}{conversation.pk}/change/")
    entry = AccessLogEntry.objects.get()
    for path in (
        f"{ROOT}add/",
        f"{ROOT}{conversation.pk}/delete/",
        f"{LOG}add/",
        f"{LOG}{entry.pk}/delete/",
    ):
        assert office.post(path, {"post": "yes"}).status_code == 403, path
    office.post(f"{ROOT}{conversation.pk}/change/", {"title": "changed"})
    office.post(f"{LOG}{entry.pk}/change/", {"reason": "changed"})
    before = conversation.title
    conversation.refresh_from_db()
    entry.refresh_from_db()
    assert (conversation.title, entry.reason) == (before, "Django admin")


def test_staff_without_permission_sees_neither_list_nor_transcript(
    staff: User, client: Client, conversation: Conversation
) -> None:
    client.force_login(staff)
    for path in (ROOT, f"{ROOT}{conversation.pk}/change/", f"{ROOT}nonsense/change/", LOG):
        assert client.get(path).status_code == 403, path
    assert "Conversations" not in page(client, "/admin/")
    assert not AccessLogEntry.objects.exists()


def test_reviewer_who_is_no_staff_is_kept_out_of_the_admin(
    carol: User, client: Client, conversation: Conversation
) -> None:
    client.force_login(carol)
    assert client.get(ROOT).status_code == 302


def test_access_log_lists_who_read_what(
    office: Client, admin: User, conversation: Conversation
) -> None:
    office.get(f"{ROOT}{conversation.pk}/change/")
    office.force_login(admin)
    html = page(office, LOG)
    assert "sam" in html
    assert str(conversation.pk) in html
    page(office, f"{LOG}{AccessLogEntry.objects.get().pk}/change/")


def test_user_with_conversations_cannot_be_deleted_in_the_admin(
    admin: User, client: Client, conversation: Conversation, alice: User
) -> None:
    client.force_login(admin)
    client.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"})
    assert User.objects.filter(pk=alice.pk).exists()


@pytest.mark.django_db
def test_the_sign_in_page_opens_for_nobody_in_particular() -> None:
    assert Client().get("/admin/login/").status_code == 200


def test_the_admin_leads_to_the_review_pages(
    admin: User, client: Client, conversation: Conversation
) -> None:
    client.force_login(admin)
    session = RealtimeSession.objects.get(public_id=SESSION)
    RealtimeSession.objects.update(started_at=session.created_at)
    for path, link in (
        ("/admin/", "/review/"),
        ("/admin/", "/settings/admin"),
        (ROOT, f"/review/{conversation.pk}"),
        (f"{ROOT}{conversation.pk}/change/", f"/review/calls/{SESSION}"),
        ("/admin/realtime/realtimesession/", f"/review/calls/{SESSION}"),
        (f"/admin/realtime/realtimesession/{session.pk}/change/", f"/review/calls/{SESSION}"),
    ):
        assert f'<a href="{link}">' in page(client, path), path
