"""Calls as the tests make them: an offer posted, and a hold on both of its ends."""

from __future__ import annotations

from typing import Any

import httpx

from tests.contract.gateway import Gateway
from tests.fakes import events
from tests.fakes.calls_server import FakeCall, FakeCallsProvider, form_part
from tests.fakes.recordings import recorded_call

OWN_KEY = "sk-the-operators-own-key"
TURN_SECRET = "shared-with-the-turn-server"
CALLS = "/v1/realtime/calls"


def recorded_offer() -> str:
    return form_part(recorded_call()["request"]["body"].encode(), "sdp").decode()


OFFER = recorded_offer()


def post(
    gateway: Gateway,
    key: str,
    body: Any = OFFER,
    kind: str = "application/sdp",
    query: str = "",
    timeout: float = 20.0,
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    return gateway.http.post(CALLS + query, headers=headers, content=body, timeout=timeout)


def post_form(gateway: Gateway, key: str, **parts: Any) -> httpx.Response:
    """As the SDKs send it: parts without file names."""
    kinds = {"sdp": "application/sdp", "session": "application/json"}
    files = {name: (None, part, kinds.get(name)) for name, part in parts.items()}
    return gateway.http.post(CALLS, headers={"Authorization": f"Bearer {key}"}, files=files)


def hang_up(gateway: Gateway, key: str, call_id: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return gateway.http.post(f"{CALLS}/{call_id}/hangup", headers=headers)


class OpenedCall:
    """A call of ours with its other end at the provider; leaving the block hangs up."""

    def __init__(self, gateway: Gateway, provider: FakeCallsProvider, **wishes: Any) -> None:
        self.gateway, self.provider = gateway, provider
        self.minted = gateway.mint(transport="webrtc", **wishes)
        self.answer = post(gateway, self.minted["api_key"])
        assert self.answer.status_code == 201, self.answer.text
        self.id = self.answer.headers["location"].rpartition("/")[2]
        self.there: FakeCall = provider.wait_attached()

    def __enter__(self) -> OpenedCall:
        return self

    def __exit__(self, *_: object) -> None:
        if self.session["state"] != "ended":
            hang_up(self.gateway, self.minted["api_key"], self.id)
            self.ended()

    @property
    def session(self) -> dict[str, Any]:
        return self.gateway.session(self.id)

    def ended(self) -> dict[str, Any]:
        self.provider.wait(lambda: self.session["state"] == "ended")
        return self.session

    def items(self) -> list[dict[str, Any]]:
        return self.gateway.items(self.minted["conversation_id"])

    def tell(self, *told: events.Event) -> None:
        self.provider.emit(*told)

    def say(self, number: int, words: str = "What time is it?") -> None:
        user, item, response = f"item_u{number}", f"item_a{number}", f"resp_{number}"
        self.tell(
            events.speech_started(user),
            events.committed(user),
            events.item_event("added", events.user_speech(user)),
            events.item_event("done", events.user_speech(user)),
            *events.answer_begins(response, item, user),
            {"type": "output_audio_buffer.started", "event_id": "e", "response_id": response},
            events.transcription_completed(user, words),
            *events.answer_ends(response, item, f"Answer {number}."),
        )

    def played(self, number: int) -> None:
        response = f"resp_{number}"
        stopped = {"type": "output_audio_buffer.stopped", "response_id": response}
        self.tell({**stopped, "event_id": "e"})
