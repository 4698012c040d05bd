"""A provider that costs little: sets a session up, then answers each append with an audio delta.

Run as `python -m bench.provider PORT`. The delta carries the append's audio back, so the load
generator can see that nothing was lost, altered or reordered on the way.
"""

from __future__ import annotations

import asyncio
import sys

import orjson
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

APPEND_PREFIX = '{"type":"input_audio_buffer.append","audio":"'
DELTA_PREFIX = (
    '{"type":"response.output_audio.delta","event_id":"event_bench","response_id":"resp_bench",'
    '"item_id":"item_bench","output_index":0,"content_index":0,"delta":"'
)


async def converse(connection: ServerConnection) -> None:
    session = {"type": "realtime", "object": "realtime.session", "id": "sess_bench"}
    await connection.send(
        orjson.dumps({"type": "session.created", "event_id": "event_0", "session": session}),
        text=True,
    )
    try:
        async for frame in connection:
            assert isinstance(frame, str)
            if frame.startswith(APPEND_PREFIX):
                await connection.send(DELTA_PREFIX + frame[len(APPEND_PREFIX) :])
                continue
            event = orjson.loads(frame)
            if event["type"] == "session.update":
                updated = {"type": "session.updated", "event_id": "event_1"}
                updated["session"] = session | event["session"]
                await connection.send(orjson.dumps(updated), text=True)
    except ConnectionClosed:
        return


async def main(port: int) -> None:
    async with serve(converse, "127.0.0.1", port, compression=None, max_size=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
