"""The peer: the least a Python relay can do on `websockets`. No sign-in, no policy, no recording.

Run as `python -m bench.plain_relay PORT UPSTREAM_URL`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


async def pump(
    source: ServerConnection | ClientConnection, target: ServerConnection | ClientConnection
) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for frame in source:
            await target.send(frame)
    await target.close()


async def main(port: int, upstream_url: str) -> None:
    async def relay(client: ServerConnection) -> None:
        async with connect(upstream_url, compression=None, max_size=None) as upstream:
            await asyncio.gather(pump(client, upstream), pump(upstream, client))

    async with serve(relay, "127.0.0.1", port, compression=None, max_size=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
