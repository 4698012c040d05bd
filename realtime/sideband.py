"""The face of WebRTC calls: the media go between client and provider, the session runs beside them.

The provider answers the client's offer with our key and the session that policy allows; from then
on our server listens by the call's id, with the same session, recorder and store as on a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from realtime import calls, client_secrets, database, lifecycle, providers, sessions
from realtime.auth import Caller, Credential, authenticate
from realtime.availability import require_webrtc
from realtime.call_client import CallClient
from realtime.call_listeners import CallListener
from realtime.core.effects import EndReason
from realtime.core.errors import NotFound, Unavailable, UpstreamFailed, VoiceError
from realtime.core.session_config import initial_config
from realtime.models import RealtimeSession
from realtime.opening import CallWish, Opening
from realtime.provider_health import watched
from realtime.runtime.ports import CallAnswer, CallsProvider, ClientPort

logger = logging.getLogger(__name__)

_hanging_up: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """`call_id` is the session's public id: the provider's own is known to our server alone."""

    call_id: str
    sdp: str


async def open_call(
    credential: Credential | None,
    sdp_offer: str,
    *,
    config: Mapping[str, Any] | None = None,
    conversation_id: str | None = None,
    model: str | None = None,
) -> AnsweredCall:
    """Have the provider answer the offer, and listen to the call from then on.

    config: a GA session object, already held to policy; with a client secret there must be none.
    model: asked for in the address; what policy does not name is not obeyed.
    Raises any VoiceError, and ConversationNotFound.
    """
    await database.run(require_webrtc)
    opened = await sessions.admit(
        credential,
        conversation_id=conversation_id,
        model=model,
        call=CallWish(config),
        transport="webrtc",
    )
    assert isinstance(opened, Opening)
    try:
        await database.run(calls.check_rate, opened.user_id)
        await providers.load_calls(opened.route)
        provider = providers.calls_provider(opened.route)
        answer = await _ask(provider, sdp_offer, opened)
    except BaseException as error:
        gave_up = isinstance(error, asyncio.CancelledError)
        why = EndReason.CLIENT_LOST if gave_up else EndReason.UPSTREAM_ERROR
        await asyncio.shield(sessions.abandon(opened, why))
        raise
    await _listen(provider, opened, answer)
    logger.info(
        "call %s: offer of %d bytes answered with %d",
        opened.row.public_id,
        len(sdp_offer),
        len(answer.sdp),
    )
    return AnsweredCall(opened.row.public_id, answer.sdp)


async def listen_in(
    credential: Credential | None, call_id: str
) -> Callable[[ClientPort], CallListener]:
    """Check that a caller may listen to a call of their own; what is returned begins it.

    Raises NotAuthenticated, NotFound (another's, too) or Unavailable (another process holds it).
    """
    caller = await database.run(authenticate, credential)
    await database.run(_require_own_call, caller, call_id)
    live = sessions.run_of(call_id)
    if live is None or not isinstance(live.runner.client, CallClient):
        raise Unavailable(
            "Another process of this server holds the call. Try again.",
            code="call_elsewhere",
            retry_after_s=1,
        )
    runner, heard = live.runner, live.runner.client
    return lambda client: heard.listen(client, runner.from_client)


def _require_own_call(caller: Caller, call_id: str) -> None:
    session = RealtimeSession.objects.filter(public_id=call_id, user=caller.user).first()
    is_another = caller.session is not None and caller.session != session
    if session is None or is_another or calls.running_lease(session.pk) is None:
        raise call_not_found()


def call_not_found() -> NotFound:
    """As OpenAI says it, of a call that is over, somebody else's, or never was."""
    return NotFound("No session found for the provided call_id", code="call_id_not_found", param="")


def hang_up(credential: Credential | None, call_id: str) -> None:
    """End a call of one's own, in whichever process it is held; one that is over already is fine.
    Synchronous, for threads.

    Raises NotAuthenticated or NotFound (another's, too).
    """
    if credential is not None and credential.raw.startswith(client_secrets.PREFIX):
        bound = client_secrets.session_of(credential.raw)
        session = bound if bound.public_id == call_id else None
    else:
        user = authenticate(credential).user
        session = RealtimeSession.objects.filter(public_id=call_id, user=user).first()
    if session is None or not session.calls.exists():
        raise call_not_found()
    if calls.running_lease(session.pk) is not None:
        sessions.request_end(call_id, None, why=EndReason.USER_HANGUP)


async def _ask(provider: CallsProvider, sdp_offer: str, opened: Opening) -> CallAnswer:
    session = initial_config(opened.setup)
    if not opened.target.only_listens:
        session["model"] = opened.target.model
    try:
        asking = watched(provider.create_call(sdp_offer, session, opened.target), opened.route.url)
        answer = await _unless_given_up(provider, asking)
    except UpstreamFailed as error:
        logger.warning(
            "call %s: offer of %d bytes refused: %s %s, answer of %d bytes",
            opened.row.public_id,
            len(sdp_offer),
            getattr(error, "provider_status", "-"),
            error.code,
            getattr(error, "answer_bytes", 0),
        )
        raise
    if not answer.sdp.startswith("v="):
        raise UpstreamFailed(
            "The voice provider's answer to the call is no SDP.",
            code="upstream_bad_answer",
            retryable=False,
        )
    return answer


async def _unless_given_up(
    provider: CallsProvider, asking: Coroutine[Any, Any, CallAnswer]
) -> CallAnswer:
    """The provider's answer. A caller who does not wait for it leaves no call behind: it is hung up
    as soon as its id is known."""
    answering = asyncio.create_task(asking, name="call")
    try:
        return await asyncio.shield(answering)
    except asyncio.CancelledError:
        task = asyncio.create_task(_hang_up_answered(provider, answering), name="hang up")
        _hanging_up.add(task)
        task.add_done_callback(_hanging_up.discard)
        raise


async def _hang_up_answered(provider: CallsProvider, answering: asyncio.Task[CallAnswer]) -> None:
    with contextlib.suppress(VoiceError):  # then there is no call, or nobody who knows of it
        answer = await answering
        logger.info("call %s is hung up: its caller did not wait for it", answer.call_id)
        await provider.hangup(answer.call_id)


async def _listen(provider: CallsProvider, opened: Opening, answer: CallAnswer) -> None:
    """The call runs: whatever goes wrong from here on hangs it up."""
    pk, connection_id = opened.row.pk, opened.connection_id
    lease_pk: int | None = None
    try:
        lease = await database.run(
            calls.open_lease, pk, answer.call_id, connection_id, sessions.server_id()
        )
        lease_pk = lease.pk
        await database.run(lifecycle.mark_live, pk, connection_id)
        client = CallClient(provider, answer.call_id, lease_pk, connection_id)
        target = replace(opened.target, call_id=answer.call_id)
        await sessions.start(replace(opened, target=target), client)
    except BaseException:
        await asyncio.shield(_give_up(provider, opened, answer, lease_pk))
        raise


async def _give_up(
    provider: CallsProvider, opened: Opening, answer: CallAnswer, lease_pk: int | None
) -> None:
    try:
        await provider.hangup(answer.call_id)
        if lease_pk is not None:
            await database.run(calls.close_lease, lease_pk, opened.connection_id)
    finally:
        await sessions.abandon(opened, EndReason.UPSTREAM_ERROR)
