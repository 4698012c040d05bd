"""Does with PyPI's `openai-agents` what a script names, and prints what came of it as JSON.

Runs in the SDKs' environment. Environment: OPENAI_BASE_URL, SPEECH_PCM (24 kHz mono PCM16), RUNS:
a JSON list of {key, steps}, each of which opens one session and takes its steps in order.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession
from agents.realtime.model_inputs import RealtimeModelSendInterrupt, RealtimeModelSendRawMessage

TIMEOUT_S = 40.0
SPEECH = Path(os.environ["SPEECH_PCM"]).read_bytes()
FRAME_BYTES = 9_600
BARGE_IN_BYTES = 72_000  # 1.5 s
# The demonstration voice says again what it has no answer to: minutes of speech to interrupt.
LONG_WORDS = "The committee considered the harvest and adjourned. " * 100
MCP_TOOL = {"type": "mcp", "server_label": "notes", "server_url": "https://notes.example.org"}
calls: list[dict[str, Any]] = []


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city"""
    calls.append({"city": city})
    return "It is foggy and 12 degrees in London."


class Watched:
    """A session with all it told: `events` of the SDK, `raw` events of the server."""

    def __init__(self, session: RealtimeSession) -> None:
        self.session = session
        self.events: list[Any] = []
        self.raw: list[dict[str, Any]] = []
        self.audio_bytes = 0
        self.results: dict[str, Any] = {}
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.session:
            async with self._news:
                self.events.append(event)
                if event.type == "raw_model_event" and event.data.type == "raw_server_event":
                    self.raw.append(event.data.data)
                elif event.type == "audio":
                    self.audio_bytes += len(event.audio.data)
                self._news.notify_all()

    async def wait(self, happened: Callable[[], Any], what: str) -> Any:
        async with asyncio.timeout(TIMEOUT_S), self._news:
            while not (found := happened()):
                if self._reading.done():
                    raise ConnectionError(f"closed while waiting for {what}")
                await self._news.wait()
            return found

    async def wait_raw(self, type_: str, since: int) -> dict[str, Any]:
        found = lambda: [e for e in self.raw[since:] if e["type"] == type_]  # noqa: E731
        return (await self.wait(found, type_))[0]

    async def wait_turn(self, count: int) -> None:
        """Until the agent has ended its work that many times."""
        ended = lambda: sum(e.type == "agent_end" for e in self.events) >= count  # noqa: E731
        await self.wait(ended, f"{count} ends of a turn")

    def turns(self) -> int:
        return sum(event.type == "agent_end" for event in self.events)

    async def send_raw(self, type_: str, **fields: Any) -> None:
        message = {"type": type_, "other_data": fields}
        await self.session.model.send_event(RealtimeModelSendRawMessage(message=message))

    def said(self, since: int) -> str:
        finals = {
            "response.output_text.done": "text",
            "response.output_audio_transcript.done": "transcript",
        }
        return " ".join(e[finals[e["type"]]] for e in self.raw[since:] if e["type"] in finals)

    def order(self, since: int) -> list[str]:
        """The server's events since then, deltas dropped."""
        return [e["type"] for e in self.raw[since:] if not e["type"].endswith(".delta")]


async def created(watched: Watched) -> Any:
    """The SDK says nothing until the provider did: its own first updates must be answered, too."""
    event = await watched.wait_raw("session.created", 0)
    await watched.wait(
        lambda: sum(e["type"] == "session.updated" for e in watched.raw) >= 2, "its two updates"
    )
    return {"first": watched.raw[0]["type"], "session_id": event["session"]["id"]}


async def update(watched: Watched) -> Any:
    since = len(watched.raw)
    agent = RealtimeAgent(name="Host", instructions="Be brief.", tools=[get_weather])
    await watched.session.update_agent(agent)
    told = (await watched.wait_raw("session.updated", since))["session"]
    return {
        "output_modalities": told["output_modalities"],
        "voice": told["audio"]["output"]["voice"],
        "instructions": told["instructions"],
        "tools": [tool["name"] for tool in told["tools"]],
    }


async def text(watched: Watched) -> Any:
    since, turns = len(watched.raw), watched.turns()
    await watched.session.send_message("What is two plus three?")
    await watched.wait_turn(turns + 1)
    done = await watched.wait_raw("response.done", since)
    return {
        "text": watched.said(since),
        "status": done["response"]["status"],
        "tokens": done["response"]["usage"]["total_tokens"],
        "order": watched.order(since),
    }


async def tool(watched: Watched) -> Any:
    since, turns = len(watched.raw), watched.turns()
    await watched.session.send_message("What is the weather in London?")
    await watched.wait_turn(turns + 2)
    ended = [event for event in watched.events if event.type == "tool_end"]
    return {
        "name": ended[-1].tool.name,
        "arguments": calls[-1],
        "text": watched.said(since),
        "order": watched.order(since),
    }


async def forbidden(watched: Watched) -> Any:
    since = len(watched.raw)
    wish = {"type": "realtime", "instructions": "Obey.", "tools": [MCP_TOOL]}
    await watched.send_raw("session.update", session=wish, event_id="forbidden_1")
    error = (await watched.wait_raw("error", since))["error"]
    survived = await text(watched)
    return {
        "code": error["code"],
        "param": error["param"],
        "event_id": error["event_id"],
        "survived": survived["text"],
        "updates": [t for t in watched.order(since) if t == "session.updated"],
    }


async def voice(watched: Watched) -> Any:
    since, turns, heard_before = len(watched.raw), watched.turns(), watched.audio_bytes
    for at in range(0, len(SPEECH), FRAME_BYTES):
        await watched.session.send_audio(SPEECH[at : at + FRAME_BYTES])
    heard = await watched.wait_raw("conversation.item.input_audio_transcription.completed", since)
    await watched.wait_turn(turns + 1)
    done = (await watched.wait_raw("response.done", since))["response"]
    history = {item.item_id: item for item in watched.session._history}
    return {
        "heard": heard["transcript"],
        "said": watched.said(since),
        "audio_ms": (watched.audio_bytes - heard_before) // 48,
        "status": done["status"],
        "user_item": heard["item_id"],
        "assistant_item": done["output"][0]["id"],
        "history": history[heard["item_id"]].content[0].transcript,
        "order": watched.order(since),
    }


async def items(watched: Watched) -> Any:
    """Of the voice turn: retrieve what was said, truncate and delete the answer."""
    turn = watched.results["voice"]
    user, assistant = turn["user_item"], turn["assistant_item"]
    since = len(watched.raw)
    await watched.send_raw("conversation.item.retrieve", item_id=user)
    asked = (
        await watched.wait(
            lambda: [
                e
                for e in watched.raw[since:]
                if e["type"] == "conversation.item.retrieved" and e["item"]["id"] == user
            ],
            "the item",
        )
    )[0]
    cut_at = {"item_id": assistant, "content_index": 0, "audio_end_ms": 300}
    await watched.send_raw("conversation.item.truncate", **cut_at)
    cut = await watched.wait_raw("conversation.item.truncated", since)
    await watched.send_raw("conversation.item.delete", item_id=assistant)
    gone = await watched.wait_raw("conversation.item.deleted", since)
    await watched.send_raw("conversation.item.retrieve", item_id=assistant, event_id="gone_1")
    error = (await watched.wait_raw("error", since))["error"]
    return {
        "retrieved": asked["item"]["content"][0]["transcript"],
        "truncated_ms": cut["audio_end_ms"] if cut["item_id"] == assistant else None,
        "deleted": gone["item_id"] == assistant,
        "after_deletion": error["event_id"],
    }


async def interrupt(watched: Watched) -> Any:
    """By the API. `session.interrupt()` would leave the cancelling to the server's own ears."""
    since = await begin_to_answer_long(watched)
    await watched.session.model.send_event(RealtimeModelSendInterrupt(force_response_cancel=True))
    return await how_it_was_cut_off(watched, since)


async def barge_in(watched: Watched) -> Any:
    """By speaking."""
    since = await begin_to_answer_long(watched)
    await watched.session.send_audio(SPEECH[:BARGE_IN_BYTES])
    return await how_it_was_cut_off(watched, since)


async def begin_to_answer_long(watched: Watched) -> int:
    since, audio_before = len(watched.raw), watched.audio_bytes
    await watched.session.send_message(LONG_WORDS)
    await watched.wait_raw("response.created", since)
    await watched.wait(lambda: watched.audio_bytes > audio_before, "audio")
    return since


async def how_it_was_cut_off(watched: Watched, since: int) -> dict[str, Any]:
    done = (await watched.wait_raw("response.done", since))["response"]
    cut = await watched.wait_raw("conversation.item.truncated", since)
    told = any(event.type == "audio_interrupted" for event in watched.events)
    return {
        "status": done["status"],
        "reason": (done["status_details"] or {}).get("reason"),
        "said": watched.said(since),
        "truncated": cut["item_id"] == done["output"][0]["id"] and told,
    }


STEPS = (created, update, text, tool, forbidden, voice, interrupt, barge_in, items)


async def run(base_url: str, key: str, steps: list[str]) -> dict[str, Any]:
    url = base_url.replace("http", "ws", 1) + "/realtime?model=gpt-realtime-2.1"
    runner = RealtimeRunner(RealtimeAgent(name="Guest", tools=[get_weather]))
    results: dict[str, Any] = {"seconds": {}}
    async with await runner.run(model_config={"api_key": key, "url": url}) as session:
        watched = Watched(session)
        watched.results = results
        for step in STEPS:
            if step.__name__ not in steps:
                continue
            started = time.monotonic()
            try:
                results[step.__name__] = await step(watched)
            except Exception as error:
                results["failed"] = f"{step.__name__}: {error!r} after {watched.order(-12)}"
                break
            results["seconds"][step.__name__] = round(time.monotonic() - started, 1)
    expected = ("forbidden_1", "gone_1")
    results["errors"] = [
        str(event.error)
        for event in watched.events
        if event.type == "error" and not any(f"'{name}'" in str(event.error) for name in expected)
    ]
    results["exceptions"] = [
        str(event.data)
        for event in watched.events
        if event.type == "raw_model_event" and event.data.type == "exception"
    ]
    return results


async def main() -> None:
    base_url = os.environ["OPENAI_BASE_URL"]
    for planned in json.loads(os.environ["RUNS"]):
        print(json.dumps(await run(base_url, planned["key"], planned["steps"])), flush=True)


asyncio.run(main())
