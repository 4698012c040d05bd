"""A voice turn with the beta class of PyPI's `openai`, in the SDKs' own environment.

Environment: OPENAI_API_KEY, SOCKET_URL (`ws://…/v1`). Standard input: base64 frames, one a line.
Prints what came of it as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from openai import AsyncOpenAI

TIMEOUT_S = 60.0


async def turn(frames: list[str]) -> dict[str, Any]:
    url = os.environ["SOCKET_URL"]
    client = AsyncOpenAI(base_url=url.replace("ws", "http", 1), websocket_base_url=url)
    report: dict[str, Any] = {"types": [], "audio_base64": 0}
    async with client.beta.realtime.connect(model="gpt-4o-realtime-preview") as connection:
        await connection.session.update(
            session={
                "modalities": ["text", "audio"],
                "voice": "sage",
                "turn_detection": {"type": "server_vad"},
                "input_audio_transcription": {"model": "whisper-1"},
                "temperature": 0.7,
            }
        )
        for frame in frames:
            await connection.input_audio_buffer.append(audio=frame)
        async for event in connection:
            report["types"].append(event.type)
            if event.type == "session.updated":
                report["voice"] = event.session.voice
                report["temperature"] = event.session.temperature
            elif event.type == "conversation.item.input_audio_transcription.completed":
                report["heard"] = event.transcript
            elif event.type == "response.audio.delta":
                report["audio_base64"] += len(event.delta)
            elif event.type == "response.audio_transcript.done":
                report["said"] = event.transcript
            elif event.type == "response.done":
                report["status"] = event.response.status
            elif event.type == "error":
                report["error"] = event.error.message
            if "error" in report or ("status" in report and "heard" in report):
                return report
    return report


if __name__ == "__main__":
    told = asyncio.run(asyncio.wait_for(turn(sys.stdin.read().split()), TIMEOUT_S))
    print(json.dumps(told))
