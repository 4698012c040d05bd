"""Tags, status, rating, comments, saved views and bulk actions, each in the audit log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Item
from conversations.search import items_saying, parse_terms
from realtime.models import RealtimeSession
from review.models import AuditEntry, CallReview, SavedView, Tag
from tests.people import client_of, grant
from tests.review.conftest import SESSION
from tests.review.test_one_call import call as call  # the fixture

pytestmark = pytest.mark.django_db

ROOT = "/api/review/"
PATH = f"{ROOT}calls/{SESSION}/"
BULK = f"{ROOT}calls/bulk/"


@pytest.fixture
def client(carol: User, call: RealtimeSession) -> APIClient:
    return client_of(carol)


@pytest.fixture
def tag(client: APIClient) -> dict[str, Any]:
    answer = client.post(f"{ROOT}tags/", {"name": "billing", "color": "#b45309"})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


def audited() -> list[tuple[str, str, list[str]]]:
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.actor_username, entry.action, entry.targets) for entry in entries]


def row(client: APIClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(PATH).json()
    return found


def test_a_call_is_tagged_found_by_it_and_untagged(client: APIClient, tag: dict[str, Any]) -> None:
    assert client.post(f"{PATH}tags/", {"tag": tag["id"]}).json() == [tag]
    assert client.post(f"{PATH}tags/", {"tag": tag["id"]}).json() == [tag], "once"
    listed = client.get(f"{ROOT}calls/", {"tag": "Billing"}).json()["results"]
    assert [one["tags"] for one in listed] == [[tag]]
    assert client.delete(f"{PATH}tags/{tag['id']}/").status_code == 204
    assert client.get(f"{ROOT}calls/", {"tag": "billing"}).json()["count"] == 0
    assert ("carol", "call.tag", [SESSION]) in audited()
    assert audited()[-1] == ("carol", "call.untag", [SESSION])


@pytest.mark.parametrize(
    "wish", [{"name": "BILLING"}, {"name": ""}, {"name": "x", "color": "red; background: url(x)"}]
)
def test_a_tag_is_one_word_with_one_colour(
    client: APIClient, tag: dict[str, Any], wish: dict[str, str]
) -> None:
    assert client.post(f"{ROOT}tags/", wish).status_code == 400
    assert client.get(f"{ROOT}tags/").json() == [tag]


def test_status_rating_and_note_are_kept_apart(client: APIClient) -> None:
    assert client.patch(f"{PATH}review/", {"status": "in_review"}).json()["rating"] is None
    answer = client.patch(f"{PATH}review/", {"rating": 4, "note": "<b>kind</b>"}).json()
    assert (answer["status"], answer["rating"], answer["note"]) == ("in_review", 4, "<b>kind</b>")
    assert answer["reviewer"] == "carol"
    assert row(client)["call"]["rating"] == 4
    assert client.patch(f"{PATH}review/", {"rating": 6}).status_code == 400
    assert client.patch(f"{PATH}review/", {"status": "lost"}).status_code == 400
    assert [action for _, action, _ in audited()] == ["call.review", "call.review"]
    assert "kind" not in str(list(AuditEntry.objects.values())), "no words in the audit log"


def test_a_line_is_commented_and_only_its_author_takes_it_back(
    client: APIClient, admin: User
) -> None:
    made = client.post(f"{PATH}comments/", {"item_id": "a1", "text": "Too short."})
    assert made.status_code == 201
    assert client.post(f"{PATH}comments/", {"item_id": "zz", "text": "x"}).status_code == 400
    (shown,) = row(client)["comments"]
    assert (shown["item_id"], shown["author"], shown["text"]) == ("a1", "carol", "Too short.")
    path = f"{ROOT}comments/{shown['id']}/"
    assert client_of(admin).delete(path).status_code == 404
    assert client.delete(path).status_code == 204
    assert row(client)["comments"] == []


def test_views_are_private_until_shared_and_their_owners_to_change(
    client: APIClient, admin: User
) -> None:
    wish = {"name": "Long silent calls", "filter": {"duration_min_s": 600, "interrupted": "true"}}
    made = client.post(f"{ROOT}views/", wish).json()
    other = client_of(admin)
    assert other.get(f"{ROOT}views/").json() == []
    path = f"{ROOT}views/{made['id']}/"
    assert client.patch(path, {"is_shared": True}).json()["is_shared"] is True
    (seen,) = other.get(f"{ROOT}views/").json()
    assert (seen["owner"], seen["is_mine"], seen["filter"]) == ("carol", False, wish["filter"])
    assert other.patch(path, {"name": "mine now"}).status_code == 404
    assert other.delete(path).status_code == 404
    assert client.post(f"{ROOT}views/", wish).status_code == 400, "the name is taken"
    assert client.post(f"{ROOT}views/", {"name": "y", "filter": {"sort": "x"}}).status_code == 400
    assert client.delete(path).status_code == 204
    assert not SavedView.objects.exists()


def test_many_calls_are_marked_at_once_by_ids_or_by_filter(
    client: APIClient, tag: dict[str, Any]
) -> None:
    scopes: list[dict[str, Any]] = [
        {"session_ids": [SESSION, "rtc_unknown"]},
        {"filter": {"search": "paris"}},
    ]
    for scope in scopes:
        answer = client.post(BULK, {"action": "tag", "tag": tag["id"], **scope}).json()
        assert answer["calls"] == 1
    wish: dict[str, Any] = {"action": "set_status", "status": "done", "session_ids": [SESSION]}
    assert client.post(BULK, wish).json()["changed"] == 1
    assert row(client)["call"]["review_status"] == "done"
    wish = {"action": "untag", "tag": tag["id"], "filter": {"tag": ["billing"]}}
    assert client.post(BULK, wish).json()["changed"] == 1
    assert row(client)["call"]["tags"] == []


def test_a_filter_may_be_the_text_of_an_address(client: APIClient, tag: dict[str, Any]) -> None:
    client.post(f"{PATH}tags/", {"tag": tag["id"]})
    address = {"tag": "billing", "date_from": "", "interrupted": "true", "rating_min": ""}
    wish = {"action": "set_status", "status": "done", "filter": address}
    assert client.post(BULK, wish).json()["calls"] == 1
    assert client.get(f"{ROOT}calls/", address).json()["count"] == 1
    made = client.post(f"{ROOT}views/", {"name": "mine", "filter": address})
    assert made.json()["filter"] == address


def test_deleting_needs_its_permission_and_the_typed_words(
    client: APIClient, carol: User, conversation: Conversation
) -> None:
    wish = {"action": "delete", "session_ids": [SESSION], "confirm": "delete 1"}
    assert client.post(BULK, wish).status_code == 403
    grant(carol, "delete_conversation")
    client = client_of(User.objects.get(pk=carol.pk))
    assert client.post(BULK, {**wish, "confirm": "delete 2"}).status_code == 400
    assert client.post(BULK, {**wish, "confirm": "yes"}).status_code == 400
    assert Item.objects.filter(conversation=conversation).count() == 2
    assert client.post(BULK, wish).json() == {"calls": 1, "changed": 1, "skipped_live": []}
    assert not Conversation.objects.filter(pk=conversation.pk).exists()
    assert client.get(PATH).status_code == 404
    assert client.get(f"{ROOT}calls/").json()["count"] == 0
    assert RealtimeSession.objects.get(public_id=SESSION).cost_usd > 0, "what was paid is kept"
    assert audited()[-1] == ("carol", "call.delete", [SESSION])


def test_a_call_that_goes_on_is_not_deleted_and_another_calls_words_stay(
    admin: User, call: RealtimeSession, conversation: Conversation
) -> None:
    actions.open_item(
        conversation.pk, "rtc_1_live", item_id="x", role="user", text="about penguins"
    )
    RealtimeSession.objects.create(
        public_id="rtc_1_live",
        user=call.user,
        conversation=conversation,
        model="m",
        state="live",
        started_at=call.started_at,
    )
    wish = {"action": "delete", "session_ids": [SESSION, "rtc_1_live"], "confirm": "delete 2"}
    answer = client_of(admin).post(BULK, wish).json()
    assert answer == {"calls": 2, "changed": 1, "skipped_live": ["rtc_1_live"]}
    texts = set(Item.objects.filter(conversation=conversation).values_list("text", flat=True))
    assert texts == {"", "about penguins"}
    (term,) = parse_terms("paris")
    assert not items_saying(term).exists()
    assert CallReview.objects.filter(words_deleted_at__isnull=False).count() == 1


def test_what_is_no_text_a_database_holds_is_refused_or_left_out(client: APIClient) -> None:
    for value in ("\x00", "\ud800"):
        body = json.dumps({"name": "x", "filter": {"search": value}})
        answer = client.generic("POST", f"{ROOT}views/", body, content_type="application/json")
        assert answer.status_code == 400
    body = json.dumps({"name": "x", "filter": {"other": "\x00"}})
    answer = client.generic("POST", f"{ROOT}views/", body, content_type="application/json")
    assert answer.json()["filter"] == {}
    body = json.dumps({"format": "csv", "filter": {"other": "\x00\ud800"}})
    answer = client.generic("POST", f"{ROOT}exports/", body, content_type="application/json")
    assert answer.status_code == 202


@pytest.mark.parametrize(
    "wish",
    [
        {"action": "tag", "session_ids": [SESSION]},
        {"action": "set_status", "session_ids": [SESSION]},
        {"action": "set_status", "status": "done"},
        {"action": "set_status", "status": "done", "session_ids": [], "filter": {}},
        {"action": "burn", "session_ids": [SESSION]},
        {"action": "set_status", "status": "done", "filter": {"sort": "x"}},
    ],
)
def test_incomplete_bulk_wishes_are_400(client: APIClient, wish: dict[str, Any]) -> None:
    assert client.post(BULK, wish).status_code == 400
    assert not Tag.objects.exists()
