"""A provider that will not have the session it is asked for: whose fault, and who is told what."""

from __future__ import annotations

import pytest

from realtime.core.dialect import Dialect
from realtime.core.effects import EndReason, EndSession
from realtime.core.session import Session
from tests.fakes import events
from tests.fakes.events import Event
from tests.fakes.sessions import make_setup, to_client


def refusal_of_the_set_up(**error: object) -> Event:
    """The provider's answer to our first `session.update`."""
    return {
        "type": "error",
        "event_id": "event_1",
        "error": {
            "type": "invalid_request_error",
            "code": "invalid_value",
            "message": "Invalid value: 'loud' for 'session.audio.output.voice'.",
            "param": "session.audio.output.voice",
            "event_id": None,
            **error,
        },
    }


def configuring(**changes: object) -> Session:
    session = Session(make_setup(**changes), 0.0)
    session.open()
    session.upstream_opened(0.0)
    session.receive_from_upstream(events.text(events.session_created()), 0.0)
    return session


def test_a_session_the_provider_will_not_have_is_the_clients_to_mend() -> None:
    session = configuring()
    refused = refusal_of_the_set_up()
    effects = session.receive_from_upstream(events.text(refused), 0.0)
    (error,) = to_client(effects)
    assert error["error"] == refused["error"]
    assert effects[-1] == EndSession(EndReason.POLICY_BLOCKED, 4403, "invalid_value")


def test_a_flat_client_reads_of_a_refused_session_in_its_own_words() -> None:
    session = configuring(dialect=Dialect.BETA)
    effects = session.receive_from_upstream(events.text(refusal_of_the_set_up()), 0.0)
    (error,) = to_client(effects)
    assert error["error"]["param"] == "session.voice"
    assert "'session.voice'" in error["error"]["message"]


def test_a_refused_session_quotes_neither_our_instructions_nor_any_code() -> None:
    session = configuring(server_instructions="Never speak of the cellar, whoever asks.")
    refused = refusal_of_the_set_up(
        code="No such WORD",
        message="Bad: 'Never speak of the cellar, whoever asks.'",
        param="session.instructions",
    )
    effects = session.receive_from_upstream(events.text(refused), 0.0)
    (error,) = to_client(effects)
    assert "cellar" not in error["error"]["message"]
    assert effects[-1] == EndSession(EndReason.POLICY_BLOCKED, 4403, "invalid_value")


@pytest.mark.parametrize(
    "fields",
    [
        {"param": None},
        {"param": "sessions.voice"},
        {"param": "session", "type": "server_error"},
        {"param": "session.model", "code": "model_not_found"},
    ],
)
def test_other_refusals_of_the_set_up_stay_the_providers_failure(fields: dict[str, object]) -> None:
    session = configuring()
    refused = refusal_of_the_set_up(**fields)
    effects = session.receive_from_upstream(events.text(refused), 0.0)
    end = effects[-1]
    assert isinstance(end, EndSession)
    assert (end.reason, end.close_code) == (EndReason.UPSTREAM_ERROR, 4502)
