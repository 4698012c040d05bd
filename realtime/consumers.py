"""The WebSocket face: one consumer per call on `/v1/realtime`, relaying raw frames both ways."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import AsyncConsumer
from django.conf import settings

from conversations.errors import ConversationNotFound
from realtime import auth, sessions, sideband
from realtime.call_listeners import CallListener
from realtime.core.dialect import Dialect
from realtime.core.errors import Forbidden, FrameTooBig, NotFound, VoiceError
from realtime.core.session_kind import SessionKind
from realtime.denial import accept_message, close_message, deny_by_event, deny_by_http, error_event
from realtime.opening import Opening
from realtime.runtime.attachment import Attachment
from realtime.runtime.fast_path import EXTENSION, DirectFrames
from realtime.runtime.ports import ClientPort
from realtime.sessions import Returning

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

CLOSE_TIMEOUT_S = 5.0


class RelayConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels is untyped
    """Has a receive loop of its own instead of Channels' dispatch: no thread hop per frame, no
    channel layer to die with, and a full way to the provider stops the reading without hiding a
    disconnect."""

    channel_layer_alias = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.scope = scope
        await receive()  # websocket.connect
        credential = auth.find_credential(scope)
        subprotocol = auth.choose_subprotocol(scope.get("subprotocols", []))
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        opened: Opening | Returning | Callable[[ClientPort], CallListener]
        try:
            await auth.check_origin(scope)
            if "call_id" in query:
                opened = await sideband.listen_in(credential, query["call_id"][0])
            else:
                opened = await self._admit(credential, query)
        except VoiceError as error:
            logger.info("a socket was refused: %s", error.code)
            if auth.is_page(scope, credential):
                await deny_by_event(send, error, subprotocol)
            else:
                await deny_by_http(scope, send, error)
            return
        if callable(opened):
            await send(accept_message(subprotocol))
            listener = WebSocketClient(send)
            await serve(receive, opened(listener), listener)
            return
        try:
            await send(accept_message(subprotocol))
        except BaseException:
            await sessions.abandon(opened)
            raise
        await self._relay(opened, receive, send)

    async def _admit(
        self, credential: auth.Credential | None, query: dict[str, list[str]]
    ) -> Opening | Returning:
        try:
            return await sessions.admit(
                credential,
                conversation_id=query.get("conversation_id", [None])[0],
                dialect=self._dialect(),
                private_events=auth.PRIVATE_SUBPROTOCOL in self.scope.get("subprotocols", []),
                after=query.get("after", [None])[0],
                kind=asked_kind(query),
                model=query.get("model", [None])[0],
            )
        except ConversationNotFound:
            raise NotFound(
                "There is no such conversation.", code="conversation_not_found"
            ) from None

    def _dialect(self) -> Dialect:
        beta_header = auth.header(self.scope, b"openai-beta") or ""
        offered = self.scope.get("subprotocols", [])
        is_beta = "realtime=v1" in beta_header or auth.BETA_SUBPROTOCOL in offered
        return Dialect.BETA if is_beta else Dialect.GA

    async def _relay(self, opened: Opening | Returning, receive: Receive, send: Send) -> None:
        frames = direct_frames(self.scope)
        if frames is not None:  # the server is ours, and its scope is held for the whole call
            self.scope["headers"].clear()
            self.scope.clear()
        client = WebSocketClient(send) if frames is None else DirectWebSocketClient(send, frames)
        try:
            attachment = await sessions.start(opened, client)
        except VoiceError as error:
            await sessions.abandon(opened)
            await client.refuse(error)
            return
        except BaseException:
            await sessions.abandon(opened)
            await client.close(1011, "internal_error")
            raise
        await serve(receive, attachment, client, frames)


def direct_frames(scope: dict[str, Any]) -> DirectFrames | None:
    """The server's own frames, where it offers them and nobody forbids it (docs/adr/0013)."""
    if settings.REALTIME_FAST_PATH == "off":
        return None
    frames: DirectFrames | None = (scope.get("extensions") or {}).get(EXTENSION, {}).get("frames")
    return frames


def asked_kind(query: dict[str, list[str]]) -> SessionKind | None:
    """What `?intent=` asks for (protocol §1.1); None leaves it to the secret, or to the default.

    Raises Forbidden for what is not served here.
    """
    intent = query.get("intent", [""])[0]
    if intent in ("", "conversation", "realtime"):
        return SessionKind.REALTIME if intent else None
    if intent == SessionKind.TRANSCRIPTION:
        return SessionKind.TRANSCRIPTION
    raise Forbidden(
        "Invalid value for 'intent'. Supported values are: 'transcription'.",
        code="invalid_value",
        param="intent",
    )


async def serve(
    receive: Receive,
    attachment: Attachment | CallListener,
    client: WebSocketClient,
    frames: DirectFrames | None = None,
) -> None:
    """Hand the client's frames over until its hold on the session is over. Those that `frames`
    hands over at once are never received here."""
    if frames is not None and isinstance(attachment, Attachment):
        frames.attach(attachment.take_text, settings.LIMIT_FRAME_BYTES)
    reading = asyncio.create_task(read_frames(receive, attachment, client, frames))
    try:
        await attachment.wait_over()
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading


async def read_frames(
    receive: Receive,
    attachment: Attachment | CallListener,
    client: WebSocketClient,
    frames: DirectFrames | None = None,
) -> None:
    """Hand every frame to the session until the client is gone.

    One that need not wait is handed over without a task. While the session makes us wait, the next
    message is already being received: a disconnect behind a full uplink is noticed at once, and no
    more than one frame is read ahead. The session's limits see to it that nobody has the loop to
    himself: after a second's worth of events there is a wait.
    """
    message = await receive()
    while message["type"] == "websocket.receive":
        frame: str | bytes | None = message.get("text")
        if frame is None:
            frame = message["bytes"]
        if is_too_big(frame):
            limit = settings.LIMIT_FRAME_BYTES
            await client.refuse(FrameTooBig(f"A frame may have at most {limit} bytes."))
            attachment.client_closed(FrameTooBig.close_code)
            return
        if attachment.take(frame):
            if frames is not None:
                frames.handed_over()
            message = await receive()
            continue
        handing = asyncio.ensure_future(attachment.from_client(frame))
        if frames is not None:
            handing.add_done_callback(frames.handed_over)
        await asyncio.sleep(0)  # its first step; only a session that makes us wait needs another
        try:
            message = await receive()
            if message["type"] == "websocket.receive" or handing.done():
                await handing
        finally:
            handing.cancel()
    attachment.client_closed(disconnect_code(message))


def is_too_big(frame: str | bytes) -> bool:
    """Our own cap; uvicorn's, which closes without a word, is far above it."""
    limit = settings.LIMIT_FRAME_BYTES
    if isinstance(frame, bytes) or frame.isascii():
        return len(frame) > limit
    return len(frame) > limit or len(frame.encode()) > limit


def disconnect_code(message: dict[str, Any]) -> int:
    """The client's close code. uvicorn says 1005 for a connection that broke, too, but gives a
    reason (possibly empty) only where a close frame was received."""
    code = int(message.get("code") or 1005)
    return 1006 if code == 1005 and "reason" not in message else code


class WebSocketClient:
    """The ClientPort of a WebSocket."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_closed = False

    async def send(self, raw: str) -> None:
        """Waits while the socket's write buffer is full. Raises OSError when the client is gone."""
        await self._send({"type": "websocket.send", "text": raw})

    async def refuse(self, error: VoiceError) -> None:
        """Say why in an `error` event, and close; as bounded as `close`."""
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            await asyncio.wait_for(self.send(error_event(error)), CLOSE_TIMEOUT_S)
        await self.close(error.close_code, error.code)

    async def close(self, code: int, reason: str) -> None:
        """A full write buffer would hold the close frame back for ever: bounded, then we return and
        the server drops the connection."""
        if self._is_closed:
            return
        self._is_closed = True
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            await asyncio.wait_for(self._send(close_message(code, reason)), CLOSE_TIMEOUT_S)


class DirectWebSocketClient(WebSocketClient):
    """A DirectClient: frames that need not wait are written without asking the ASGI server."""

    def __init__(self, send: Send, frames: DirectFrames) -> None:
        super().__init__(send)
        self.send_now = frames.send_now
