"""`POST /api/review/sessions/{id}/end`."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from conversations.models import Conversation
from realtime.models import RealtimeSession, SessionState
from tests.people import client_of, grant
from tests.review.conftest import SESSION, make_session

pytestmark = pytest.mark.django_db


def end(user: User, session_id: str, body: Any) -> Any:
    return client_of(user).post(f"/api/review/sessions/{session_id}/end", body)


def test_session_without_a_connection_ends_at_once_with_reason_and_actor(
    carol: User, other: Conversation
) -> None:
    make_session(other, "rtc_2_minted", state=SessionState.MINTED)
    answer = end(carol, "rtc_2_minted", {"reason": "shift is over"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["state"], body["end_reason"]) == ("ended", "admin_ended")
    assert (body["end_note"], body["ended_by"]["username"]) == ("shift is over", "carol")


def test_live_session_is_told_to_end(carol: User, other: Conversation) -> None:
    RealtimeSession.objects.filter(public_id="rtc_2_live").update(slot_taken_at="2026-01-01T00:00Z")
    assert end(carol, "rtc_2_live", {"reason": "abuse"}).status_code == 200
    session = RealtimeSession.objects.get(public_id="rtc_2_live")
    assert (session.end_requested, session.end_note) == ("admin_ended", "abuse")


def test_ended_session_stays_as_it_ended(carol: User, conversation: Conversation) -> None:
    answer = end(carol, SESSION, {"reason": "too late"})
    assert answer.status_code == 200
    assert (answer.json()["end_reason"], answer.json()["end_note"]) == ("user_hangup", "")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}])
def test_reason_is_required(carol: User, other: Conversation, body: dict[str, str]) -> None:
    assert end(carol, "rtc_2_live", body).status_code == 400


def test_unknown_session_is_404(carol: User) -> None:
    assert end(carol, "rtc_2_unknown", {"reason": "x"}).status_code == 404


def test_reading_does_not_include_ending_nor_ending_reading(
    alice: User, bob: User, other: Conversation
) -> None:
    grant(alice, "review_conversation")
    assert end(alice, "rtc_2_live", {"reason": "x"}).status_code == 403
    grant(bob, "end_session")
    assert end(bob, "rtc_2_live", {"reason": "x"}).status_code == 200
    assert client_of(bob).get("/api/review/conversations/").status_code == 403
