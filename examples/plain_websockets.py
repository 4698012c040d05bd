"""No SDK, only `websockets`: a written turn, and with a 16-bit mono WAV file a spoken one.

OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=va_… python plain_websockets.py question.wav
"""

import asyncio
import base64
import json
import os
import sys
import wave
from array import array

from websockets.asyncio.client import connect

SILENCE = bytes(48_000)  # a second: how the server hears that a question is over
HEARD = "conversation.item.input_audio_transcription.completed"
SAID = "response.output_audio_transcript.done"


def at_24_khz(path: str) -> bytes:
    """The samples of a 16-bit mono WAV file of any rate, and a second of silence."""
    with wave.open(path) as wav:
        step, samples = wav.getframerate() / 24_000, array("h", wav.readframes(wav.getnframes()))
    spoken = (samples[int(at * step)] for at in range(int(len(samples) / step)))
    return array("h", spoken).tobytes() + SILENCE


async def next_event(socket, *types: str) -> dict:
    while True:
        event = json.loads(await socket.recv())
        if event["type"] == "error":
            raise RuntimeError(event["error"]["message"])
        if event["type"] in types:
            return event


async def main() -> None:
    base = os.environ["OPENAI_BASE_URL"].replace("http", "ws", 1)
    key = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    url = f"{base}/realtime?model=gpt-realtime-2.1"
    async with connect(url, additional_headers=key, max_size=None) as socket:
        content = [{"type": "input_text", "text": "What is two plus three?"}]
        item = {"type": "message", "role": "user", "content": content}
        await socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        wish = {"output_modalities": ["text"]}
        await socket.send(json.dumps({"type": "response.create", "response": wish}))
        print("answer:", (await next_event(socket, "response.output_text.done"))["text"])
        for path in sys.argv[1:]:
            audio = base64.b64encode(at_24_khz(path)).decode()
            await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
            for _ in range(2):
                event = await next_event(socket, HEARD, SAID)
                print("heard:" if event["type"] == HEARD else "answer:", event["transcript"])


asyncio.run(main())
