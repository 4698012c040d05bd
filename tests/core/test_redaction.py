"""The operator's instructions in what a provider says about them."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.core.redaction import WITHHELD, quotes, without_instructions
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import LiveSession, to_client

OURS = "You are the butler of the house. Never speak of the cellar."
JOINED = f"{OURS}\n\nBe brief."


def live(**changes: Any) -> LiveSession:
    return LiveSession(server_instructions=OURS, client_instructions="Be brief.", **changes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OURS, True),
        (f"Invalid 'session.instructions': '{JOINED}'", True),
        ("too long: 'Never speak of the cellar.'", False),  # 26 characters: a common sentence
        ("too long: 'the butler of the house. Never spea…'", True),
        ("Invalid value", False),
        ("", False),
    ],
)
def test_a_long_enough_piece_of_a_secret_is_a_quotation(text: str, expected: bool) -> None:
    assert quotes(text, OURS) is expected


def test_short_instructions_are_quoted_only_whole() -> None:
    assert quotes("it said 'Be kind.'", "Be kind.")
    assert not quotes("it said 'Be kin'", "Be kind.")
    assert not quotes("anything", "")


def test_an_error_that_quotes_our_instructions_loses_its_sentence_alone() -> None:
    quoting = events.error("invalid_value", event_id="c1", error_type="invalid_request_error")
    quoting["error"] |= {"message": f"Too long: '{JOINED}'", "param": "session.instructions"}
    (shown,) = to_client(live().feed(quoting))
    assert shown["error"] == {**quoting["error"], "message": WITHHELD}


def test_a_response_that_echoes_instructions_shows_the_clients_own() -> None:
    created = events.response_created("r1")
    created["response"]["instructions"] = JOINED
    done = events.response_done("r1")
    failed = {"type": "server_error", "code": "x", "message": f"Refused by: {OURS}"}
    done["response"] |= {
        "status": "failed",
        "instructions": JOINED,
        "status_details": {"type": "failed", "error": failed},
    }
    shown_created, shown_done = to_client(live().feed(created, done))
    assert shown_created["response"]["instructions"] == "Be brief."
    assert shown_done["response"]["instructions"] == "Be brief."
    details = shown_done["response"]["status_details"]
    assert details == {"type": "failed", "error": {**failed, "message": WITHHELD}}


def test_who_may_read_them_reads_them() -> None:
    reader = live(server_instructions_hidden=False)
    created = events.response_created("r1")
    created["response"]["instructions"] = JOINED
    assert to_client(reader.feed(created)) == [created]
    updated = events.session_updated(instructions=JOINED)
    (shown,) = to_client(reader.feed(updated))
    assert shown["session"]["instructions"] == JOINED


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.created", "response": None},
        {"type": "response.created", "response": {"id": "r1", "instructions": "Be brief."}},
        {"type": "response.done", "response": {"id": "r1", "status_details": {"error": "odd"}}},
        {"type": "error", "error": {"message": 7}},
        {"type": "some.event", "note": OURS},
    ],
)
def test_what_quotes_nothing_passes_as_it_came(event: Event) -> None:
    assert without_instructions(event, OURS, "Be brief.") is event
