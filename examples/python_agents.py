"""PyPI `openai-agents`: a written turn with a tool, and with a 16-bit mono WAV file a spoken one.

OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=va_… python python_agents.py question.wav
"""

import asyncio
import os
import sys
import wave
from array import array

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession


def at_24_khz(path: str) -> bytes:
    """A 16-bit mono WAV file's samples, and silence: semantic turn detection may wait 4 s."""
    with wave.open(path) as wav:
        step, samples = wav.getframerate() / 24_000, array("h", wav.readframes(wav.getnframes()))
    spoken = (samples[int(at * step)] for at in range(int(len(samples) / step)))
    return array("h", spoken).tobytes() + bytes(240_000)


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city"""
    return f"It is sunny in {city}."


async def turn(session: RealtimeSession, responses: int) -> None:
    sound_bytes = 0
    async for event in session:
        if event.type == "audio":
            sound_bytes += len(event.audio.data)
        elif event.type == "raw_model_event" and event.data.type == "raw_server_event":
            raw = event.data.data
            if raw["type"] == "conversation.item.input_audio_transcription.completed":
                print("heard:", raw["transcript"])
            elif raw["type"] == "response.output_audio_transcript.done":
                print(f"answer: {raw['transcript']} ({sound_bytes // 48} ms of sound)")
        elif event.type == "agent_end" and (responses := responses - 1) == 0:
            return


async def main() -> None:
    agent = RealtimeAgent(name="Host", instructions="Be brief.", tools=[get_weather])
    base = os.environ["OPENAI_BASE_URL"].replace("http", "ws", 1)
    config = {"url": f"{base}/realtime?model=gpt-realtime-2.1"}  # the key: OPENAI_API_KEY
    async with await RealtimeRunner(agent).run(model_config=config) as session:
        await session.send_message("What is the weather in Paris?")
        await turn(session, responses=2)  # the call of the tool, and the answer
        for path in sys.argv[1:]:
            await session.send_audio(at_24_khz(path))
            await turn(session, responses=1)


asyncio.run(main())
