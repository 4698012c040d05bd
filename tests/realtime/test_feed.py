"""The feed: each person's tabs hear of that person's changes, and of nobody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.tokens import issue_tokens, revoke_refresh_token
from conversations.actions import create_conversation, rename_conversation
from realtime import database, sessions
from tests import people
from voiceassist.routing import websocket_application

pytestmark = pytest.mark.django_db(transaction=True)


@pytest_asyncio.fixture(autouse=True)
async def _server() -> AsyncIterator[None]:
    await sessions.startup()
    yield
    await sessions.shutdown()


def tab_with(token: str, *, also: tuple[str, ...] = ("voiceassist.feed",), origin: str = "") -> Any:
    headers = [(b"host", b"localhost:8000")]
    if origin:
        headers.append((b"origin", origin.encode()))
    return WebsocketCommunicator(
        websocket_application,
        "/ws/feed",
        headers=headers,
        subprotocols=[*also, f"voiceassist.token.{token}"],
    )


async def tab_of(user: User) -> Any:
    tab = tab_with(await database.run(people.access_token_of, user))
    connected, subprotocol = await tab.connect(timeout=5)
    assert (connected, subprotocol) == (True, "voiceassist.feed")
    # Redis confirms a subscription after the socket is accepted.
    await asyncio.sleep(0.3 if settings.REDIS_URL else 0.05)
    return tab


async def test_a_change_reaches_every_tab_of_its_owner_and_no_other(alice: User, bob: User) -> None:
    first, second, bobs = await tab_of(alice), await tab_of(alice), await tab_of(bob)
    conversation = await database.run(create_conversation, alice, "Plans")
    for tab in (first, second):
        notice = json.loads(await tab.receive_from(timeout=5))
        assert notice["type"] == "conversation.updated"
        assert notice["conversation_id"] == str(conversation.pk)
        assert isinstance(notice["seq"], int)
    assert await bobs.receive_nothing(timeout=0.2)
    for tab in (first, second, bobs):
        await tab.disconnect()


async def test_notices_carry_no_words(alice: User) -> None:
    tab = await tab_of(alice)
    conversation = await database.run(create_conversation, alice)
    await database.run(rename_conversation, conversation, "a most secret title")
    for _ in range(2):
        assert "secret" not in await tab.receive_from(timeout=5)
    await tab.disconnect()


async def test_a_rolled_back_change_is_not_told(alice: User) -> None:
    def fail() -> None:
        with transaction.atomic():
            create_conversation(alice)
            raise RuntimeError

    tab = await tab_of(alice)
    with pytest.raises(RuntimeError):
        await database.run(fail)
    assert await tab.receive_nothing(timeout=0.2)
    await tab.disconnect()


@pytest.mark.parametrize("token", ["", "x.y.z"])
async def test_a_tab_without_a_valid_token_is_told_and_closed_with_4401(token: str) -> None:
    tab = tab_with(token)
    assert (await tab.connect(timeout=5))[0]
    assert json.loads(await tab.receive_from(timeout=5))["type"] == "error"
    closed = await tab.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4401)


async def test_a_foreign_page_is_closed_with_4403(alice: User) -> None:
    token = await database.run(people.access_token_of, alice)
    tab = tab_with(token, origin="http://evil.example")
    assert (await tab.connect(timeout=5))[0]
    await tab.receive_from(timeout=5)
    assert (await tab.receive_output(timeout=5))["code"] == 4403


async def test_signing_out_closes_the_tabs_of_that_sign_in_within_five_seconds(
    alice: User,
) -> None:
    tokens = await database.run(issue_tokens, alice)
    here, elsewhere = tab_with(tokens.access), await tab_of(alice)
    await here.connect(timeout=5)
    await database.run(revoke_refresh_token, tokens.refresh)
    closed = await here.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4401)
    assert await elsewhere.receive_nothing(timeout=0.1)
    await elsewhere.disconnect()
