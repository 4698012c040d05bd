"""ASGI lifespan: start what a server process needs, and drain it when asked to stop.

Daphne and `runserver` have no lifespan; there `realtime.sessions` starts on first use.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from realtime import sessions
from realtime.headless import neighbours
from webhooks.worker import Worker

logger = logging.getLogger(__name__)

WEBHOOKS_STOP_S = 2.0


async def lifespan_application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Serve one server's lifespan (ASGI lifespan protocol 2.0)."""
    webhooks: Worker | None = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await sessions.startup()
            except Exception:
                logger.exception("the server could not start")
                await send({"type": "lifespan.startup.failed", "message": "see the log"})
                return
            webhooks = Worker()
            webhooks.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await sessions.drain(timeout_s=20.0)
            await neighbours.aclose()
            await sessions.shutdown()
            if webhooks is not None:
                await asyncio.to_thread(webhooks.stop, WEBHOOKS_STOP_S)
            await send({"type": "lifespan.shutdown.complete"})
            return
