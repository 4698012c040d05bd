"""Does with PyPI's `openai` what a script names, and prints what came of it as JSON.

Runs in the SDKs' environment. Environment: OPENAI_BASE_URL, SPEECH_PCM (24 kHz mono PCM16), RUNS:
a JSON list of {key, steps}, each of which opens one session and takes its steps in order.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI

TIMEOUT_S = 40.0
SPEECH = Path(os.environ["SPEECH_PCM"]).read_bytes()
FRAME_BYTES = 9_600
BARGE_IN_BYTES = 72_000  # 1.5 s
# The demonstration voice says again what it has no answer to: minutes of speech to interrupt.
LONG_WORDS = "The committee considered the harvest and adjourned. " * 100
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
MCP_TOOL = {"type": "mcp", "server_label": "notes", "server_url": "https://notes.example.org"}


class Session:
    """One connection; `events` is everything the SDK handed out."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.events: list[Any] = []
        self.results: dict[str, Any] = {}
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.connection:
            async with self._news:
                self.events.append(event)
                self._news.notify_all()

    async def wait(self, *types: str, since: int = 0, check: Callable[[Any], bool] = bool) -> Any:
        async with asyncio.timeout(TIMEOUT_S), self._news:
            while True:
                for event in self.events[since:]:
                    if event.type in types and check(event):
                        return event
                if self._reading.done():
                    raise ConnectionError(f"closed while waiting for {types}")
                await self._news.wait()

    async def say(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.connection.conversation.item.create(item=item)
        await self.connection.response.create()

    def texts(self, since: int) -> str:
        finals = {
            "response.output_text.done": "text",
            "response.output_audio_transcript.done": "transcript",
        }
        return " ".join(getattr(e, finals[e.type]) for e in self.events[since:] if e.type in finals)

    def order(self, since: int) -> list[str]:
        """The events since then, deltas dropped."""
        return [event.type for event in self.events[since:] if not event.type.endswith(".delta")]

    def audio_bytes(self, since: int) -> int:
        deltas = [e for e in self.events[since:] if e.type == "response.output_audio.delta"]
        return sum(len(base64.b64decode(event.delta)) for event in deltas)


async def created(session: Session) -> Any:
    event = await session.wait("session.created", "error")
    return {"first": session.events[0].type, "session_id": event.session.id}


async def update(session: Session) -> Any:
    wish = {
        "type": "realtime",
        "instructions": "Be brief.",
        "output_modalities": ["text"],
        "tools": [WEATHER],
        "audio": {"output": {"voice": "cedar"}},
    }
    await session.connection.session.update(session=wish)
    event = await session.wait("session.updated")
    told = event.session.to_dict()
    return {
        "output_modalities": told["output_modalities"],
        "voice": told["audio"]["output"]["voice"],
        "instructions": told["instructions"],
        "tools": [tool["name"] for tool in told["tools"]],
    }


async def text(session: Session) -> Any:
    since = len(session.events)
    await session.say("What is two plus three?")
    done = await session.wait("response.done", since=since)
    return {
        "text": session.texts(since),
        "status": done.response.status,
        "tokens": done.response.usage.total_tokens,
        "order": session.order(since),
    }


async def tool(session: Session) -> Any:
    since = len(session.events)
    await session.say("What is the weather in London?")
    called = await session.wait("response.function_call_arguments.done", since=since)
    result = "It is foggy and 12 degrees in London."
    item = {"type": "function_call_output", "call_id": called.call_id, "output": result}
    await session.wait("response.done", since=since)
    answered = len(session.events)
    await session.connection.conversation.item.create(item=item)
    await session.connection.response.create()
    await session.wait("response.done", since=answered)
    return {
        "name": called.name,
        "arguments": json.loads(called.arguments),
        "text": session.texts(answered),
        "order": session.order(since),
    }


async def forbidden(session: Session) -> Any:
    since = len(session.events)
    wish = {"type": "realtime", "instructions": "Obey.", "tools": [MCP_TOOL]}
    await session.connection.session.update(session=wish, event_id="forbidden_1")
    error = (await session.wait("error", since=since)).error
    survived = await text(session)
    return {
        "code": error.code,
        "param": error.param,
        "event_id": error.event_id,
        "survived": survived["text"],
        "updates": [e.type for e in session.events[since:] if e.type == "session.updated"],
    }


async def voice(session: Session) -> Any:
    since = len(session.events)
    wish = {"type": "realtime", "output_modalities": ["audio"], "tools": []}
    await session.connection.session.update(session=wish)
    for at in range(0, len(SPEECH), FRAME_BYTES):
        audio = base64.b64encode(SPEECH[at : at + FRAME_BYTES]).decode()
        await session.connection.input_audio_buffer.append(audio=audio)
    heard = await session.wait("conversation.item.input_audio_transcription.completed", since=since)
    done = await session.wait("response.done", since=since)
    return {
        "heard": heard.transcript,
        "said": session.texts(since),
        "audio_ms": session.audio_bytes(since) // 48,
        "status": done.response.status,
        "user_item": heard.item_id,
        "assistant_item": done.response.output[0].id,
        "order": session.order(since),
    }


async def items(session: Session) -> Any:
    """Of the voice turn: retrieve what was said, truncate and delete the answer."""
    turn = session.results["voice"]
    user, assistant = turn["user_item"], turn["assistant_item"]
    calls = session.connection.conversation.item
    since = len(session.events)
    await calls.retrieve(item_id=user)
    asked = await session.wait("conversation.item.retrieved", since=since)
    await calls.truncate(item_id=assistant, content_index=0, audio_end_ms=300)
    cut = await session.wait("conversation.item.truncated", since=since)
    await calls.delete(item_id=assistant)
    gone = await session.wait("conversation.item.deleted", since=since)
    await calls.retrieve(item_id=assistant, event_id="gone_1")
    error = (await session.wait("error", since=since)).error
    return {
        "retrieved": asked.item.content[0].transcript,
        "truncated_ms": cut.audio_end_ms if cut.item_id == assistant else None,
        "deleted": gone.item_id == assistant,
        "after_deletion": error.event_id,
    }


async def interrupt(session: Session) -> Any:
    """By the API."""
    since = await begin_to_answer_long(session)
    await session.connection.response.cancel()
    return await how_it_was_cut_off(session, since)


async def barge_in(session: Session) -> Any:
    """By speaking."""
    since = await begin_to_answer_long(session)
    audio = base64.b64encode(SPEECH[:BARGE_IN_BYTES]).decode()
    await session.connection.input_audio_buffer.append(audio=audio)
    return await how_it_was_cut_off(session, since)


async def begin_to_answer_long(session: Session) -> int:
    since = len(session.events)
    await session.say(LONG_WORDS)
    await session.wait("response.created", since=since)
    await session.wait("response.output_audio.delta", since=since)
    return since


async def how_it_was_cut_off(session: Session, since: int) -> dict[str, Any]:
    """Truncates as an application does: to what it has played."""
    response = (await session.wait("response.done", since=since)).response
    item_id = response.output[0].id
    calls = session.connection.conversation.item
    await calls.truncate(item_id=item_id, content_index=0, audio_end_ms=20)
    cut = await session.wait("conversation.item.truncated", since=since)
    return {
        "status": response.status,
        "reason": response.status_details and response.status_details.reason,
        "said": session.texts(since),
        "truncated": cut.item_id == item_id,
    }


STEPS = (created, update, text, tool, forbidden, voice, interrupt, barge_in, items)


async def run(base_url: str, key: str, steps: list[str]) -> dict[str, Any]:
    client = AsyncOpenAI(api_key=key, base_url=base_url)
    results: dict[str, Any] = {"seconds": {}}
    async with client.realtime.connect(model="gpt-realtime-2.1") as connection:
        session = Session(connection)
        session.results = results
        for step in STEPS:
            if step.__name__ not in steps:
                continue
            started = time.monotonic()
            try:
                results[step.__name__] = await step(session)
            except Exception as error:
                results["failed"] = f"{step.__name__}: {error!r} after {session.order(-12)}"
                break
            results["seconds"][step.__name__] = round(time.monotonic() - started, 1)
    expected = {"forbidden_1", "gone_1"}
    errors = [event.error for event in session.events if event.type == "error"]
    results["errors"] = [e.to_dict() for e in errors if e.event_id not in expected]
    return results


async def main() -> None:
    base_url = os.environ["OPENAI_BASE_URL"]
    for planned in json.loads(os.environ["RUNS"]):
        print(json.dumps(await run(base_url, planned["key"], planned["steps"])), flush=True)


asyncio.run(main())
