"""Creating a session and the secret that opens it. No runtime is touched (design §3, walk 3)."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.kept_rows import one_moment
from accounts.models import User
from conversations.access import access_conversation
from conversations.actions import create_conversation
from conversations.models import Conversation
from conversations.rows import insert
from realtime import client_secrets, quotas
from realtime.availability import require_voice, require_webrtc
from realtime.core.session_kind import SessionKind, kind_of
from realtime.models import RealtimeSession
from realtime.policies import effective_model, policy_for, within_policy
from realtime.provider_health import require_answering
from realtime.upstream_routes import route_of
from realtime.voice_config import (
    SERVER_VAD,
    MintRequest,
    default_transcription,
    ga_session,
    listening_session,
    transcription_model_of,
)

ID_RANDOM_BYTES = 16


@dataclass(frozen=True, slots=True)
class Minted:
    """`secret.value` is shown to its owner now and never again."""

    session: RealtimeSession
    secret: client_secrets.IssuedSecret


@one_moment()
def mint(
    user: User,
    request: MintRequest,
    sign_in_id: uuid.UUID | None = None,
    *,
    is_api_client: bool = False,
) -> Minted:
    """A session in state `minted`, and a client secret that opens it.

    Raises Unavailable, ConversationNotFound (another user's, too), LimitReached, QuotaExhausted.
    """
    require_voice()
    if request.transport == "webrtc":
        require_webrtc()
    conversation = _existing_conversation(user, request)
    with quotas.counting(user.pk):
        quotas.authorize_session(user.pk, is_text_only=request.is_text_only)
        session = create_session(
            user,
            request,
            conversation=conversation or create_conversation(user, hidden=True),
            config=ga_session(request),
            sign_in_id=sign_in_id,
            is_api_client=is_api_client,
        )
        secret = client_secrets.issue(session, settings.REALTIME_TOKEN_EXPIRY_SEC)
    return Minted(session, secret)


@one_moment()
def mint_ga(
    user: User, config: Mapping[str, Any], life_s: int, sign_in_id: uuid.UUID | None = None
) -> Minted:
    """The same for `/v1/realtime/client_secrets`, whose caller gives a whole GA session object."""
    require_voice()
    is_text_only = config.get("output_modalities") == ["text"]
    request = MintRequest(is_text_only=is_text_only)
    with quotas.counting(user.pk):
        quotas.authorize_session(user.pk, is_text_only=is_text_only)
        session = create_session(
            user,
            request,
            conversation=create_conversation(user, hidden=True),
            config=config,
            sign_in_id=sign_in_id,
            is_api_client=True,
        )
        secret = client_secrets.issue(session, life_s)
    return Minted(session, secret)


@one_moment()
def create_direct_session(
    user: User,
    conversation_id: str | None,
    sign_in_id: uuid.UUID | None = None,
    *,
    kind: SessionKind = SessionKind.REALTIME,
    model: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> RealtimeSession:
    """For a socket or a call opened with a JWT or an API key: a session without a secret.

    model: a request: one that the caller's policy does not allow is not obeyed.
    config: a GA session object that policy allows; None: one of defaults.
    """
    require_voice()
    conversation = access_conversation(user, conversation_id) if conversation_id else None
    request = default_request()
    if config is None and kind is SessionKind.TRANSCRIPTION:
        policy = policy_for(user)
        allowed = model in policy.transcription_models
        config = listening_session(model if allowed else policy.transcription_model)
    elif config is None:
        config = ga_session(request)
    with quotas.counting(user.pk):
        is_text_only = config.get("output_modalities") == ["text"]
        quotas.authorize_session(user.pk, is_text_only=is_text_only)
        return create_session(
            user,
            request,
            conversation=conversation or create_conversation(user, hidden=True),
            config=config,
            sign_in_id=sign_in_id,
            is_api_client=True,
            model=model,
        )


def default_request() -> MintRequest:
    return MintRequest(turn_detection=SERVER_VAD, transcription=default_transcription())


def create_session(
    user: User,
    request: MintRequest,
    *,
    conversation: Conversation,
    config: Mapping[str, Any],
    sign_in_id: uuid.UUID | None,
    is_api_client: bool = False,
    model: str | None = None,
) -> RealtimeSession:
    """The row alone; the caller counts it against the user's limits, in the same transaction.

    model: a request, as is `config["model"]`. What the server chooses is chosen within the user's
    policy. Raises Unavailable when the model's provider is known not to answer.
    """
    policy = policy_for(user)
    if kind_of(config) is SessionKind.REALTIME:
        config = within_policy(config, policy)
    audio_output = config.get("audio", {}).get("output", {})
    voice = audio_output.get("voice", policy.default_voice)
    if kind_of(config) is SessionKind.TRANSCRIPTION:
        voice, model = "", transcription_model_of(config)
    else:
        model = effective_model(policy, model or config.get("model"))
    route = route_of(model)
    require_answering(route.url, will_dial=False)
    is_text_only = request.is_text_only or config.get("output_modalities") == ["text"]
    session = RealtimeSession(
        public_id=f"rtc_{user.pk}_{secrets.token_hex(ID_RANDOM_BYTES)}",
        user=user,
        conversation=conversation,
        transport=request.transport,
        provider=route.provider,
        model=model,
        voice=voice if isinstance(voice, str) else str(voice.get("id", "")),
        language=request.language or "",
        config=dict(config),
        is_api_client=is_api_client,
        is_text_only=is_text_only,
        greeting=request.greeting,
        save_transcript=request.save_transcript,
        sign_in_id=sign_in_id,
    )
    insert(session)
    return session


def _existing_conversation(user: User, request: MintRequest) -> Conversation | None:
    if request.conversation_id is None:
        return None
    return access_conversation(user, request.conversation_id)
