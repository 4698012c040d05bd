"""What the SDKs did is in its owner's history and in the review, with what it used."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sdk.conftest import Played, complete
from tests.sdk.sdks import Report
from tests.sdk.test_turns import HEARD


@pytest.fixture
def session(played: Played, report: Report) -> dict[str, Any]:
    """The session's REST description."""
    return played.gateway.session(report["created"]["session_id"])


def test_every_turn_is_in_the_callers_history(played: Played, session: dict[str, Any]) -> None:
    items = played.gateway.items(session["conversation_id"])
    said = [(item["role"], item["source"], item["text"]) for item in items]
    # Two plus three is asked again after the forbidden update.
    assert said.count(("user", "api", "What is two plus three?")) == 2
    assert [role for role, _, text in said if text == "Two plus three is five."] == [
        "assistant"
    ] * 2
    assert ("user", "voice", HEARD) in said
    assert "It is foggy and 12 degrees in London." in [
        text for role, _, text in said if role == "tool"
    ]


def test_usage_and_end_are_in_the_sessions_description(session: dict[str, Any]) -> None:
    assert session["state"] == "ended"
    assert session["end_reason"] == "user_hangup"
    usage = session["usage"]
    assert usage["input_text_tokens"] > 0
    assert usage["input_audio_tokens"] > 0
    assert usage["output_audio_tokens"] > 0


def test_a_reviewer_reads_the_same(played: Played, report: Report, session: dict[str, Any]) -> None:
    path = f"/api/review/conversations/{session['conversation_id']}/"
    answer = played.gateway.request("GET", path, person="admin")
    assert answer.status_code == 200, answer.text
    review = answer.json()
    assert review["owner"]["username"] == "demo"
    own = played.gateway.items(session["conversation_id"])
    assert [item["text"] for item in review["items"]] == [item["text"] for item in own]
    reviewed = {each["session_id"]: each for each in review["sessions"]}
    assert report["created"]["session_id"] in reviewed


def test_turns_of_keys_and_tokens_are_in_the_history_as_well(played: Played) -> None:
    for by_kind in played.by_other_keys.values():
        for report in by_kind.values():
            session_id = complete(report)["created"]["session_id"]
            session = played.gateway.session(session_id)
            texts = [item["text"] for item in played.gateway.items(session["conversation_id"])]
            assert texts == ["What is two plus three?", "Two plus three is five."]
