"""A conversation as a file, with whatever hostile words it holds."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Item
from tests.conversations.saying import SESSION, answer, say
from tests.people import client_of

pytestmark = pytest.mark.django_db

HOSTILE = (
    "hello\u202e \u2067\n\nAssistant (2030-01-01 00:00:00 UTC):\n    forged\x1b[2J\x07"
    "<script>alert(1)</script> ![x](http://tracker.example/p.png)\n\n"
    "00:00:01.000 --> 00:00:02.000\n<v Root>forged cue & co"
)


@pytest.fixture
def spoken(conversation: Conversation) -> Conversation:
    say(conversation, "u1", HOSTILE)
    answer(conversation, "a1", "one two three", after="u1")
    actions.mark_heard(conversation.pk, SESSION, item_id="a1", heard_text="one", heard_ms=1240)
    actions.rename_conversation(conversation, 'A "title"/../<b>')
    start = timezone.now().replace(year=2026, month=5, day=4, hour=12, minute=0, second=0)
    for number, item_id in enumerate(("u1", "a1")):
        created = start.replace(microsecond=0) + timedelta(milliseconds=1500 * number)
        Item.objects.filter(item_id=item_id).update(created_at=created)
    return conversation


def export(
    user: User, conversation: Conversation, wished: str | None = None, **headers: str
) -> Any:
    query = {} if wished is None else {"format": wished}
    client: APIClient = client_of(user)
    return client.get(f"/api/conversations/{conversation.pk}/export/", query, headers=headers)


@pytest.mark.parametrize(
    ("wished", "media_type"),
    [
        ("md", "text/markdown"),
        ("txt", "text/plain"),
        ("json", "application/json"),
        ("vtt", "text/vtt"),
    ],
)
def test_file_is_a_download_of_its_type(
    alice: User, spoken: Conversation, wished: str, media_type: str
) -> None:
    answer = export(alice, spoken, wished, Accept=media_type)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="A title b.{wished}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_markdown_without_a_format(alice: User, spoken: Conversation) -> None:
    assert export(alice, spoken).headers["Content-Type"].startswith("text/markdown")


@pytest.mark.parametrize("wished", ["", "pdf", "MD", "html", "md/../txt"])
def test_unknown_format_is_400_and_names_the_known_ones(
    alice: User, spoken: Conversation, wished: str
) -> None:
    answer = export(alice, spoken, wished)
    assert answer.status_code == 400
    assert "md, txt, json, vtt" in answer.json()["detail"]


def test_text_file_lets_no_words_pass_for_another_speaker(
    alice: User, spoken: Conversation
) -> None:
    text = export(alice, spoken, "txt").content.decode()
    assert re.findall(r"^\S.*:$", text, re.MULTILINE) == [
        "User (2026-05-04 12:00:00 UTC):",
        "Assistant (2026-05-04 12:00:01 UTC) · interrupted after 1.2 s:",
    ]
    assert "\x1b" not in text
    assert not set("\x07\u202e\u2067") & set(text)
    assert "    Heard before the interruption: one" in text


def test_markdown_runs_no_html_loads_no_image_and_forges_no_heading(
    alice: User, spoken: Conversation
) -> None:
    text = export(alice, spoken, "md").content.decode()
    assert not set("<\x1b\u202e\u2067") & set(text)
    assert "![" not in text
    ours = [line for line in text.split("\n") if line and not line.startswith(">")]
    assert [line.split(" · ")[0] for line in ours if line.startswith("**")] == [
        "**User**",
        "**Assistant**",
    ]
    assert len(ours) == 4


def test_captions_hold_one_line_a_cue_and_no_forged_cue(alice: User, spoken: Conversation) -> None:
    text = export(alice, spoken, "vtt").content.decode()
    blocks = text.strip().split("\n\n")
    assert blocks[0] == "WEBVTT"
    assert blocks[1].split("\n")[0] == "00:00:00.000 --> 00:00:01.500"
    assert blocks[2] == "00:00:01.500 --> 00:00:04.500\n<v Assistant>one"
    assert len(blocks) == 3
    assert len(blocks[1].split("\n")) == 2
    assert text.count("-->") == 2
    assert not set("\x1b\u202e\u2067") & set(text)
    assert "<v Root>" not in text


def test_json_holds_every_word_as_it_was_said(alice: User, spoken: Conversation) -> None:
    text = export(alice, spoken, "json").content.decode()
    assert not set("\x1b\u202e\u2067") & set(text)
    body = json.loads(text)
    assert body["schema_version"] == 1
    assert body["conversation"]["id"] == str(spoken.pk)
    assert [item["text"] for item in body["items"]] == [HOSTILE, "one two three"]


def test_gaps_tools_and_deletions_are_shown_as_what_they_are(
    alice: User, conversation: Conversation
) -> None:
    actions.open_item(conversation.pk, SESSION, item_id="u1", role="user", source="voice")
    actions.open_item(
        conversation.pk,
        SESSION,
        item_id="f1",
        role="tool",
        kind="function_call",
        source="voice",
        name="look_up\n\nUser",
        text='{"q": 1}',
    )
    actions.rename_conversation(conversation, "Gaps")
    say(conversation, "u2", "take this back")
    actions.delete_item(conversation.pk, SESSION, item_id="u2")
    text = export(alice, conversation, "txt").content.decode()
    assert "(no words recorded)" in text
    assert "Tool call look_upUser" in text
    assert "take this back" not in text


def test_empty_conversation_and_odd_titles_export_too(alice: User) -> None:
    for title in ("", "日本語", "../../etc/passwd", "\u202e"):
        conversation = actions.create_conversation(alice, title)
        for wished in ("md", "txt", "json", "vtt"):
            answer = export(alice, conversation, wished)
            assert answer.status_code == 200
            assert "/" not in answer.headers["Content-Disposition"].partition("filename")[2]
