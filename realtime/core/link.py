"""The way to the provider: dial, set up, seed, go live; and all of it again when it drops us.

Start-up (protocol §7): dial → `session.created` → our `session.update` → `session.updated` →
history as text items → one `session.created` for the client. The provider handles events in order,
so the client's first frames need not wait for the echoes of the history.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from realtime.core import names
from realtime.core.effects import Effect, EndReason, OpenUpstream, SendUpstream, SessionStarted
from realtime.core.ending import end_session, settle_lost, tell_cut
from realtime.core.errors import Forbidden, UpstreamFailed, UpstreamTimedOut, VoiceError
from realtime.core.frames import Frame, dump, mapping_or_empty, string_or_none
from realtime.core.items import NO_IDS, without
from realtime.core.seeding import history_items
from realtime.core.session_kind import SessionKind
from realtime.core.session_state import Phase, SessionState

# A provider session that lived this long was a good one: the next drop counts from the start.
_HEALTHY_AFTER_S: Final = 10.0
# Re-dials are spread by this share, so that many sessions do not come back in one instant.
_JITTER: Final = 0.2

# A history, and what is set right behind it. A provider refuses soon, or never.
_MOST_OWN_EVENTS: Final = 1024

# A close reason must be a word; what a provider gives as code may be anything.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")

# What a refusal in the provider's words is in ours. Its own sentence may quote our key.
_REFUSALS: Final = {
    "invalid_api_key": ("upstream_auth", "The voice provider refused our key."),
    "insufficient_quota": ("upstream_quota", "Our quota at the voice provider is used up."),
    "rate_limit_exceeded": ("upstream_rate_limited", "The voice provider is limiting our calls."),
    "model_not_found": ("upstream_model", "The voice provider does not have this model."),
}


class UpstreamLink:
    """Owns every phase but LIVE; `owns` tells echoes of our own frames from the client's."""

    def __init__(self, state: SessionState) -> None:
        self._state = state
        self._attempt = 0
        self._deadline: float | None = None
        self._live_since: float | None = None
        self._created_event_id: str | None = None
        self._setup_event_id = ""
        self.last_own_event_id = ""
        self._own_event_ids: dict[str, None] = {}  # the oldest first
        self._predecessors: dict[str, str] = {}  # of every seeded item, "root" for the first
        self._deleting_ids = NO_IDS
        self._speak_again = False

    @property
    def deadline(self) -> float | None:
        """When the provider must have finished the set-up."""
        return self._deadline

    def dial(self, delay_s: float = 0.0) -> list[Effect]:
        self._state.phase = Phase.DIALING
        self._deadline = None
        return [OpenUpstream(delay_s)]

    def opened(self, now: float) -> list[Effect]:
        self._state.phase = Phase.CREATING
        self._deadline = now + self._state.setup.limits.setup_timeout_s
        return []

    def failed(self, error: VoiceError, now: float) -> list[Effect]:
        """The dial or the set-up failed: try again where that can help, else end."""
        retryable = isinstance(error, UpstreamTimedOut) or (
            isinstance(error, UpstreamFailed) and error.retryable
        )
        delays_s = self._delays_s
        # Before the client has seen a session it can dial again itself, with the same secret.
        if not (self._state.announced and retryable and self._attempt < len(delays_s)):
            return end_session(self._state, EndReason.UPSTREAM_ERROR, error)
        return self._redial(now)

    def timed_out(self, now: float) -> list[Effect]:
        error = UpstreamTimedOut("The voice provider did not set up the session in time.")
        return self.failed(error, now)

    def closed(self, code: int, reason: str, now: float, unsent: Sequence[str]) -> list[Effect]:
        state = self._state
        if state.phase is not Phase.LIVE:
            return self.failed(closed_error(code, reason), now)
        self._forgive(now)
        if self._attempt >= len(self._delays_s):
            return end_session(state, EndReason.UPSTREAM_CLOSED)
        # An answer that the voice detection asked for and nobody heard: ask again. What was begun
        # is never spoken twice, and what the client asked for it can ask again itself.
        self._speak_again = any(
            not response.asked and not response.has_output for response in state.responses.active
        )
        effects = settle_lost(state, "upstream_closed")
        again = state.outstanding.take(raw for raw in unsent if not self._is_own(raw))
        state.hold_first(again)
        return [*effects, *state.notice_to_client("provider_reconnecting"), *self._redial(now)]

    def receive(self, frame: Frame, now: float) -> list[Effect]:
        """A provider event before the session is live."""
        if frame.type == names.ERROR:
            return self._refused(mapping_or_empty(frame.body.get("error")), now)
        if self._state.phase is Phase.CREATING and frame.type == names.SESSION_CREATED:
            return self._configure(frame)
        if self._state.phase is Phase.CONFIGURING and frame.type == names.SESSION_UPDATED:
            return self._go_live(frame, now)
        return []

    def hears_already(self, frame: Frame) -> bool:
        """A provider event during the set-up that is more than its answer."""
        return False

    def seeded_after(self, item_id: str) -> str | None:
        """What stands before an item that the present provider session got from us, as text
        (`root` at the front); None for any other item."""
        return self._predecessors.get(item_id)

    def expect_deletion(self, item_id: str) -> None:
        """We asked the provider to delete this item of ours; its answer stays with us."""
        self._deleting_ids |= {item_id}

    def own_event(self, body: Mapping[str, Any]) -> str:
        """The text of a client event of our own, marked so that its answers stay with us."""
        return dump({**body, "event_id": self._own_event_id()})

    def owns(self, frame: Frame) -> bool:
        """Whether a provider event only answers what we did ourselves: it stays with us."""
        if frame.type in (names.ITEM_ADDED, names.ITEM_DONE):
            item = mapping_or_empty(frame.body.get("item"))
            return string_or_none(item.get("id")) in self._predecessors
        deleted = string_or_none(frame.body.get("item_id"))
        if frame.type == names.ITEM_DELETED and deleted in self._deleting_ids:
            self._deleting_ids = without(self._deleting_ids, deleted)
            return True
        if frame.type == names.ERROR:
            error = mapping_or_empty(frame.body.get("error"))
            return string_or_none(error.get("event_id")) in self._own_event_ids
        return False

    def _configure(self, created: Frame) -> list[Effect]:
        self._state.phase = Phase.CONFIGURING
        self._created_event_id = created.event_id
        self._setup_event_id = self._state.ids.next()
        return [
            SendUpstream(
                dump(
                    {
                        "type": names.SESSION_UPDATE,
                        "event_id": self._setup_event_id,
                        "session": self._state.config,
                    }
                )
            )
        ]

    def _go_live(self, updated: Frame, now: float) -> list[Effect]:
        state = self._state
        session = mapping_or_empty(updated.body.get("session"))
        state.learn_session(session)
        state.phase = Phase.LIVE
        self._deadline = None
        self._live_since = now
        effects: list[Effect] = self._seed()
        if state.announced:
            effects += tell_cut(state, "incomplete")
            effects += state.notice_to_client("provider_reconnected")
            if self._speak_again:
                effects += [SendUpstream(dump({"type": names.RESPONSE_CREATE}))]
            self._speak_again = False
            return effects + state.release_held(now)
        state.announced = True
        state.ends_at = now + state.setup.limits.max_duration_s
        state.idle.touch(now)
        if state.setup.replaces_lost:
            effects += state.resumed_to_client(recovered=False)
        effects += state.to_client(self._created_for_client(session))
        effects.append(SessionStarted())
        dialects_own = state.edge.greeting()
        if dialects_own is not None:
            effects += state.event_to_client(dialects_own)
        return effects + self._greet(now)

    def _greet(self, now: float) -> list[Effect]:
        setup = self._state.setup
        if not setup.greeting or setup.kind is SessionKind.TRANSCRIPTION:
            return []
        greet = {"type": names.RESPONSE_CREATE, "event_id": self._own_event_id()}
        frame = Frame(dump(greet), names.RESPONSE_CREATE, greet, greet["event_id"])
        return self._state.to_upstream(frame, now)

    def _created_for_client(self, session: Any) -> Frame:
        """The provider's `session.created`, with the session as we configured it."""
        named = self._created_event_id or self._state.ids.next()
        created = {"type": names.SESSION_CREATED, "event_id": named, "session": session}
        return Frame(dump(created), names.SESSION_CREATED, created, named)

    def _seed(self) -> list[Effect]:
        """Create the history: earlier messages, then what this session has finished."""
        self._own_event_ids.clear()
        self._predecessors.clear()
        self._deleting_ids = NO_IDS
        effects: list[Effect] = []
        if self._state.setup.kind is SessionKind.TRANSCRIPTION:
            return effects  # it answers nothing, so it need not know what was said before
        previous = "root"
        for item in history_items(self._state.seed, self._state.recorder.items):
            self._predecessors[item["id"]] = previous
            create = {"type": names.ITEM_CREATE, **self._place(previous), "item": item}
            effects.append(SendUpstream(self.own_event(create)))
            previous = item["id"]
        return effects

    def _place(self, previous: str) -> dict[str, str]:
        """Where to put an item of the history: nobody has spoken yet, so at the end."""
        return {}

    @property
    def _delays_s(self) -> tuple[float, ...]:
        return self._state.setup.limits.redial_delays_s

    def _forgive(self, now: float) -> None:
        if self._live_since is not None and now - self._live_since >= _HEALTHY_AFTER_S:
            self._attempt = 0

    def _own_event_id(self) -> str:
        self.last_own_event_id = self._state.ids.next()
        self._own_event_ids[self.last_own_event_id] = None
        while len(self._own_event_ids) > _MOST_OWN_EVENTS:
            del self._own_event_ids[next(iter(self._own_event_ids))]
        return self.last_own_event_id

    def _is_own(self, raw: str) -> bool:
        """Whether this is what `own_event` made: its id stands at its end."""
        _, _, end = raw.rpartition('"event_id":"')
        return end.removesuffix('"}') in self._own_event_ids

    def _refused(self, error: Any, now: float) -> list[Effect]:
        """An `error` event during the set-up; only one about the set-up itself is fatal there."""
        answers = error.get("event_id")
        if self._state.phase is Phase.CONFIGURING and answers not in (None, self._setup_event_id):
            return []
        code = string_or_none(error.get("code")) or ""
        if self._is_about_the_session(error, code):
            refused = Forbidden(
                self._state.edge.without_quotes(str(error.get("message") or "")),
                code=code if _CODE.fullmatch(code) else "invalid_value",
                param=error["param"],
            )
            return end_session(self._state, EndReason.POLICY_BLOCKED, refused)
        word, sentence = _REFUSALS.get(
            code, ("upstream_refused", "The voice provider refused the session.")
        )
        retryable = code == "rate_limit_exceeded" or error.get("type") == "server_error"
        return self.failed(UpstreamFailed(sentence, code=word, retryable=retryable), now)

    def _is_about_the_session(self, error: Any, code: str) -> bool:
        """Whether the provider refuses what was asked at the mint: a fault of the request, which
        nobody but who made it can mend, and no failure of the provider."""
        param = string_or_none(error.get("param")) or ""
        names_a_field = param == "session" or param.startswith("session.")
        is_ours = code in _REFUSALS or error.get("type") == "server_error"
        return self._state.phase is Phase.CONFIGURING and names_a_field and not is_ours

    def _redial(self, now: float) -> list[Effect]:
        state = self._state
        delay_s = self._delays_s[self._attempt]
        self._attempt += 1
        return self.dial(delay_s * (1 + _JITTER * (2 * state.random.random() - 1)))


def closed_error(code: int, reason: str) -> UpstreamFailed:
    for provider_word, (word, sentence) in _REFUSALS.items():
        if provider_word in reason:
            return UpstreamFailed(sentence, code=word, retryable=False)
    return UpstreamFailed(
        f"The voice provider closed the session while it was set up (code {code}).",
        code="upstream_closed",
    )
