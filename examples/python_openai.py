"""PyPI `openai`: a written turn, and with a 16-bit mono WAV file a spoken one.

OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=va_… python python_openai.py question.wav
"""

import asyncio
import base64
import sys
import wave
from array import array

from openai import AsyncOpenAI


def at_24_khz(path: str) -> bytes:
    """The samples of a 16-bit mono WAV file of any rate, and a second of silence."""
    with wave.open(path) as wav:
        step, samples = wav.getframerate() / 24_000, array("h", wav.readframes(wav.getnframes()))
    spoken = (samples[int(at * step)] for at in range(int(len(samples) / step)))
    return array("h", spoken).tobytes() + bytes(48_000)


async def ask(connection, text: str) -> str:
    await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    await connection.conversation.item.create(item=item)
    await connection.response.create()
    async for event in connection:
        if event.type == "response.output_text.done":
            return event.text


async def speak(connection, pcm: bytes) -> None:
    await connection.session.update(session={"type": "realtime", "output_modalities": ["audio"]})
    await connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())
    missing, sound_bytes = {"heard", "answer"}, 0
    async for event in connection:
        if event.type == "conversation.item.input_audio_transcription.completed":
            print("heard:", event.transcript)
            missing.discard("heard")
        elif event.type == "response.output_audio.delta":
            sound_bytes += len(base64.b64decode(event.delta))
        elif event.type == "response.output_audio_transcript.done":
            print(f"answer: {event.transcript} ({sound_bytes // 48} ms of sound)")
            missing.discard("answer")
        if not missing:
            return


async def main() -> None:
    async with AsyncOpenAI().realtime.connect(model="gpt-realtime-2.1") as connection:
        print("answer:", await ask(connection, "What is two plus three?"))
        for path in sys.argv[1:]:
            await speak(connection, at_24_khz(path))


asyncio.run(main())
