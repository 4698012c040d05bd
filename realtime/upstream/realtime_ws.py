"""The Realtime GA protocol over a WebSocket: OpenAI, or any server that speaks it."""

from __future__ import annotations

from realtime.runtime.ports import UpstreamTarget


class RealtimeWebSocketUpstream:
    """An `Upstream`. `url` is the base (`wss://api.openai.com/v1/realtime`); model or call_id is added.

    api_key: empty sends no Authorization header. The key is never part of an exception or log line.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        target: UpstreamTarget,
        *,
        open_timeout_s: float = 10.0,
        key_header: str = "Authorization",
        key_prefix: str = "Bearer ",
    ) -> None:
        raise NotImplementedError

    async def open(self) -> None:
        raise NotImplementedError

    async def send(self, raw: str) -> None:
        raise NotImplementedError

    async def receive(self) -> str:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise NotImplementedError
