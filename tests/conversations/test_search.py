"""Full-text search over items, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from conversations import actions
from conversations.models import Conversation, Item
from conversations.search import index_of, items_saying, parse_terms
from conversations.search.sqlite import TRIGGERS
from tests.conversations.saying import answer, say

pytestmark = pytest.mark.django_db


def found(query: str, role: str = "") -> set[str]:
    """The ids of the items that say every term."""
    terms = parse_terms(query)
    return set.intersection(
        *(set(items_saying(term, role).values_list("item_id", flat=True)) for term in terms)
    )


@pytest.fixture(autouse=True)
def said(conversation: Conversation) -> None:
    say(conversation, "refund", "I want my refunds back, costs 3.50 at example.org!")
    answer(conversation, "back", "You get the money back. A refund takes 5 days.")
    say(conversation, "café", "Ein Stück Kuchen im Café, bitte; naïve")
    say(conversation, "tokyo", "東京の天気はどうですか")
    say(
        conversation,
        "hostile",
        "<script>alert('x')</script> =cmd|' /C calc'!A0 \u202eevil \x1b[31m 100%",
    )
    say(conversation, "long", "needle " + "x" * 100_000 + " end")


@pytest.mark.parametrize(
    ("query", "items"),
    [
        ("refund", {"refund", "back"}),
        ("REFUND", {"refund", "back"}),
        ("refunds", {"refund"}),
        ('"refund"', {"back"}),
        ('"money back"', {"back"}),
        ('"back money"', set()),
        ("money refund", {"back"}),
        ("3.50", {"refund"}),
        ("50", {"refund"}),
        ("example.org", {"refund"}),
        ("stück", {"café"}),
        ("天気", {"tokyo"}),
        ("script", {"hostile"}),
        ("100%", {"hostile"}),
        ("calc", {"hostile"}),
        ("needle", {"long"}),
        ("un", set()),
    ],
)
def test_words_find_what_was_said(query: str, items: set[str]) -> None:
    assert found(query) == items


def test_a_role_narrows_it() -> None:
    assert found("refund", "user") == {"refund"}
    assert found("refund", "assistant") == {"back"}


@pytest.mark.parametrize(
    "query",
    [
        *(
            '"',
            "'",
            "''",
            '"" x',
            "a' OR '1'='1",
            "NEAR(a b)",
            "a AND",
            "NOT",
            "*",
            "^x",
            "x:y",
            "-",
        ),
        *("(", "!& | <->", "\\", "%", "_", ":*", "text:refund", "\x00", "\u202e", "{a b}", "😀"),
        *("x" * 200, "' : & | ! ( )", "a\tb\nc", 'x"y"z', "𓀀", "़", "--", ";DROP TABLE"),
    ],
)
def test_no_query_is_an_error(query: str) -> None:
    for term in parse_terms(query):
        list(items_saying(term))


def test_changes_and_deletions_are_found_at_once(conversation: Conversation) -> None:
    item = Item.objects.get(item_id="refund")
    item.text = "about parrots"
    item.save()
    assert found("parrot") == {"refund"}
    assert found("refund") == {"back"}
    actions.delete_item(conversation.pk, item.session_id, item_id="refund")
    assert found("parrot") == set()
    actions.delete_conversation(conversation)
    assert found("refund") == set()


def test_an_index_that_a_migration_lost_is_made_again() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER {name}")
    else:
        index_of(connection).remove(connection)
    Item.objects.filter(item_id="back").update(text="about owls")
    # PostgreSQL makes no index while foreign keys of this transaction are yet to be checked.
    connection.check_constraints()
    call_command("migrate", verbosity=0)
    assert found("owls") == {"back"}
    assert found("money") == set()


def test_terms_mark_themselves_in_a_text() -> None:
    marked = {
        query: [match.group() for match in parse_terms(query)[0].pattern().finditer(text)]
        for query, text in {
            "refund": "A refund; Refunds, unrefunded",
            '"refund"': "A refund; Refunds",
            "天気": "東京の天気",
            "example.org": "see example, org",
        }.items()
    }
    assert marked == {
        "refund": ["refund", "Refunds"],
        '"refund"': ["refund"],
        "天気": ["天気"],
        "example.org": ["example, org"],
    }
