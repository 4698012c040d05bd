"""What opening a session asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Policy, User
from conversations import made, rows
from realtime import auth, lifecycle, opening
from realtime.core.dialect import Dialect
from realtime.core.effects import EndReason
from realtime.models import RealtimeModel, RealtimeSession, SessionState
from realtime.opening import Opening
from tests.realtime.conftest import MintFor

pytestmark = pytest.mark.django_db


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """All that are run, those that Django does not see as well."""
    seen: list[str] = []
    run_row, run_made = rows._run, made._Made._run

    def row(wrapper: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return run_row(wrapper, sql, *rest)

    def once(self: Any, *rest: Any) -> Any:
        seen.append(type(self).__name__)
        return run_made(self, *rest)

    with ExitStack() as stack:
        queries = stack.enter_context(CaptureQueriesContext(connection))
        context = stack.enter_context(monkeypatch.context())
        context.setattr(rows, "_run", row)
        context.setattr(made._Made, "_run", once)
        yield seen
    seen += [query["sql"] for query in queries.captured_queries]


def open_with(secret: str) -> Opening:
    caller = auth.authenticate(auth.Credential(secret, auth.Via.HEADER))
    return opening.take(
        caller,
        conversation_id=None,
        dialect=Dialect.GA,
        private_events=False,
        replaces_lost=False,
        server_id="here",
        heartbeats_trusted=False,
    )


def test_a_session_is_opened_and_ended_by_few_statements(
    alice: User, mint_for: MintFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_with(mint_for(alice).secret.value)  # what is made once is made
    minted = mint_for(alice)
    with statements(monkeypatch) as asked:
        opened = open_with(minted.secret.value)
        lifecycle.mark_live(opened.row.pk, opened.connection_id)
    # Here, as in any test, a transaction within the test's own is two savepoints.
    assert len(asked) <= 14, asked
    session = RealtimeSession.objects.get(pk=opened.row.pk)
    assert (session.state, session.connection_id) == (SessionState.LIVE, opened.connection_id)
    assert session.slot_taken_at is not None
    assert session.voice_until is not None
    with statements(monkeypatch) as asked:
        assert lifecycle.finish(opened.row.pk, opened.connection_id, EndReason.USER_HANGUP)
    assert len(asked) <= 12, asked


def test_what_an_administrator_changes_holds_for_the_next_session(
    alice: User, mint_for: MintFor
) -> None:
    first = open_with(mint_for(alice).secret.value)
    assert (first.setup.policy.max_tools, first.setup.model) == (128, "gpt-realtime-2.1")
    minted = mint_for(alice)
    others = RealtimeModel.objects.filter(kind=RealtimeModel.Kind.REALTIME)
    name = others.exclude(name="gpt-realtime-2.1").values_list("name", flat=True)[0]
    others.filter(name=name).update(enabled=True, retires_on=None)
    Policy.objects.update(max_tools=5, models=[name])
    second = open_with(minted.secret.value)
    assert (second.setup.policy.max_tools, second.setup.model) == (5, name)
