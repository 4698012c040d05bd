"""Calls whose server died: listened to again by whoever notices first, or at least hung up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import Error as DatabaseError

from realtime import calls, database, lifecycle, opening, providers
from realtime.call_client import CallClient
from realtime.calls import Lost
from realtime.core.effects import EndReason
from realtime.live import LiveSessions
from realtime.opening import Opening
from realtime.runtime.ports import ClientPort
from realtime.upstream_routes import route_of

logger = logging.getLogger(__name__)

_hanging_up: set[asyncio.Task[None]] = set()


async def look_after_calls(
    server_id: str,
    live: LiveSessions,
    *,
    trust_renewals: bool,
    go_on: Callable[[Opening, ClientPort], Any],
) -> None:
    """Renew the leases of our calls, and take over those of the dead. Call it every second.

    go_on: runs a session that was taken over.
    """
    ours = [session.connection_id for session in live if session.runner.session.setup.call]
    if ours:
        await database.run(calls.renew, server_id, ours)
    found = await database.run(calls.take_over_lost, server_id, ours, trust_renewals=trust_renewals)
    for lost in found:
        try:
            await _rescue(lost, go_on)
        except Exception:
            # What is ours and unheard would be nobody's: whoever looks next hangs it up.
            logger.exception("call %d could not be taken over", lost.lease_pk)
            with contextlib.suppress(DatabaseError):  # then we find it again ourselves
                await database.run(calls.let_go, lost.lease_pk, lost.connection_id)


async def _rescue(lost: Lost, go_on: Callable[[Opening, ClientPort], Any]) -> None:
    route = await database.run(route_of, lost.model, lost.provider)
    await providers.load_calls(route)
    provider = providers.calls_provider(route)
    if provider.is_in_process and not lost.was_ours:
        logger.warning("call %d ended with its server", lost.lease_pk)
        await database.run(calls.end_with_its_server, lost)
        return
    client = CallClient(provider, lost.provider_call_id, lost.lease_pk, lost.connection_id)
    opened: Opening | None = None
    if lost.session_pk is not None:
        opened = await database.run(
            opening.take_over, lost.session_pk, lost.connection_id, lost.unheard_ms
        )
        if opened is None:
            await database.run(
                lifecycle.finish, lost.session_pk, lost.connection_id, EndReason.POLICY_BLOCKED
            )
    if opened is not None:
        logger.warning("session %s is taken over from a server that is gone", opened.row.public_id)
        target = replace(opened.target, call_id=lost.provider_call_id)
        go_on(replace(opened, target=target), client)
        return
    logger.warning("call %d is hung up: nobody listens to it any more", lost.lease_pk)
    task = asyncio.create_task(client.close(1000, ""), name="hang up")
    _hanging_up.add(task)
    task.add_done_callback(_hanging_up.discard)
