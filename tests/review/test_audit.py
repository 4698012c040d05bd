"""The audit log: what is done to other people's calls is written down, and nobody edits it."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation
from review.models import AuditEntry
from tests.people import client_of
from tests.review.conftest import SESSION

pytestmark = pytest.mark.django_db


def test_exporting_one_conversation_and_ending_a_call_are_in_it(
    carol: User, conversation: Conversation, other: Conversation
) -> None:
    client = client_of(carol)
    path = f"/api/review/conversations/{conversation.pk}/export/"
    assert client.get(path, {"format": "txt"}).status_code == 200
    path = "/api/review/sessions/rtc_2_live/end"
    assert client.post(path, {"reason": "abuse"}).status_code == 200
    assert client.post(f"/api/review/sessions/{SESSION}/end", {"reason": "late"}).status_code == 200
    entries = AuditEntry.objects.order_by("pk").values_list(
        "actor_username", "action", "targets", "detail"
    )
    assert list(entries) == [
        ("carol", "conversation.export", [str(conversation.pk)], {"format": "txt"}),
        ("carol", "session.end", ["rtc_2_live"], {"reason": "abuse"}),
    ]


def test_it_outlives_the_account_and_is_read_only_in_the_admin(
    carol: User, admin: User, conversation: Conversation
) -> None:
    client_of(carol).get(f"/api/review/conversations/{conversation.pk}/export/")
    carol.delete()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_username) == (None, "carol")
    pages = Client()
    pages.force_login(admin)
    root = "/admin/review/auditentry/"
    assert b"conversation.export" in pages.get(root).content
    assert pages.get(f"{root}{entry.pk}/change/").status_code == 200
    for address in (f"{root}add/", f"{root}{entry.pk}/change/", f"{root}{entry.pk}/delete/"):
        assert pages.post(address, {}).status_code == 403
    for name in ("tag", "savedview"):
        assert pages.get(f"/admin/review/{name}/").status_code == 200


def test_what_is_changed_in_the_django_admin_is_in_it_without_values(
    admin: User, alice: User
) -> None:
    pages = Client()
    pages.force_login(admin)
    address = "/admin/review/retentiontime/"
    pages.post(f"{address}add/", {"name": "items", "days": "90"})
    pages.post(f"{address}items/change/", {"days": "30"})
    chosen = {"action": "delete_selected", "_selected_action": ["items"], "post": "yes"}
    pages.post(address, chosen)
    entries = AuditEntry.objects.order_by("pk").values_list("actor_username", "action", "targets")
    assert list(entries) == [
        ("root", "retention_time.add", ["items"]),
        ("root", "retention_time.change", ["items"]),
        ("root", "retention_time.delete", ["items"]),
    ]
    changed = AuditEntry.objects.get(action="retention_time.change")
    assert changed.detail == {"where": "admin", "changes": ["changed: Days"]}
