"""One request to one receiver: bounded in time and size, to the checked address, no redirect."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from django.conf import settings

from webhooks.addresses import AddressRefused, checked_url, resolve

MAX_ANSWER_BYTES = 64 * 1024
ANSWER_BODY_S = 2.0
USER_AGENT = "VoiceAssist-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """status: of the answer, None without one. error: why there is none (`docs/webhooks.md`).
    retry_after_s: what the receiver asked for."""

    duration_ms: int
    status: int | None = None
    error: str = ""
    retry_after_s: float | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def post(url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Send, and wait for the answer, at most WEBHOOK_TIMEOUT_SEC in all. Never raises for what the
    receiver, its name or the network do."""
    began = time.monotonic()
    status, error, retry_after_s = None, "", None
    try:
        async with asyncio.timeout(settings.WEBHOOK_TIMEOUT_SEC):
            status, retry_after_s = await _exchange(url, headers, body)
    except AddressRefused as refused:
        error = refused.code
    except (TimeoutError, httpx.TimeoutException):
        error = "webhook_timed_out"
    except httpx.ConnectError as failed:
        is_tls = isinstance(failed.__context__, ssl.SSLError) or "SSL" in str(failed)
        error = "webhook_tls_failed" if is_tls else "webhook_unreachable"
    except httpx.HTTPError:
        error = "webhook_broke_off"
    return Outcome(round((time.monotonic() - began) * 1000), status, error, retry_after_s)


async def _exchange(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, float | None]:
    """The status, and Retry-After in seconds."""
    destination = await resolve(checked_url(url))
    async with (
        httpx.AsyncClient(
            verify=_tls(),
            timeout=settings.WEBHOOK_TIMEOUT_SEC,
            follow_redirects=False,
            trust_env=False,  # a proxy would look the name up again
        ) as client,
        client.stream(
            "POST",
            destination.dialled,
            headers={
                "Host": destination.url.netloc.decode("ascii"),
                "Content-Type": "application/json",
                "User-Agent": USER_AGENT,
                **headers,
            },
            content=body,
            # TLS is agreed upon with, and the certificate checked against, the host that was meant.
            extensions={"sni_hostname": destination.url.raw_host.decode("ascii")},
        ) as answer,
    ):
        await _take_rest(answer)
    return answer.status_code, _seconds(answer.headers.get("retry-after", ""))


async def _take_rest(answer: httpx.Response) -> None:
    """The body says nothing to us; taking a small one spares the receiver a broken connection."""
    read_bytes = 0
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(ANSWER_BODY_S):
            async for piece in answer.aiter_raw():
                read_bytes += len(piece)
                if read_bytes > MAX_ANSWER_BYTES:
                    return


def _seconds(text: str) -> float | None:
    """Of the two forms of Retry-After (RFC 9110 §10.2.3) the one in seconds."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
