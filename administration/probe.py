"""Asking the voice provider for a session, to see whether it gives one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass

import orjson

from realtime.core.errors import VoiceError
from realtime.core.frames import mapping_or_empty
from realtime.models import Provider
from realtime.providers import upstream_factory
from realtime.runtime.ports import UpstreamClosed, UpstreamTarget
from realtime.upstream_routes import UpstreamRoute

TIMEOUT_S = 12.0
PROBE = "health-check"


@dataclass(frozen=True, slots=True)
class Probed:
    """detail: one sentence, of our own words: a provider's may quote the key. took_ms: until it
    answered; None where it did not, or was not asked."""

    answers: bool
    detail: str
    took_ms: int | None = None


async def probe(route: UpstreamRoute) -> Probed:
    """Open a session there and close it again; nothing is said in it, so it costs nothing.

    The breaker of that address is told how it went.
    """
    if route.provider == Provider.EMBEDDED:
        return Probed(True, "It is part of this server.")
    if route.lacks_its_key:
        return Probed(False, "No provider key is configured.")
    began = time.monotonic()
    target = UpstreamTarget(model=route.model, safety_identifier=PROBE)
    upstream = upstream_factory(route)(target)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await upstream.open()
            first = mapping_or_empty(orjson.loads(await upstream.receive()))
    except VoiceError as error:
        return Probed(False, error.message)
    except (TimeoutError, UpstreamClosed, orjson.JSONDecodeError):
        return Probed(False, "The voice provider took the connection and gave no session.")
    finally:
        with contextlib.suppress(Exception):
            await upstream.aclose()
    if first.get("type") != "session.created":
        code = str(mapping_or_empty(first.get("error")).get("code") or "no reason")
        return Probed(False, f"The voice provider refused the session: {code[:60]}.")
    took_ms = round((time.monotonic() - began) * 1000)
    return Probed(True, f"It answered in {took_ms:,} ms.", took_ms)
