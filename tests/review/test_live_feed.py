"""The live floor over its socket: rows for who may review, words for who has said why."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from channels.testing import WebsocketCommunicator
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from conversations import access
from conversations.models import AccessLogEntry, Conversation, ReadingSwitch
from realtime import database, sessions
from realtime.mint import Minted, default_request, mint
from review.live import hub as hubs
from tests import people
from voiceassist.routing import websocket_application

pytestmark = pytest.mark.django_db(transaction=True)

Json = dict[str, Any]
WAIT_S = 30.0


@pytest_asyncio.fixture(autouse=True)
async def _server(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    monkeypatch.setattr(hubs, "LOOK_EVERY_S", 0.25)  # each second, and nobody waits for it here
    settings.REALTIME_PROVIDER, settings.OPENAI_API_KEY = "embedded", ""
    settings.REALTIME_ENABLED, settings.LOCAL_DIR = True, tmp_path
    await sessions.startup()
    yield
    await sessions.shutdown()


class Talk:
    """A typed call of one person."""

    def __init__(self, minted: Minted, socket: Any) -> None:
        self.session_id = minted.session.public_id
        assert minted.session.conversation_id is not None
        self.conversation_id = minted.session.conversation_id
        self.socket = socket

    async def say(self, words: str) -> None:
        content = [{"type": "input_text", "text": words}]
        item = {"type": "message", "role": "user", "content": content}
        for event in (
            {"type": "conversation.item.create", "item": item},
            {"type": "response.create"},
        ):
            await self.socket.send_to(text_data=json.dumps(event))
        await self.until("response.done")

    async def until(self, kind: str) -> Json:
        while True:
            event: Json = json.loads(await self.socket.receive_from(timeout=WAIT_S))
            if event["type"] == kind:
                return event


class Floor:
    """A reviewer's tab, and all that it was told."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.frames: list[Json] = []

    async def ask(self, kind: str, session_id: str, reason: str = "shift") -> None:
        asked = {"type": kind, "session_id": session_id, "reason": reason}
        await self.socket.send_to(text_data=json.dumps(asked))

    async def until(self, enough: Callable[[Json], Any]) -> Any:
        """What `enough` finds in the first frame in which it finds something."""
        while True:
            self.frames.append(json.loads(await self.socket.receive_from(timeout=WAIT_S)))
            if found := enough(self.frames[-1]):
                return found

    async def closed(self) -> tuple[int, str]:
        while True:
            message = await self.socket.receive_output(timeout=WAIT_S)
            if message["type"] == "websocket.close":
                return message["code"], message["reason"]


def _mint(user: User, wishes: Json) -> Minted:
    return mint(user, dataclasses.replace(default_request(), is_text_only=True, **wishes))


@asynccontextmanager
async def talk_of(user: User, **wishes: Any) -> AsyncIterator[Talk]:
    minted = await database.run(_mint, user, wishes)
    authorization = f"Bearer {minted.secret.value}".encode()
    socket = WebsocketCommunicator(
        websocket_application, "/v1/realtime", headers=[(b"authorization", authorization)]
    )
    assert (await socket.connect(timeout=WAIT_S))[0]
    talk = Talk(minted, socket)
    await talk.until("session.created")
    yield talk
    await socket.disconnect(timeout=WAIT_S)


def tab_with(token: str) -> Any:
    return WebsocketCommunicator(
        websocket_application,
        "/ws/review/live",
        headers=[(b"host", b"localhost:8000")],
        subprotocols=["voiceassist.feed", f"voiceassist.token.{token}"],
    )


@asynccontextmanager
async def floor_of(user: User) -> AsyncIterator[Floor]:
    socket = tab_with(await database.run(people.access_token_of, user))
    assert (await socket.connect(timeout=WAIT_S))[0]
    yield Floor(socket)
    await socket.disconnect(timeout=WAIT_S)


def row_of(session_id: str) -> Callable[[Json], Json | None]:
    def find(frame: Json) -> Json | None:
        return next((row for row in frame["calls"] if row["session_id"] == session_id), None)

    return find


def turned(talk: Talk, turns: int) -> Callable[[Json], Json | None]:
    def find(frame: Json) -> Json | None:
        row = row_of(talk.session_id)(frame)
        return row if row and row["turns"] == turns else None

    return find


def words_of(session_id: str) -> Callable[[Json], list[str]]:
    return lambda frame: [line["text"] for line in frame["captions"].get(session_id, [])]


async def test_a_reviewer_reads_along_once_they_have_said_why(alice: User, carol: User) -> None:
    async with talk_of(alice) as talk, floor_of(carol) as floor:
        await floor.until(row_of(talk.session_id))
        assert floor.frames[0]["whole"]
        await talk.say("my name is Marguerite")
        await floor.until(turned(talk, 1))
        assert "Marguerite" not in json.dumps(floor.frames)
        assert not await database.run(AccessLogEntry.objects.exists)

        await floor.ask("open", talk.session_id)
        assert "my name is Marguerite" in await floor.until(words_of(talk.session_id))
        await talk.say("what is my name")
        assert "what is my name" in await floor.until(words_of(talk.session_id))
        entry = await database.run(AccessLogEntry.objects.get)
        assert (entry.reviewer_username, entry.reason) == ("carol", "shift")

        await floor.ask("close", talk.session_id)
        await talk.say("heliotrope")
        await floor.until(turned(talk, 3))
        assert "heliotrope" not in json.dumps(floor.frames)
        told = floor.frames
    assert max(len(frame["calls"]) for frame in told) == 1
    assert len(hubs.hub()._watchers) == 0
    assert hubs.hub()._looking is None


async def test_who_reads_along_for_longer_than_a_visit_has_looked_again(
    alice: User, carol: User
) -> None:
    async with talk_of(alice) as talk, floor_of(carol) as floor:
        await talk.say("hello")
        await floor.ask("open", talk.session_id)
        await floor.until(words_of(talk.session_id))
        await database.run(AccessLogEntry.objects.update, visited_at=timezone.now() - access.VISIT)
        (watcher,) = hubs.hub()._watchers
        watcher.opened[talk.session_id].looked_at -= access.VISIT
        await talk.say("heliotrope")
        await floor.until(words_of(talk.session_id))
        reasons = await database.run(lambda: [look.reason for look in AccessLogEntry.objects.all()])
        assert reasons == ["shift", "shift"]


async def test_a_call_made_private_leaves_the_floor_with_its_words(
    alice: User, carol: User
) -> None:
    async with talk_of(alice) as talk, floor_of(carol) as floor:
        await talk.say("hello")
        await floor.ask("open", talk.session_id)
        await floor.until(words_of(talk.session_id))
        mine = Conversation.objects.filter(pk=talk.conversation_id)
        await database.run(mine.update, is_private=True)
        await floor.until(lambda frame: talk.session_id in frame["gone"])
        seen = len(floor.frames)
        await talk.say("heliotrope")
        await floor.ask("open", talk.session_id)
        refused = await floor.until(lambda frame: frame["refused"])
        assert [refusal["code"] for refusal in refused] == ["not_found"]
        assert "heliotrope" not in json.dumps(floor.frames[seen:])


async def test_of_a_call_that_keeps_no_words_none_are_sent(alice: User, carol: User) -> None:
    async with talk_of(alice, save_transcript=False) as talk, floor_of(carol) as floor:
        await floor.ask("open", talk.session_id)
        await talk.say("heliotrope")
        assert not (await floor.until(turned(talk, 1)))["keeps_words"]
        assert "heliotrope" not in json.dumps(floor.frames)


async def test_reading_switched_off_closes_the_floor(admin: User) -> None:
    async with floor_of(admin) as floor:
        await floor.until(lambda frame: frame["whole"])
        await database.run(ReadingSwitch.objects.create, is_on=False)
        assert await floor.closed() == (4403, "permission_denied")
    async with floor_of(admin) as again:
        assert await again.closed() == (4403, "permission_denied")


async def test_who_may_not_review_sees_no_floor(bob: User) -> None:
    async with floor_of(bob) as floor:
        assert await floor.closed() == (4403, "permission_denied")


@pytest.mark.parametrize("token", ["", "x.y.z", "va_0123456789", "ek_0123456789"])
async def test_nothing_but_an_access_token_opens_it(token: str) -> None:
    socket = tab_with(token)
    assert (await socket.connect(timeout=WAIT_S))[0]
    code, _ = await Floor(socket).closed()
    assert code == 4401


async def test_what_makes_no_sense_is_passed_over(carol: User) -> None:
    async with floor_of(carol) as floor:
        for nonsense in (" ", "[]", "{", '{"type":"open"}', "x" * 5000):
            await floor.socket.send_to(text_data=nonsense)
        await floor.socket.send_to(bytes_data=b"\x00")
        await floor.ask("open", "rtc_unknown")
        (refused,) = await floor.until(lambda frame: frame["refused"])
        assert (refused["session_id"], refused["code"]) == ("rtc_unknown", "not_found")


async def test_an_administrators_reason_reaches_the_person_who_talks(
    alice: User, carol: User
) -> None:
    async with talk_of(alice) as talk, floor_of(carol) as floor:
        await floor.until(row_of(talk.session_id))
        await database.run(sessions.request_end, talk.session_id, carol.pk, "shift\n\u202eis over")
        told = await talk.until("error")
        assert told["error"]["code"] == "session_ended"
        assert told["error"]["message"].endswith("administrator: shift is over")
        closed = await talk.socket.receive_output(timeout=WAIT_S)
        assert (closed["code"], closed["reason"]) == (4410, "session_ended")
        await floor.until(lambda frame: talk.session_id in frame["gone"])
