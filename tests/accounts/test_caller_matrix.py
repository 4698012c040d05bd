"""Every address of the product, asked for by every kind of caller."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.test import Client
from django.test.utils import override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from accounts.api_keys import issue_api_key, revoke_api_key
from accounts.models import ApiKey, User
from conversations import actions
from realtime.headless.serializers import TRANSPORT
from realtime.mint import default_request, mint
from realtime.models import RealtimeSession, SessionState
from tests import people
from tests.accounts.caller_matrix import ROWS, SOCKETS, Audience, Row
from tests.callers import Address, ask, bad_credentials
from voiceassist.routing import websocket_urlpatterns

pytestmark = pytest.mark.django_db

STRANGERS = ("bob", "carol", "staff", "admin")
MAY_REVIEW = ("carol", "admin")


@dataclass(frozen=True)
class Callers:
    """Kind of caller → its Authorization header, and what alice owns."""

    headers: dict[str, str]
    owned: dict[str, str]

    def address(self, row: Row) -> Address:
        path = "/" + (row.path or row.route).format(**self.owned)
        return Address(row.method, path, row.body, row.content_type)


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Callers]:
    """All of them, in a transaction that ends with the module: no test leaves a trace."""
    known = override_settings(REALTIME_PROVIDER="embedded", OPENAI_API_KEY="")
    # On a slow machine the matrix takes longer than an access token is good for.
    for_long = patch.object(AccessToken, "lifetime", dt.timedelta(hours=1))
    with django_db_blocker.unblock(), transaction.atomic(), known, for_long:
        yield make_callers()
        transaction.set_rollback(True)


@pytest.fixture
def callers(cast: Callers, settings: Settings, tmp_path: Path) -> Callers:
    settings.REALTIME_ENABLED, settings.LOCAL_DIR = True, tmp_path
    return cast


def make_callers() -> Callers:
    alice = people.make_alice()
    conversation = actions.create_conversation(alice)
    minted = mint(alice, default_request())
    session = minted.session
    session.state = SessionState.DETACHED
    session.save(update_fields=["state"])
    headless = RealtimeSession.objects.create(
        public_id="rtc_headless",
        user=alice,
        conversation=conversation,
        transport=TRANSPORT,
        state=SessionState.ENDED,
        started_at=timezone.now(),
    )
    headers = {"anonymous": "", "client secret of hers": f"Bearer {minted.secret.value}"}
    headers |= bad_credentials(alice)
    for name in ("alice", *STRANGERS):
        user = alice if name == "alice" else getattr(people, f"make_{name}")()
        headers[name] = f"Bearer {people.access_token_of(user)}"
    for scope in ApiKey.Scope.values:
        headers[f"key: {scope}"] = f"Bearer {issue_api_key(alice, scope, [scope]).value}"
    every_scope = [str(scope) for scope in ApiKey.Scope.values]
    headers["key: all"] = f"Bearer {issue_api_key(alice, 'all', every_scope).value}"
    lost = issue_api_key(alice, "lost", every_scope)
    revoke_api_key(lost.row)
    headers["revoked key"] = f"Bearer {lost.value}"
    owned = {
        "conversation": str(conversation.pk),
        "session": session.public_id,
        "headless": headless.public_id,
        "key": str(issue_api_key(alice, "hers", ["mint"]).row.pk),
    }
    return Callers(headers, owned)


def expected(row: Row, kind: str) -> int:
    """The status that the row promises this kind of caller."""
    if row.audience is Audience.ANYBODY:
        return row.let_in
    if kind.startswith("key: "):
        scope = kind.removeprefix("key: ")
        is_let_in = bool(row.keys) and (scope == "all" or scope in row.keys)
        return row.let_in if is_let_in else 403
    if kind == "client secret of hers" and row.takes_secrets:
        return row.let_in
    if kind == "alice":
        is_of_others = row.audience in {Audience.REVIEWERS, Audience.ADMINISTRATORS}
        return 403 if is_of_others else row.let_in
    if kind in STRANGERS:
        match row.audience:
            case Audience.OWNER:
                return 404
            case Audience.REVIEWERS:
                return row.let_in if kind in MAY_REVIEW else 403
            case Audience.ADMINISTRATORS:
                return row.let_in if kind == "admin" else 403
        return row.let_in
    # "Basic" is no bearer credential: such a caller is anonymous.
    if row.audience is Audience.VISITORS and kind in {"anonymous", "basic"}:
        return row.let_in
    return 401


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern


def methods_of(pattern: URLPattern) -> list[str]:
    """Those that say something of their own; a plain function and a redirection count as GET."""
    view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
    if view is None or view.__name__ == "RedirectView":
        return ["GET"]
    own = ("get", "post", "put", "patch", "delete")
    return [name.upper() for name in own if hasattr(view, name)] or ["GET"]


def test_every_method_of_every_route_has_its_row_and_every_row_its_route() -> None:
    found = [
        f"{method} {route}"
        for route, pattern in routes(get_resolver())
        if not route.startswith("admin/")
        for method in methods_of(pattern)
    ]
    rows = [str(row) for row in ROWS]
    assert sorted(found) == sorted(rows)


def test_every_socket_is_known() -> None:
    assert {str(pattern.pattern) for pattern in websocket_urlpatterns} == SOCKETS


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_caller_gets_what_the_row_promises(row: Row, callers: Callers) -> None:
    wrong: dict[str, Any] = {}
    client = APIClient()
    for kind, authorization in callers.headers.items():
        headers = {"Authorization": authorization} if authorization else {}
        client.cookies.clear()
        with transaction.atomic():  # every caller finds the same state
            answer = ask(client, callers.address(row), **headers)
            transaction.set_rollback(True)
        if answer.status_code != expected(row, kind):
            wrong[kind] = (answer.status_code, expected(row, kind), answer.content[:200])
        elif row.audience is Audience.ANYBODY:
            continue
        elif kind.startswith("key: ") and answer.status_code == 403:
            body = answer.json()
            assert body.get("error", body)["code"] == "insufficient_scope", kind
    assert wrong == {}


def admin_paths() -> list[str]:
    return [
        "/" + re.sub(r"<[^>]+>", "1", route)
        for route, _pattern in routes(get_resolver())
        if route.startswith("admin/") and not route.startswith("admin/(?P")
    ]


def test_no_bearer_credential_opens_the_admin_and_no_session_but_staffs(
    callers: Callers,
) -> None:
    paths = [path for path in admin_paths() if path not in {"/admin/login/", "/admin/logout/"}]
    assert len(paths) > 40
    visitor, user = Client(), Client()
    user.force_login(User.objects.get(username="alice"))
    headers = {"Authorization": callers.headers["admin"]}
    for path in paths:
        for client in (visitor, user):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/admin/login/"), path


def test_staff_without_permissions_see_no_row_of_anything(callers: Callers) -> None:
    staff = Client()
    staff.force_login(User.objects.get(username="sam"))
    changelists = [path for path in admin_paths() if re.fullmatch(r"/admin/\w+/\w+/", path)]
    lists = [path for path in changelists if path not in {"/admin/password_change/done/"}]
    assert len(lists) > 5
    for path in lists:
        assert staff.get(path).status_code in {403, 404}, path
