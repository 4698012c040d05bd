"""The provider's server: `/v1/realtime` by WebSocket, REST beside it, for the gateway and any SDK.

It serves the protocol, not access: any key is accepted, but one must be shown (protocol §2).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from realtime.core.errors import InvalidEvent, Unavailable, VoiceError
from realtime.upstream.embedded.client_secrets import ClientSecrets
from realtime.upstream.embedded.credentials import SUBPROTOCOL, asks_for_beta, find_key
from realtime.upstream.embedded.driver import SessionDriver, SessionOver
from realtime.upstream.embedded.effects import Send
from realtime.upstream.embedded.http_requests import (
    ConnectionWithBody,
    HttpRequest,
    error_answer,
    read_request,
    refusal,
    write_answer,
)
from realtime.upstream.embedded.ids import new_id
from realtime.upstream.embedded.outbox import Outbox
from realtime.upstream.embedded.provider import EmbeddedProvider
from realtime.upstream.embedded.rest import (
    BETA_CODE,
    BETA_MESSAGE,
    DEFAULT_MODEL,
    MISSING_KEY,
    RestApi,
)
from realtime.upstream.embedded.webrtc.rest import CallsRest, call_not_found
from realtime.upstream.embedded.webrtc.sideband_socket import serve_sideband

MAX_FRAME_BYTES = 21 * 1024 * 1024  # 15 MiB of audio, the API's own cap, as base64 in JSON
CLOSE_TIMEOUT_S = 2.0
BAD_REQUEST_CLOSE = 4000  # how OpenAI ends a socket opened with the wrong parameters
MISSING_MODEL = (
    "You must provide a model parameter, for example "
    f"wss://api.openai.com/v1/realtime?model={DEFAULT_MODEL}"
)
# Named in `?model=` they would be a session's voice; they only transcribe (protocol §1.9).
_LISTENING_MODELS = ("whisper", "transcribe")


async def start_server(provider: EmbeddedProvider, host: str, port: int) -> Server:
    """Listen; port 0 picks a free one. Close the server, then the provider."""
    secrets = ClientSecrets(DEFAULT_MODEL)
    with contextlib.suppress(Unavailable):
        provider.calls()  # loads their libraries, which takes a second, while nobody waits
    rest = RestApi(secrets)
    CallsRest(provider, secrets).add_to(rest)
    face = _SocketFace(provider, secrets, rest)
    return await serve(
        face.serve_session,
        host,
        port,
        process_request=face.process_request,
        select_subprotocol=_select_subprotocol,
        create_connection=ConnectionWithBody,
        max_size=MAX_FRAME_BYTES,
        compression=None,
        close_timeout=CLOSE_TIMEOUT_S,
        server_header=None,
    )


class _SocketFace:
    def __init__(self, provider: EmbeddedProvider, secrets: ClientSecrets, rest: RestApi) -> None:
        self._provider = provider
        self._secrets = secrets
        self._rest = rest

    async def process_request(
        self, connection: ServerConnection, request: Request
    ) -> Response | None:
        """Plain HTTP is answered here; a WebSocket that shows a key goes on to its session."""
        asked = read_request(connection, request)
        if "websocket" not in asked.headers.get("upgrade", "").lower():
            return write_answer(await self._rest.answer(asked))
        if asked.path != "/realtime":
            return write_answer(error_answer("There is no WebSocket here.", "unknown_url", 404))
        key = _key(asked)
        if key is None:
            return write_answer(error_answer(MISSING_KEY, None, 401))
        try:
            self._secrets.session_of(key)
            call_id = asked.query.get("call_id")
            if call_id is not None and self._provider.calls().find(call_id) is None:
                return write_answer(call_not_found())
        except VoiceError as error:
            return write_answer(refusal(error))
        return None

    async def serve_session(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        asked = read_request(connection, connection.request)
        if "call_id" in asked.query:
            sideband = self._provider.calls().sideband(asked.query["call_id"])
            await serve_sideband(connection, sideband)
            return
        try:
            driver = self._open(asked)
        except InvalidEvent as error:
            await _refuse(connection, error)
            return
        driver.start()
        sending = asyncio.create_task(_send_events(driver, connection))
        try:
            async for frame in connection:
                await driver.receive(frame)
        except (ConnectionClosed, SessionOver):
            pass
        finally:
            await driver.aclose()
            with contextlib.suppress(ConnectionClosed):
                await sending

    def _open(self, asked: HttpRequest) -> SessionDriver:
        """The session that the query, or the secret's binding, asks for. Raises InvalidEvent."""
        if asks_for_beta(asked.headers.get("openai-beta"), _offered(asked)):
            raise InvalidEvent(BETA_MESSAGE, code=BETA_CODE)
        bound = self._secrets.session_of(_key(asked) or "")
        if bound is not None and asked.query.get("intent") in (None, bound["type"]):
            return self._provider.new_session(DEFAULT_MODEL, given_config=bound)
        if asked.query.get("intent") == "transcription":
            return self._provider.new_session("", transcription_only=True)
        model = asked.query.get("model", "")
        if not model:
            raise InvalidEvent(MISSING_MODEL, code="missing_model")
        if any(word in model for word in _LISTENING_MODELS):
            raise InvalidEvent(
                f'Model "{model[:64]}" is not supported in realtime mode.', code="invalid_model"
            )
        return self._provider.new_session(model)


async def _refuse(connection: ServerConnection, error: InvalidEvent) -> None:
    """One `error` event, then the close whose reason names it, as OpenAI does."""
    outbox = Outbox(new_id)
    outbox.send_error(error, None)
    with contextlib.suppress(ConnectionClosed):
        for effect in outbox.take():
            if isinstance(effect, Send):
                await connection.send(effect.raw)
        await connection.close(BAD_REQUEST_CLOSE, f"{error.error_type}.{error.code}")


async def _send_events(driver: SessionDriver, connection: ServerConnection) -> None:
    try:
        while True:
            await connection.send(await driver.next_event())
    except SessionOver as over:
        await connection.close(over.code, over.reason[:120])


def _offered(asked: HttpRequest) -> list[str]:
    header = asked.headers.get("sec-websocket-protocol", "")
    return [name.strip() for name in header.split(",") if name.strip()]


def _key(asked: HttpRequest) -> str | None:
    headers = asked.headers
    return find_key(headers.get("authorization"), headers.get("api-key"), _offered(asked))


def _select_subprotocol(
    connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    """`realtime` if offered, else none; never the one that carries a key (protocol §2)."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None
