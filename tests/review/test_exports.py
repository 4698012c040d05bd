"""Exports of many calls: harmless in a spreadsheet, logged, large ones in the background."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import threading
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from accounts.models import User
from conversations.export.text_safety import spreadsheet_cell
from conversations.models import AccessLogEntry, Conversation, ReadingSwitch
from realtime.models import RealtimeSession
from review.exports import jobs
from review.models import AuditEntry, Export, ExportPart
from tests.people import access_token_of, client_of, grant, stranger
from tests.seeding.dialogues import HOSTILE
from tests.seeding.writing import seed_calls

pytestmark = pytest.mark.django_db

NOW = "/api/review/calls/export/"
JOBS = "/api/review/exports/"
RISKY = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture
def client(carol: User) -> APIClient:
    seed_calls(60)
    for number, words in enumerate(HOSTILE):
        item = RealtimeSession.objects.order_by("pk")[number].conversation.items.first()  # type: ignore[union-attr]
        assert item is not None
        item.text = words
        item.save()
    return client_of(carol)


def downloaded(client: APIClient, **query: Any) -> str:
    answer = client.get(NOW, query)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("words", [*HOSTILE, "  =1+1", "\u202e=1", "\uff1d1+1", "\n@x", "\x00=1"])
def test_no_cell_is_a_formula(words: str) -> None:
    cell = spreadsheet_cell(words)
    assert not cell.startswith(RISKY)
    assert not cell.strip().startswith(RISKY)
    assert not any(char in cell for char in "\x1b\x07\x00\r\u202e\u2066")


def test_csv_of_calls_holds_each_call_once_and_harmlessly(client: APIClient) -> None:
    header, *lines = cells(downloaded(client, format="csv"))
    listed = client.get("/api/review/calls/", {"page_size": 100}).json()
    assert [line[0] for line in lines] == [row["session_id"] for row in listed["results"]]
    assert all(len(line) == len(header) for line in lines)
    assert not any(cell.startswith(RISKY) for line in lines for cell in line)
    assert not AccessLogEntry.objects.exists(), "first words are a list, not a reading"
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor_username, entry.action, entry.target_count) == (
        "carol",
        "call.export",
        len(lines),
    )


def test_export_is_of_the_filter(client: APIClient) -> None:
    query = {"search": "refund", "said_by": "user", "interrupted": "true"}
    listed = client.get("/api/review/calls/", query).json()
    assert 0 < listed["count"] < 60
    _, *lines = cells(downloaded(client, format="csv", **query))
    assert [line[0] for line in lines] == [row["session_id"] for row in listed["results"]]


def test_csv_of_lines_has_every_word_and_a_logged_look(client: APIClient, carol: User) -> None:
    header, *lines = cells(downloaded(client, format="csv-lines"))
    texts = [dict(zip(header, line, strict=True))["text"] for line in lines]
    assert not any(text.startswith(RISKY) for text in texts)
    assert "'=cmd|' /C calc'!A0" in texts
    seen = RealtimeSession.objects.filter(public_id__in={line[0] for line in lines})
    read = set(AccessLogEntry.objects.values_list("conversation_id", flat=True))
    assert read == set(seen.values_list("conversation_id", flat=True))
    before = AccessLogEntry.objects.count()
    downloaded(client, format="md")
    assert AccessLogEntry.objects.count() == before, "one row a visit"


def test_jsonl_is_whole_and_markdown_and_captions_cannot_be_broken_out_of(
    client: APIClient,
) -> None:
    objects = [json.loads(line) for line in downloaded(client, format="jsonl").splitlines()]
    texts = [item["text"] for one in objects for item in one["items"]]
    assert set(HOSTILE) <= set(texts), "byte for byte"
    assert "<script" not in downloaded(client, format="md")
    captions = downloaded(client, format="vtt")
    assert captions.startswith("WEBVTT\n")
    assert "\nNOTE injected" not in captions
    starts = [line.split(" --> ")[0] for line in captions.splitlines() if " --> " in line]
    assert starts == sorted(starts), "one clock"


def test_exporting_needs_its_own_permission(client: APIClient, carol: User) -> None:
    carol.user_permissions.clear()
    grant(carol, "review_conversation")
    for answer in (client.get(NOW), client.get(JOBS), client.post(JOBS, {"format": "csv"})):
        assert answer.status_code == 403


def test_too_many_calls_for_one_answer_are_sent_to_the_background(
    client: APIClient, settings: Settings
) -> None:
    settings.EXPORT_DIRECT_CALLS = 10
    answer = client.get(NOW)
    assert (answer.status_code, answer.json()["code"]) == (409, "export_too_large")
    assert client.get(NOW, {"format": "exe"}).status_code == 400


def test_background_export_tells_its_progress_and_hands_out_a_link(
    client: APIClient, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as later:
        answer = client.post(JOBS, {"format": "csv", "filter": {"sort": "started"}})
    assert answer.status_code == 202
    waiting = answer.json()
    assert (waiting["state"], waiting["download_url"]) == ("queued", None)
    assert len(later) == 1, "a thread starts once the row is there"
    export = Export.objects.get()
    jobs.run(export.pk)
    done = client.get(f"{JOBS}{export.pk}/").json()
    assert (done["state"], done["calls_done"]) == ("done", done["calls"])
    answer = stranger().get(done["download_url"])
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text == downloaded(client, format="csv", sort="started")
    assert client.get(JOBS).json()[0]["id"] == done["id"]


def test_links_are_for_one_file_one_owner_and_a_few_minutes(
    client: APIClient, carol: User, admin: User, settings: Settings
) -> None:
    export = made(carol)
    other = made(admin)
    jobs.run(export.pk)
    jobs.run(other.pk)
    assert client.get(f"{JOBS}{other.pk}/").status_code == 404, "another's export"
    url = client.get(f"{JOBS}{export.pk}/").json()["download_url"]
    assert stranger().get(url.replace(str(export.pk), str(other.pk))).status_code == 403
    assert stranger().get(url[:-1]).json()["code"] == "link_not_valid"
    settings.EXPORT_LINK_SEC = -1
    assert stranger().get(url).json()["code"] == "link_expired"
    settings.EXPORT_LINK_SEC = 600
    assert stranger().get(url).status_code == 200
    switch = ReadingSwitch.objects.create(is_on=False)
    assert stranger().get(url).status_code == 403, "reading is off"
    switch.delete()
    carol.set_password("another one")
    carol.save()
    assert stranger().get(url).status_code == 403, "signed out everywhere"


def test_an_export_whose_owner_lost_the_permission_fails_and_says_so(
    client: APIClient, carol: User
) -> None:
    export = made(carol)
    carol.user_permissions.clear()
    jobs.run(export.pk)
    export.refresh_from_db()
    assert (export.state, export.error_code) == ("failed", "forbidden")
    assert not ExportPart.objects.exists()


def test_an_export_is_written_once_and_anew_when_its_writer_died(
    client: APIClient, carol: User
) -> None:
    export = made(carol)
    Export.objects.update(state="running")
    jobs.run(export.pk)
    assert Export.objects.get().state == "running", "somebody is at it"
    Export.objects.update(touched_at=timezone.now() - 2 * jobs.LOST_AFTER)
    jobs.run(export.pk)
    assert Export.objects.get().state == "done"


def test_expired_exports_are_gone(client: APIClient, carol: User) -> None:
    export = made(carol)
    jobs.run(export.pk)
    Export.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(f"{JOBS}{export.pk}/").status_code == 404
    assert jobs.forget_expired() == 1
    assert not ExportPart.objects.exists()


def test_private_conversations_are_in_no_export(client: APIClient, carol: User) -> None:
    export = made(carol, "jsonl")
    Conversation.objects.update(is_private=True)
    jobs.run(export.pk)
    assert bytes(ExportPart.objects.get().data) == b""
    assert not AccessLogEntry.objects.exists()


def test_where_a_reason_is_required_words_leave_with_one_alone(
    client: APIClient, settings: Settings
) -> None:
    settings.REVIEW_REASON_REQUIRED = True
    assert client.get(NOW, {"format": "md"}).json()["code"] == "reason_required"
    assert client.post(JOBS, {"format": "md"}).json()["code"] == "reason_required"
    answer = client.get(NOW, {"format": "md"}, headers={"X-Access-Reason": "audit 12"})
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert set(AccessLogEntry.objects.values_list("reason", flat=True)) == {"audit 12"}


def test_a_server_of_asynchronous_requests_streams_the_same(client: APIClient, carol: User) -> None:
    token = access_token_of(carol)

    async def read() -> bytes:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await AsyncClient().get(NOW, headers=headers)
        return b"".join([piece async for piece in answer.streaming_content])  # type: ignore[attr-defined]

    assert async_to_sync(read)().decode() == downloaded(client)


@pytest.mark.django_db(transaction=True)
def test_a_thread_of_the_server_writes_it(carol: User) -> None:
    seed_calls(5)
    client = client_of(carol)
    started = client.post(JOBS, {"format": "jsonl"}).json()
    for thread in threading.enumerate():
        if thread.name == jobs.THREAD_NAME:
            thread.join(timeout=20)
    done = client.get(f"{JOBS}{started['id']}/").json()
    assert (done["state"], done["calls_done"]) == ("done", 5)


def made(owner: User, wished: str = "csv") -> Export:
    calls = RealtimeSession.objects.filter(started_at__isnull=False)
    return Export.objects.create(
        owner=owner,
        format=wished,
        session_ids=list(calls.values_list("public_id", flat=True)),
        expires_at=timezone.now() + dt.timedelta(hours=1),
    )
