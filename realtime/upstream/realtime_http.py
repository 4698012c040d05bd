"""WebRTC calls at a provider of the Realtime API over HTTP (protocol §1.3 and §1.5).

The browser's offer goes to the provider with our key and the session we allow; the media then
flows between those two, and we follow the call by its sideband (`UpstreamTarget.call_id`).
"""

from __future__ import annotations

import functools
import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import httpx
import orjson

from realtime.core.errors import UpstreamFailed, UpstreamRefused, UpstreamTimedOut
from realtime.runtime.ports import CallAnswer, UpstreamTarget

logger = logging.getLogger(__name__)

CALL_TIMEOUT_S: Final = 15.0
HANGUP_TIMEOUT_S: Final = 5.0
MAX_ANSWER_BYTES: Final = 256 * 1024
MAX_MESSAGE_CHARACTERS: Final = 500
# `Retry-After` may also be a date, which is not passed on.
_SECONDS: Final = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes


class RealtimeHttpCalls:
    """A `CallsProvider`. `url` is the same base as for WebSockets, `wss:` or `https:`.

    api_key: sent as `key_header: key_prefix + api_key`; never part of an exception or a log line.
    """

    is_in_process = False

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout_s: float = CALL_TIMEOUT_S,
        key_header: str = "Authorization",
        key_prefix: str = "Bearer ",
    ) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._key = {key_header: f"{key_prefix}{api_key}"} if api_key else {}

    async def create_call(
        self, sdp_offer: str, session: Mapping[str, Any], target: UpstreamTarget
    ) -> CallAnswer:
        """Have the provider answer the offer, as multipart with parts `sdp` and `session`.

        Raises UpstreamRefused with the provider's status, code and message, `upstream_bad_answer`
        when what came back is no SDP or names no call; UpstreamFailed `upstream_auth` when it is
        our key that it does not take; UpstreamTimedOut.
        """
        form = {
            "sdp": (None, sdp_offer, "application/sdp"),
            "session": (None, orjson.dumps(session), "application/json"),
        }
        headers = {"Accept": "application/sdp"}
        if target.safety_identifier:
            headers["OpenAI-Safety-Identifier"] = target.safety_identifier
        answered = await self._post("", headers, self._timeout_s, files=form)
        call_id = answered.headers.get("location", "").split("?")[0].rstrip("/").rpartition("/")[2]
        logger.info(
            "call %s: offer of %d bytes, provider answered %d with %d bytes",
            call_id or "without an id",
            len(sdp_offer),
            answered.status,
            len(answered.body),
        )
        if not call_id or not answered.body.startswith(b"v=0"):
            raise UpstreamRefused(
                "The voice provider's answer to the call is no SDP.",
                provider_status=answered.status,
                code="upstream_bad_answer",
                answer_bytes=len(answered.body),
            )
        return CallAnswer(call_id, answered.body.decode(errors="replace"))

    async def hangup(self, call_id: str) -> None:
        """End the call; one that is gone already is no error."""
        path = f"/{quote(call_id, safe='')}/hangup"
        try:
            await self._post(path, {}, HANGUP_TIMEOUT_S)
        except UpstreamRefused as refused:
            if refused.provider_status != 404:
                raise

    async def _post(
        self,
        path: str,
        headers: Mapping[str, str],
        timeout_s: float,
        files: Mapping[str, Any] | None = None,
    ) -> _Answer:
        """The complete 2xx response. Follows no redirect: it would carry the key elsewhere."""
        try:
            async with (
                httpx.AsyncClient(
                    verify=_tls(), timeout=timeout_s, headers=self._key, follow_redirects=False
                ) as client,
                client.stream(
                    "POST", calls_url(self._url, path), headers=headers, files=files
                ) as response,
            ):
                body = await _read_bounded(response)
        except httpx.TimeoutException:
            raise UpstreamTimedOut("The voice provider did not answer in time.") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise UpstreamFailed(
                "The voice provider's address is not a URL for calls.",
                code="upstream_misconfigured",
                retryable=False,
            ) from None
        except httpx.HTTPError:
            raise UpstreamFailed(
                "The voice provider cannot be reached.", code="upstream_unreachable"
            ) from None
        if not response.is_success:
            logger.warning("the provider refused a call with %d", response.status_code)
            raise _refusal(response.status_code, response.headers, body)
        return _Answer(response.status_code, response.headers, body)


def calls_url(base_url: str, path: str = "") -> str:
    """`base_url` with `/calls` and `path` behind it; a WebSocket's model or call stays behind."""
    parts = urlsplit(base_url)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("model", "call_id")]
    whole = f"{parts.path.rstrip('/')}/calls{path}"
    return urlunsplit((scheme, parts.netloc, whole, urlencode(query), ""))


@functools.cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes longer than a call's answer."""
    return httpx.create_ssl_context()


async def _read_bounded(response: httpx.Response) -> bytes:
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise UpstreamFailed(
                "The voice provider's answer to the call is too long.",
                code="upstream_bad_answer",
                retryable=False,
            )
    return body


def _refusal(status: int, headers: httpx.Headers, body: bytes) -> UpstreamFailed:
    """The provider's own words; but not about our key, which is nobody else's business."""
    if status in (401, 403):
        return UpstreamFailed(
            "The voice provider refused our key.", code="upstream_auth", retryable=False
        )
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    error = found.get("error") if isinstance(found, dict) else None
    error = error if isinstance(error, dict) else {}
    message, code, param = error.get("message"), error.get("code"), error.get("param")
    retry_after = headers.get("retry-after", "")
    return UpstreamRefused(
        str(message)[:MAX_MESSAGE_CHARACTERS]
        if message
        else f"The voice provider answered with HTTP {status}.",
        provider_status=status,
        code=str(code) if code else None,
        param=str(param) if param else None,
        retry_after_s=int(retry_after) if _SECONDS.fullmatch(retry_after) else None,
        answer_bytes=len(body),
    )
