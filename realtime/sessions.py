"""The composition root: what a server process holds, and how one session is put together and ended.

Faces call `admit`, then `start` (or `abandon`); the ASGI lifespan calls `startup`, `drain` and
`shutdown`; REST and the admin call `request_end` from their threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from conversations.titles import one_line
from realtime import (
    call_rescue,
    calls,
    database,
    feed_hub,
    lifecycle,
    looking_in,
    opening,
    providers,
    quotas,
    server_group,
    server_identity,
    serving,
    sweep,
)
from realtime.auth import Credential, authenticate
from realtime.catalogue import PriceBook
from realtime.core.dialect import Dialect
from realtime.core.effects import EndReason
from realtime.core.errors import NotAuthenticated
from realtime.core.session import Session
from realtime.core.session_kind import SessionKind
from realtime.core.tally import NO_SOUND
from realtime.doorway import Doorway
from realtime.group_commit import GroupCommit, transactions_at_once
from realtime.heartbeat import Heartbeat
from realtime.live import LiveSession, LiveSessions
from realtime.models import RealtimeSession, SessionState
from realtime.opening import CallWish, Opening
from realtime.runtime.attachment import Attachment
from realtime.runtime.meters import METERS, measure_lag
from realtime.runtime.ports import ClientPort
from realtime.runtime.registry import Registry
from realtime.runtime.runner import SessionRunner
from realtime.store import SessionStore
from realtime.tracing import writer as log_writer
from realtime.voice_settings import voice_defaults, voice_in_effect

logger = logging.getLogger(__name__)

TAKEOVER_TIMEOUT_S = 5.0
CALLS_EVERY_S = 1.0
END_NOTE_MAX_CHARS = 500
LOOK_NOW = "orders.look"


class Server:
    """Everything a serving process holds. Made on its event loop by `startup`."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        serving.begin()
        self.server_id = server_identity.start().server_id
        self.live = LiveSessions()
        self.registry = Registry()
        self.commits = GroupCommit(transactions_at_once())
        self.doorway = Doorway(transactions_at_once())
        self.prices = PriceBook()
        self._calls_due_at = 0.0
        self.heartbeat = Heartbeat(self.live, self._look_around)
        self.heartbeat_task = self.loop.create_task(self.heartbeat.run(), name="heartbeat")
        self.lag_task = self.loop.create_task(measure_lag(), name="lag")
        self.logs = log_writer.LogWriter()
        self.logs_task = self.loop.create_task(self.logs.run(), name="event logs")
        self.group = server_group.ServerGroup(
            {LOOK_NOW: self._hear_look_now, looking_in.ASK: self._hear_question}
        )
        self.group_task = self.loop.create_task(self.group.listen(), name="server group")

    async def _look_around(self) -> None:
        """What each pulse does besides: sockets of the signed-out, calls of the dead."""
        await feed_hub.close_revoked()
        now = time.monotonic()
        if now < self._calls_due_at:
            return
        self._calls_due_at = now + CALLS_EVERY_S
        await call_rescue.look_after_calls(
            self.server_id,
            self.live,
            trust_renewals=self.heartbeat.beating_for_s > calls.TRUSTED_AFTER_S,
            go_on=lambda opened, client: _run(self, opened, client),
        )

    def look_now(self) -> None:
        """Have the heartbeat read its orders at once. Safe from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody is left to tell
            self.loop.call_soon_threadsafe(self.heartbeat.wake)

    async def _hear_look_now(self, _: server_group.Message) -> None:
        self.heartbeat.wake()

    async def _hear_question(self, asked: server_group.Message) -> None:
        await looking_in.answer(asked, self.live)


@dataclass(frozen=True, slots=True)
class Returning:
    """A client that comes back to a run of this process; its slot is taken again.

    after: the last event it has seen; "" when it does not say.
    """

    live: LiveSession
    after: str


_server: Server | None = None


async def startup() -> None:
    """Call once on the event loop that will serve; sweeps what the last server left behind."""
    _running_server()
    voice = voice_defaults()
    try:
        await database.run(sweep.end_lost_sessions, trust_heartbeats=False)
        voice = await database.run(voice_in_effect)
    except Exception:
        # The heartbeat tries again; a database that is away must not keep the server from starting.
        logger.exception("could not sweep at start")
    providers.warm_up(voice)


async def drain(timeout_s: float) -> None:
    """Refuse new sessions, end the running ones with 1012; an answer in the air may finish."""
    if _server is None:
        return
    serving.stop()
    await _server.registry.drain(timeout_s)


async def shutdown() -> None:
    """Call after the last socket closed. Drains first if `drain` was not called."""
    global _server
    if _server is None:
        return
    await drain(timeout_s=20.0)
    server, _server = _server, None
    for task in (server.heartbeat_task, server.lag_task):
        task.cancel()
    await asyncio.gather(server.heartbeat_task, server.lag_task, return_exceptions=True)
    server.logs.stop()
    await asyncio.wait({server.logs_task}, timeout=log_writer.STOP_TIMEOUT_S)
    for beside in (server.logs_task, server.group_task):
        beside.cancel()
    await asyncio.wait({server.logs_task, server.group_task}, timeout=server_group.TIMEOUT_S)
    feed_hub.stop()
    await providers.aclose()
    await asyncio.to_thread(database.close)
    server_identity.release()
    serving.begin()  # for a server that is started in this process later


def is_draining() -> bool:
    return _server is not None and serving.is_draining()


async def admit(
    credential: Credential | None,
    *,
    conversation_id: str | None = None,
    dialect: Dialect = Dialect.GA,
    private_events: bool = False,
    after: str | None = None,
    kind: SessionKind | None = None,
    model: str | None = None,
    call: CallWish | None = None,
    transport: str = "websocket",
) -> Opening | Returning:
    """Check who opens, and take the session's slot. Follow with `start` or `abandon`.

    after: the client asks to resume behind this event. With private events a secret whose session
    runs in this process comes back to that run, asked or not; in any other case the session is run
    anew, from its history.
    kind, model: what the caller asks for; None: what its secret or the server says.
    transport: for the count of attempts.
    Raises any VoiceError but the upstream ones, and ConversationNotFound.
    """
    server = _running_server()
    METERS.attempts[transport] += 1
    serving.require_serving()
    caller = await database.run(authenticate, credential)
    if private_events and caller.session is not None:
        returning = await _come_back(server, caller.session, after or "")
        if returning is not None:
            return returning
    async with server.doorway.turn():
        return await database.write(
            opening.take,
            caller,
            conversation_id=conversation_id,
            dialect=dialect,
            private_events=private_events,
            replaces_lost=private_events and after is not None,
            server_id=server.server_id,
            heartbeats_trusted=server.heartbeat.is_trusted,
            kind=kind,
            model=model,
            call=call,
        )


async def abandon(opened: Opening | Returning, reason: EndReason = EndReason.CLIENT_LOST) -> None:
    """Free the slot of an admitted session that will not `start`: its client went away."""
    if isinstance(opened, Returning):
        opened.live.runner.expect_no_more()
        return
    await database.write(lifecycle.finish, opened.row.pk, opened.connection_id, reason)


async def start(opened: Opening | Returning, client: ClientPort) -> Attachment:
    """Run the session, or go on with it. Feed the attachment with the client's frames and await its
    `wait_over`.

    An older connection of the same session is closed with 4409. Raises NotAuthenticated when the
    session has ended since it was admitted.
    """
    if isinstance(opened, Returning):
        attachment = opened.live.runner.attach(client, opened.after)
        if attachment is None:
            raise NotAuthenticated(
                "The session of this client secret has just ended. Create a new one.",
                code="client_secret_used",
            )
        opened.live.runner.expect_no_more()
        return attachment
    server = _running_server()
    await _supersede(server, opened)
    return _run(server, opened, client)


def _run(server: Server, opened: Opening, client: ClientPort) -> Attachment:
    runner = SessionRunner(
        Session(opened.setup, time.monotonic()),
        providers.upstream_factory(opened.route),
        opened.target,
        SessionStore(
            opened.row,
            server.look_now,
            partial(server.heartbeat.count, opened.row.pk),
            commits=server.commits,
            prices=server.prices,
        ),
        client,
        _RowObserver(server, opened),
        tap=server.logs.open(opened).tap,
    )
    server.live.add(
        LiveSession(
            pk=opened.row.pk,
            public_id=opened.row.public_id,
            connection_id=opened.connection_id,
            user_id=opened.user_id,
            conversation_id=opened.row.conversation_id,
            runner=runner,
        )
    )
    attachment = runner.start()
    server.registry.add(opened.row.public_id, runner)
    return attachment


def request_end(
    public_id: str,
    actor_id: int | None,
    reason: str = "",
    *,
    why: EndReason = EndReason.ADMIN_ENDED,
) -> bool:
    """End a session wherever it runs (≤ 1 s); False when there is nothing to end.

    Synchronous: call from a thread, not from the event loop. `reason` is the actor's own sentence,
    kept with the session; the person who talks reads it.
    """
    now = timezone.now()
    note = {"end_note": one_line(reason)[:END_NOTE_MAX_CHARS], "ended_by_id": actor_id}
    session = RealtimeSession.objects.filter(public_id=public_id)
    asked = session.running().update(end_requested=why.value, **note)
    if asked:
        look_now()
        return True
    ended = (
        session.filter(slot_taken_at=None)
        .exclude(state__in=[SessionState.ENDED, SessionState.DETACHED])
        .update(state=SessionState.ENDED, end_reason=why.value, ended_at=now, **note)
    )
    return bool(ended)


def look_now() -> None:
    """Orders were written: have every process's heartbeat read them at once. Any thread.

    Those that the channel layer does not reach read them within their next pulse.
    """
    if _server is not None:
        _server.look_now()
        _server.group.say_soon({"type": LOOK_NOW})


def run_of(public_id: str) -> LiveSession | None:
    """The session's present run in this process. Call on the event loop."""
    for live in _running_server().live.of_public_id(public_id):
        if not live.runner.is_ending:
            return live
    return None


def running_here() -> list[LiveSession]:
    """The sessions of this process, to be read only. Any thread."""
    return [] if _server is None else list(_server.live)


def server_id() -> str:
    """This process's name in the database. Call on the event loop."""
    return _running_server().server_id


def ensure_started() -> None:
    """For faces that hold no session: have the heartbeat run and notices delivered."""
    _running_server()


def _running_server() -> Server:
    """The server of this loop; where there is no lifespan (daphne) it starts on first use."""
    global _server
    if _server is None or _server.loop is not asyncio.get_running_loop():
        _server = Server()
        feed_hub.start()
    return _server


async def _come_back(server: Server, session: RealtimeSession, after: str) -> Returning | None:
    """Take the slot again of a run that this client can go on with; None when there is none here.

    Raises LimitReached or QuotaExhausted (the run goes on waiting), or NotAuthenticated.
    """
    for live in server.live.of_public_id(session.public_id):
        if live.runner.is_ending or not live.runner.session.can_resume:
            continue
        await live.runner.expect_client()
        try:
            await database.write(quotas.retake_slot, session, connection_id=live.connection_id)
        except BaseException:
            live.runner.expect_no_more()
            raise
        return Returning(live, after)
    return None


async def _supersede(server: Server, opened: Opening) -> None:
    """Close this process's older connection of the session; others see it in their next pulse."""
    for older in server.live.of_public_id(opened.row.public_id):
        older.end(EndReason.MOVED_DEVICE)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(older.runner.wait_closed(), TAKEOVER_TIMEOUT_S)


class _RowObserver:
    """Keeps the session's row in step with its run. A SessionObserver."""

    def __init__(self, server: Server, opened: Opening) -> None:
        self._server = server
        self._opened = opened

    async def session_started(self) -> None:
        row, run = self._opened.row, self._opened.connection_id
        await self._server.commits.write(partial(lifecycle.mark_live, row.pk, run), row.lock_order)
        METERS.successes[self._opened.transport] += 1
        self._server.heartbeat.count(self._opened.row.pk)

    async def client_detached(self) -> None:
        row, run = self._opened.row.pk, self._opened.connection_id
        await database.write(lifecycle.mark_detached, row, run)

    async def session_ended(self, reason: EndReason) -> None:
        live, rest = self._server.live.connection(self._opened.connection_id), NO_SOUND
        if live is not None:
            METERS.session_ended(live.runner.session.tally, reason.value)
            rest = live.runner.session.tally.take_sound()
        self._server.live.remove(self._opened.connection_id)
        self._server.logs.finish(self._opened.connection_id)
        row, run = self._opened.row.pk, self._opened.connection_id
        await database.write(lifecycle.finish, row, run, reason, sound=rest)
