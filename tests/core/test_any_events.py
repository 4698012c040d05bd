"""Whatever is thrown at a session: it raises nothing, ends for no event, and knows what it does.

Beside the session a model is kept from the effects alone: what was asked of the provider and what
the client was told. The two must agree after every step.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime.core.effects import (
    Effect,
    EndReason,
    EndSession,
    OpenUpstream,
    SendClient,
    SendUpstream,
)
from realtime.core.errors import UpstreamFailed
from realtime.core.limits import SessionLimits
from realtime.core.session import Session
from tests.fakes import events
from tests.fakes.any_events import client_frames, provider_frames
from tests.fakes.events import Event
from tests.fakes.sessions import POLICY, make_setup

# One second of patience for nothing: what ends a session here is never the clock.
LIMITS = SessionLimits(max_duration_s=1e9, idle_timeout_s=0, setup_timeout_s=1e9, resume_s=1e9)

steps = st.one_of(
    st.tuples(st.just("client"), client_frames),
    st.tuples(st.just("client"), client_frames),
    st.tuples(st.just("provider"), provider_frames),
    st.tuples(st.just("provider"), provider_frames),
    st.tuples(st.sampled_from(["drop", "come up", "tick", "leave", "return"]), st.just("")),
)


class Model:
    """What a session must have done, by a simpler account.

    config: the effective session object. sent: updates the provider has not answered yet.
    """

    def __init__(self, **changes: Any) -> None:
        self.session = Session(make_setup(limits=LIMITS, **changes), 0.0)
        self.now = 0.0
        self.is_up = False
        self.dials = 0
        self.told: list[Event] = []
        self.sent: list[Event] = []
        self.config: dict[str, Any] = {}
        self.ended: EndSession | None = None
        self.take(self.session.open())

    def take(self, effects: list[Effect]) -> list[Effect]:
        for effect in effects:
            assert self.ended is None, "something follows the end"
            match effect:
                case SendClient():
                    self.told.append(orjson.loads(effect.raw))
                case SendUpstream():
                    self._asked(orjson.loads(effect.raw))
                case OpenUpstream():
                    self.dials += 1
                case EndSession():
                    self.ended = effect
        return effects

    def _asked(self, event: Event) -> None:
        if event["type"] == "session.update":
            self.sent.append(event)
        judge(event)

    def come_up(self) -> None:
        if self.is_up or self.ended is not None:
            return
        self.is_up = True
        self.take(self.session.upstream_opened(self.now))
        self.sent.clear()
        self.provider(events.text(events.session_created()))
        self.config = self.sent.pop()["session"]
        self.provider(events.text(events.session_updated()))

    def drop(self) -> None:
        if self.is_up:
            self.is_up = False
            self.now += 11.0  # a good session's drop is always forgiven
            self.sent.clear()
            self.take(self.session.upstream_closed(1006, "", self.now))

    def provider(self, raw: str) -> None:
        body = parsed(raw)
        if isinstance(body, dict) and not nests_deep(raw):
            if body.get("type") == "session.updated" and self.sent:
                self.config = merged(self.config, self.sent.pop(0)["session"])
            error = body.get("error")
            if body.get("type") == "error" and isinstance(error, dict):
                self._refuse(error)
        self.take(self.session.receive_from_upstream(raw, self.now))

    def _refuse(self, error: Event) -> None:
        if error.get("code") == "session_expired":
            return  # the provider's own end, which stays between it and us
        for update in self.sent:
            if update.get("event_id") == error.get("event_id"):
                self.sent.remove(update)
                return

    def client(self, raw: str | bytes) -> None:
        held = len(self.session._state.held)
        told = len(self.told)
        effects = self.take(self.session.receive_from_client(raw, self.now))
        answers = [event for event in self.told[told:] if event["type"] == "error"]
        waits = len(self.session._state.held) > held
        assert bool(effects) or waits, "a client event vanished"
        if answers:
            assert len(effects) == 1, "a refused event did something"
            assert not waits

    def check(self) -> None:
        assert self.ended is None, self.ended
        kinds = Counter(event["type"] for event in self.told)
        assert kinds["session.created"] == (1 if self.session._state.announced else 0)
        if self.is_up:
            assert self.session._state.config == self.config
        active = {response.response_id for response in self.session._state.responses.active}
        if self.is_up:
            assert active == self.unfinished()
        text = orjson.dumps([event for event in self.told if event["type"] != "a.new.event"])
        assert b"Server secret" not in text

    def unfinished(self) -> set[str]:
        """Responses the client saw begin and has not seen end."""
        begun: set[str] = set()
        for event in self.told:
            response = event.get("response")
            response_id = response.get("id") if isinstance(response, dict) else None
            if isinstance(response_id, str):
                if event["type"] == "response.created":
                    begun.add(response_id)
                elif event["type"] == "response.done":
                    begun.discard(response_id)
        return begun


def parsed(raw: str) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def nests_deep(raw: str) -> bool:
    return "[" * 100 in raw


def merged(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Protocol §3.1, by recursion on what is present; another `type` starts from nothing."""
    result = dict(base)
    for key, value in patch.items():
        before = result.get(key)
        if isinstance(value, dict):
            keeps = isinstance(before, dict) and value.get("type", before.get("type")) == (
                before.get("type")
            )
            result[key] = merged(before if keeps and isinstance(before, dict) else {}, value)
        else:
            result[key] = value
    return result


def judge(event: Event) -> None:
    """Nothing that policy forbids has left, by the plainest reading of the event."""
    home = {"session.update": "session", "response.create": "response"}.get(event["type"], "")
    asked = event.get(home) or {}
    for tool in asked.get("tools") or []:
        assert tool["type"] == "function", event
    assert len(asked.get("tools") or []) <= POLICY.max_tools
    assert "model" not in asked
    assert not asked.get("prompt")
    output = (asked.get("audio") or {}).get("output") or {}
    assert output.get("voice", "marin") in POLICY.voices, event
    item = event.get("item") or {}
    assert not str(item.get("type", "")).startswith("mcp"), event
    heard = ((asked.get("audio") or {}).get("input") or {}).get("transcription")
    if heard:
        assert heard["model"] in POLICY.transcription_models


def run(model: Model, script: list[tuple[str, Any]]) -> None:
    model.come_up()
    for action, raw in script:
        model.now += 0.01
        match action:
            case "client":
                model.client(raw)
            case "provider" if model.is_up:
                model.provider(raw)
            case "drop":
                model.drop()
            case "come up":
                model.come_up()
            case "tick":
                model.take(model.session.tick(model.now))
            case "leave":
                model.take(model.session.client_closed(model.now, 1006))
            case "return":
                if model.session.detached:
                    model.take(model.session.client_resumed(model.now, recovered=True))
        model.check()


BUDGET = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@BUDGET
@given(st.lists(steps, max_size=30), st.booleans(), st.booleans())
def test_no_event_raises_closes_or_leaves_a_state_that_differs_from_the_model(
    script: list[tuple[str, Any]], private_events: bool, save_transcript: bool
) -> None:
    # A client that cannot resume takes its session with it when it leaves.
    playable = [step for step in script if private_events or step[0] not in ("leave", "return")]
    model = Model(private_events=private_events, save_transcript=save_transcript)
    run(model, playable)
    model.take(model.session.end(EndReason.ADMIN_ENDED, model.now))
    assert model.ended is not None
    assert model.unfinished() == set()


@BUDGET
@given(st.lists(steps, max_size=20))
def test_a_provider_that_dies_for_good_leaves_no_answer_unfinished(
    script: list[tuple[str, Any]],
) -> None:
    model = Model(private_events=True)
    run(model, script)
    model.drop()
    while model.ended is None:
        model.take(model.session.upstream_failed(UpstreamFailed("Gone."), model.now))
    assert model.unfinished() == set()
    told = Counter(event["type"] for event in model.told)
    assert told["session.created"] == 1


@BUDGET
@given(st.lists(client_frames, max_size=20))
def test_frames_that_come_before_the_session_is_announced_are_answered_in_order(
    frames: list[str | bytes],
) -> None:
    """What came early is treated as what comes now: the same effects, behind the greeting."""
    early, late = Model(), Model()
    for raw in frames:
        assert early.take(early.session.receive_from_client(raw, 0.0)) == []
    early.come_up()
    late.come_up()
    for raw in frames:
        late.client(raw)
    types = [event["type"] for event in early.told if event["type"] != "conversation.created"]
    assert types[0] == "session.created"
    assert types == [event["type"] for event in late.told]
    assert [event["session"] for event in early.sent] == [event["session"] for event in late.sent]
    early.check()
