"""From a credential to everything a session is born with: all the database work of opening one."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.kept_rows import one_moment
from conversations.queries import history_for_seed
from realtime import lifecycle, mint, quotas, sweep
from realtime.auth import Caller
from realtime.availability import require_voice
from realtime.core.dialect import Dialect
from realtime.core.effects import EndReason
from realtime.core.errors import Forbidden, InvalidEvent, LimitReached, NotFound, Unavailable
from realtime.core.limits import SessionLimits
from realtime.core.policy import Policy
from realtime.core.records import ItemSource, Role
from realtime.core.session_config import CallSetup, SeedItem, SessionSetup, clamp_session
from realtime.core.session_kind import SessionKind, kind_of
from realtime.models import RealtimeSession
from realtime.policies import effective_model, policy_for, within_policy
from realtime.provider_health import require_answering
from realtime.runtime.ports import UpstreamTarget
from realtime.shared_config import shared_config
from realtime.store import StoredSession
from realtime.upstream_routes import UpstreamRoute, route_of
from realtime.voice_config import server_instructions, transcription_model_of
from realtime.voice_settings import voice_in_effect

SEED_TOKENS = 4_000  # heavy text history makes voice models answer in writing (protocol §7)


@dataclass(frozen=True, slots=True)
class CallWish:
    """The session is to be a WebRTC call. config: the GA session object that a caller without a
    secret asks for, allowed by policy; None: the defaults, or what the secret is bound to."""

    config: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A session that holds its slot and waits for a client; start it or release it."""

    row: StoredSession
    connection_id: str
    user_id: int
    setup: SessionSetup
    route: UpstreamRoute
    target: UpstreamTarget
    transport: str


@one_moment()
def take(
    caller: Caller,
    *,
    conversation_id: str | None,
    dialect: Dialect,
    private_events: bool,
    replaces_lost: bool,
    server_id: str,
    heartbeats_trusted: bool,
    kind: SessionKind | None = None,
    model: str | None = None,
    call: CallWish | None = None,
) -> Opening:
    """Find or make the session, take its slot, and read what it starts from.

    conversation_id: for callers without a secret; a secret is bound to its own conversation.
    replaces_lost: the client asked to resume a run that is not in this process.
    kind: what the caller wants; None: what its secret is for, else a conversation.
    model: a request, obeyed where policy allows that model and no secret names another.
    call: the media go to the provider, we listen beside them.
    Raises any VoiceError but the upstream ones, and ConversationNotFound.
    """
    require_voice()
    session = caller.session
    policy = policy_for(caller.user)
    asked = None if call is None else call.config
    if session is None:
        session = mint.create_direct_session(
            caller.user,
            conversation_id,
            caller.sign_in_id,
            kind=kind or SessionKind.REALTIME,
            model=model,
            config=asked,
        )
    elif asked is not None:
        raise InvalidEvent(
            "The session of a client secret was set when the secret was made.",
            code="invalid_value",
            param="session",
        )
    elif kind is not None and kind is not kind_of(session.config):
        raise Forbidden(
            "This client secret opens a session of another type.",
            code="session_type_mismatch",
            param="intent",
        )
    # Its deletion takes this away from the row.
    home = session.conversation_id
    if home is None:
        raise NotFound(
            "The conversation of this session was deleted.", code="conversation_not_found"
        )
    _choose_model(session, policy, model)
    config = _allowed_config(session, policy)
    route = route_of(session.model)
    if session.provider != route.provider:  # an administrator has chosen another since the mint
        session.provider = route.provider
        session.save(update_fields=["provider"])
    require_answering(route.url, will_dial=False)
    connection_id = secrets.token_hex(12)
    transport = _transport(session, is_call=call is not None)
    try:
        _take_slot(session, connection_id, server_id, transport, heartbeats_trusted)
    except Exception:
        if caller.session is None:
            session.delete()
        raise
    try:
        require_answering(route.url, will_dial=True)
    except Unavailable:
        lifecycle.finish(session.pk, connection_id, EndReason.UPSTREAM_ERROR)
        raise
    setup = _setup(
        session,
        home,
        policy,
        config,
        dialect=dialect,
        private_events=private_events,
        replaces_lost=replaces_lost,
        run_id=connection_id,
    )
    if call is not None:
        setup = dataclasses.replace(setup, call=CallSetup())
    return _opening(session, home, connection_id, setup, route)


def take_over(session_pk: int, connection_id: str, unheard_ms: int) -> Opening | None:
    """Go on with a call that another server held; None when it has no home any more.

    Call when `connection_id` owns the session already; the slot stays taken.
    """
    session = RealtimeSession.objects.get(pk=session_pk)
    home = session.conversation_id
    if home is None:
        return None
    setup = _setup(
        session,
        home,
        policy_for(session.user),
        dict(session.config),  # it runs with that already
        dialect=Dialect.GA,
        private_events=False,
        replaces_lost=False,
        run_id=connection_id,
    )
    run_for_s = 0.0
    if session.started_at is not None:
        run_for_s = (timezone.now() - session.started_at).total_seconds()
    limits = dataclasses.replace(
        setup.limits, max_duration_s=max(0.0, setup.limits.max_duration_s - run_for_s)
    )
    setup = dataclasses.replace(
        setup,
        limits=limits,
        seed=(),  # the call has its history
        greeting=False,
        call=CallSetup(resumes=True, unheard_ms=unheard_ms),
    )
    # It lives where it was opened, whoever serves new ones.
    route = route_of(session.model, session.provider)
    return _opening(session, home, connection_id, setup, route)


def _opening(
    session: RealtimeSession,
    conversation_id: uuid.UUID,
    connection_id: str,
    setup: SessionSetup,
    route: UpstreamRoute,
) -> Opening:
    return Opening(
        row=StoredSession(
            pk=session.pk,
            public_id=session.public_id,
            conversation_id=conversation_id,
            provider=session.provider,
            model=session.model,
            transcription_model=transcription_model_of(session.config),
            save_transcript=session.save_transcript,
        ),
        connection_id=connection_id,
        user_id=session.user_id,
        setup=setup,
        route=route,
        target=UpstreamTarget(
            model=route.model,
            safety_identifier=safety_identifier(session.user_id),
            only_listens=kind_of(session.config) is SessionKind.TRANSCRIPTION,
        ),
        transport=_transport(session, is_call=setup.call is not None),
    )


def _transport(session: RealtimeSession, *, is_call: bool) -> str:
    """What the row says from now on; a headless session stays what it is."""
    if session.transport == "rest":
        return "rest"
    return "webrtc" if is_call else "websocket"


def safety_identifier(user_id: int) -> str:
    """Stable per user, meaningless to the provider."""
    return hmac.new(
        settings.SECRET_KEY.encode(), f"user {user_id}".encode(), hashlib.sha256
    ).hexdigest()


def _choose_model(session: RealtimeSession, policy: Policy, asked: str | None) -> None:
    """Hold the session's model to today's policy; a mint that named one has decided.

    Raises Unavailable when policy allows none that this server can speak with.
    """
    if kind_of(session.config) is SessionKind.TRANSCRIPTION:
        return
    wish = None if "model" in session.config else asked
    model = effective_model(policy, wish if wish in policy.models else session.model)
    if model != session.model:
        session.model = model
        session.save(update_fields=["model"])


def _allowed_config(session: RealtimeSession, policy: Policy) -> dict[str, Any]:
    """What was minted, as today's policy lets it start. Raises Forbidden for what it forbids."""
    try:
        config = clamp_session(session.config, policy)
    except InvalidEvent as error:
        raise Forbidden(error.message, code=error.code, param=error.param) from None
    listens = kind_of(config) is SessionKind.TRANSCRIPTION
    return config if listens else within_policy(config, policy)


def _take_slot(
    session: RealtimeSession,
    connection_id: str,
    server_id: str,
    transport: str,
    heartbeats_trusted: bool,
) -> None:
    take = partial(
        quotas.take_slot,
        session,
        connection_id=connection_id,
        server_id=server_id,
        transport=transport,
    )
    try:
        take()
    except LimitReached:
        # The slots may be held by a server that died since the last sweep.
        if not sweep.end_lost_sessions(
            trust_heartbeats=heartbeats_trusted, user_id=session.user_id
        ):
            raise
        take()


def _setup(
    session: RealtimeSession,
    conversation_id: uuid.UUID,
    policy: Policy,
    config: dict[str, Any],
    *,
    dialect: Dialect,
    private_events: bool,
    replaces_lost: bool,
    run_id: str,
) -> SessionSetup:
    asked: dict[str, Any] = session.config.get("audio", {}).get("input", {})
    listens = kind_of(config) is SessionKind.TRANSCRIPTION
    ours = "" if listens else server_instructions(session.language)
    theirs = str(config.get("instructions") or "")
    voice = voice_in_effect()
    if not listens:
        config["instructions"] = f"{ours}\n\n{theirs}" if theirs else ours
    config = shared_config(config)
    return SessionSetup(
        session_id=session.public_id,
        model=session.model,
        config=config,
        policy=policy,
        server_instructions_hidden=not policy.may_read_server_instructions,
        limits=SessionLimits(
            max_duration_s=voice.session_s,
            idle_timeout_s=voice.idle_s,
            events_per_s=settings.LIMIT_EVENTS_PER_SEC,
            audio_bytes_per_s=settings.LIMIT_AUDIO_BYTES_PER_SEC,
            resume_s=settings.LIMIT_RESUME_SEC,
            max_responses=settings.LIMIT_RESPONSES_PER_SESSION,
        ),
        seed=tuple(
            SeedItem(item_id, Role(role), text)
            for item_id, role, text in history_for_seed(conversation_id, SEED_TOKENS)
        ),
        dialect=dialect,
        private_events=private_events,
        run_id=run_id,
        replaces_lost=replaces_lost,
        text_source=ItemSource.API if session.is_api_client else ItemSource.TEXT,
        greeting=session.greeting,
        save_transcript=session.save_transcript,
        server_instructions=ours,
        client_instructions=theirs,
        transcription_asked_null="transcription" in asked and asked["transcription"] is None,
        responses_used=session.turns,
    )
