"""Where headless sessions are: those of this process, and the way to those of the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from django.conf import settings

from realtime import server_identity
from realtime.headless.bus import Bus, Head
from realtime.headless.errors import SessionUnreachable
from realtime.headless.hall import Hall
from realtime.headless.ports import HeadlessPort
from realtime.headless.remote_headless import RemoteHeadless, answer_question


@dataclass(frozen=True, slots=True)
class _Here:
    loop: asyncio.AbstractEventLoop
    hall: Hall
    bus: Bus | None


_here: _Here | None = None


def here() -> Hall:
    """The sessions of this process; from the first call on, others reach them by Redis."""
    return _ensure().hall


def reach(public_id: str, server_id: str) -> HeadlessPort | None:
    """The session, wherever it lives; None when it is not in this process, which should hold it.

    Raises SessionUnreachable when it is elsewhere and there is no Redis to reach it by.
    """
    now = _ensure()
    found = now.hall.find(public_id)
    if found is not None or server_id == server_identity.start().server_id:
        return found
    if now.bus is None:
        raise SessionUnreachable(
            "This session lives in another server process, and without REDIS_URL there is no way"
            " to it."
        )
    return RemoteHeadless(public_id, server_id, now.bus)


async def aclose() -> None:
    """The process stops. Call after the sessions were drained."""
    global _here
    if _here is None:
        return
    leaving, _here = _here, None
    if leaving.bus is not None:
        await leaving.bus.aclose()
    await leaving.hall.aclose()


def _ensure() -> _Here:
    global _here
    loop = asyncio.get_running_loop()
    if _here is None or _here.loop is not loop:
        hall = Hall()

        async def answer(head: Head, payload: bytes) -> tuple[Head, bytes]:
            return await answer_question(hall, head, payload)

        bus: Bus | None = None
        if settings.REDIS_URL:
            bus = Bus(settings.REDIS_URL, server_identity.start().server_id, answer)
            bus.start()
        _here = _Here(loop, hall, bus)
    return _here
