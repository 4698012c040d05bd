"""From a credential to everything a session is born with: all the database work of opening one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from conversations.models import Conversation
from conversations.queries import history_for_seed
from realtime import catalogue, lifecycle, mint, quotas, sweep
from realtime.auth import Caller
from realtime.availability import require_voice
from realtime.core.dialect import Dialect
from realtime.core.effects import EndReason
from realtime.core.errors import Forbidden, LimitReached, NotFound, Unavailable
from realtime.core.limits import SessionLimits
from realtime.core.policy import Policy
from realtime.core.records import ItemSource, Role
from realtime.core.session_config import SeedItem, SessionSetup, clamp_session
from realtime.core.session_kind import SessionKind, kind_of
from realtime.models import RealtimeModel, RealtimeSession
from realtime.provider_health import require_answering
from realtime.runtime.ports import UpstreamTarget
from realtime.store import StoredSession
from realtime.voice_config import server_instructions, transcription_model_of

SEED_TOKENS = 4_000  # heavy text history makes voice models answer in writing (protocol §7)


@dataclass(frozen=True, slots=True)
class Opening:
    """A session that holds its slot and waits for a client; start it or release it."""

    row: StoredSession
    connection_id: str
    user_id: int
    setup: SessionSetup
    target: UpstreamTarget


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
) -> Opening:
    """Find or make the session, take its slot, and read what it starts from.

    conversation_id: for callers without a secret; a secret is bound to its own conversation.
    replaces_lost: the client asked to resume a run that is not in this process.
    kind: what the caller wants; None: what its secret is for, else a conversation.
    model: asked for by a caller without a secret; one that policy does not name is not obeyed.
    Raises any VoiceError but the upstream ones, and ConversationNotFound.
    """
    require_voice()
    require_answering(will_dial=False)
    session = caller.session
    if session is None:
        session = _direct_session(caller, conversation_id, kind or SessionKind.REALTIME, model)
    elif kind is not None and kind is not kind_of(session.config):
        raise Forbidden(
            "This client secret opens a session of another type.",
            code="session_type_mismatch",
            param="intent",
        )
    conversation = session.conversation
    if conversation is None:
        raise NotFound(
            "The conversation of this session was deleted.", code="conversation_not_found"
        )
    connection_id = secrets.token_hex(12)
    try:
        _take_slot(session, connection_id, server_id, heartbeats_trusted)
    except Exception:
        if caller.session is None:
            session.delete()
        raise
    try:
        require_answering(will_dial=True)
    except Unavailable:
        lifecycle.finish(session.pk, connection_id, EndReason.UPSTREAM_ERROR)
        raise
    return Opening(
        row=StoredSession(
            pk=session.pk,
            public_id=session.public_id,
            conversation_id=conversation.pk,
            provider=session.provider,
            model=session.model,
            transcription_model=transcription_model_of(session.config),
            save_transcript=session.save_transcript,
        ),
        connection_id=connection_id,
        user_id=session.user_id,
        setup=_setup(
            session,
            conversation,
            dialect=dialect,
            private_events=private_events,
            replaces_lost=replaces_lost,
            run_id=connection_id,
        ),
        target=UpstreamTarget(
            model=session.model,
            safety_identifier=safety_identifier(session.user_id),
            only_listens=kind_of(session.config) is SessionKind.TRANSCRIPTION,
        ),
    )


def _direct_session(
    caller: Caller, conversation_id: str | None, kind: SessionKind, model: str | None
) -> RealtimeSession:
    transcribes = kind is SessionKind.TRANSCRIPTION and model in policy().transcription_models
    return mint.create_direct_session(
        caller.user,
        conversation_id,
        caller.sign_in_id,
        kind=kind,
        transcription_model=model if transcribes else None,
    )


def safety_identifier(user_id: int) -> str:
    """Stable per user, meaningless to the provider."""
    return hmac.new(
        settings.SECRET_KEY.encode(), f"user {user_id}".encode(), hashlib.sha256
    ).hexdigest()


def policy() -> Policy:
    """What clients may ask of a session on this server now."""
    transcription = RealtimeModel.objects.filter(kind=RealtimeModel.Kind.TRANSCRIPTION)
    return Policy(
        transcription_model=settings.REALTIME_TRANSCRIPTION_MODEL,
        transcription_models=frozenset(transcription.values_list("name", flat=True))
        | {settings.REALTIME_TRANSCRIPTION_MODEL},
        models=frozenset(catalogue.models()),
        voices=frozenset(catalogue.voices()),
        max_instructions_bytes=settings.LIMIT_INSTRUCTIONS_BYTES,
        max_tools=settings.LIMIT_TOOLS,
    )


def _take_slot(
    session: RealtimeSession, connection_id: str, server_id: str, heartbeats_trusted: bool
) -> None:
    try:
        quotas.take_slot(session, connection_id=connection_id, server_id=server_id)
    except LimitReached:
        # The slots may be held by a server that died since the last sweep.
        if not sweep.end_lost_sessions(
            trust_heartbeats=heartbeats_trusted, user_id=session.user_id
        ):
            raise
        quotas.take_slot(session, connection_id=connection_id, server_id=server_id)


def _setup(
    session: RealtimeSession,
    conversation: Conversation,
    *,
    dialect: Dialect,
    private_events: bool,
    replaces_lost: bool,
    run_id: str,
) -> SessionSetup:
    rules = policy()
    config = clamp_session(session.config, rules)
    asked: dict[str, Any] = session.config.get("audio", {}).get("input", {})
    listens = kind_of(config) is SessionKind.TRANSCRIPTION
    ours = "" if listens else server_instructions(session.language)
    theirs = str(config.get("instructions") or "")
    if not listens:
        config["instructions"] = f"{ours}\n\n{theirs}" if theirs else ours
    return SessionSetup(
        session_id=session.public_id,
        model=session.model,
        config=config,
        policy=rules,
        limits=SessionLimits(
            max_duration_s=settings.LIMIT_SESSION_SEC,
            idle_timeout_s=settings.LIMIT_IDLE_SEC,
            events_per_s=settings.LIMIT_EVENTS_PER_SEC,
            audio_bytes_per_s=settings.LIMIT_AUDIO_BYTES_PER_SEC,
            resume_s=settings.LIMIT_RESUME_SEC,
        ),
        seed=tuple(
            SeedItem(item_id, Role(role), text)
            for item_id, role, text in history_for_seed(conversation, SEED_TOKENS)
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
    )
