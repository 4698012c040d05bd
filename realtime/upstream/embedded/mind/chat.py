"""A mind behind any OpenAI-compatible chat endpoint, streamed sentence by sentence.

The rules answer instead when the endpoint fails before it has said anything, so that a wrong
setting or a stopped server never leaves a caller in silence.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson

from realtime.upstream.embedded.mind.rules import RuleMind
from realtime.upstream.embedded.ports import (
    CallFunction,
    Context,
    FunctionCalled,
    FunctionReturned,
    HistoryEntry,
    Mind,
    MindFailed,
    Say,
    Thought,
)

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0
SILENCE_TIMEOUT_S = 20.0
MAX_ANSWER_CHARACTERS = 8000
_MAX_CALLS = 16


class ChatMind:
    """`base_url` ends before `/chat/completions`; no `model` means the endpoint's own default."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str = "",
        model: str = "",
        fallback: Mind | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._model = model
        self._fallback = fallback or RuleMind()
        self._transport = transport

    async def think(self, context: Context) -> AsyncIterator[Thought]:
        """Raises MindFailed when the endpoint breaks in mid-answer."""
        begun = False
        try:
            async for thought in self._ask(context):
                begun = True
                yield thought
        except (httpx.HTTPError, _BadAnswer) as error:
            # The message may hold the address or words said: the kind of failure is enough.
            logger.warning("chat endpoint failed", extra={"error": type(error).__name__})
            if begun:
                raise MindFailed("the chat endpoint failed") from error
            async for thought in self._fallback.think(context):
                yield thought

    async def _ask(self, context: Context) -> AsyncIterator[Thought]:
        timeout = httpx.Timeout(SILENCE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        client = httpx.AsyncClient(timeout=timeout, transport=self._transport)
        async with (
            client,
            client.stream(
                "POST", self._url, headers=self._headers, json=self._request(context)
            ) as answer,
        ):
            answer.raise_for_status()
            said = ""
            rest = ""
            calls: dict[int, dict[str, str]] = {}
            async for delta in _deltas(answer):
                text = delta.get("content") or ""
                said += text
                rest += text
                _collect_calls(calls, delta.get("tool_calls") or ())
                *whole, rest = re.split(r"(?<=[.!?])(?=\s)", rest)
                for sentence in whole:
                    yield Say(sentence)
                if len(said) > MAX_ANSWER_CHARACTERS:
                    break
            if rest:
                yield Say(rest)
            for call in calls.values():
                yield CallFunction(call["name"], call["arguments"] or "{}")
            if not said and not calls:
                raise _BadAnswer

    def _request(self, context: Context) -> dict[str, Any]:
        messages: list[dict[str, Any]] = []
        if context.instructions:
            messages.append({"role": "system", "content": context.instructions})
        messages += [_message(entry) for entry in context.history]
        request: dict[str, Any] = {"messages": messages, "stream": True}
        if self._model:
            request["model"] = self._model
        if context.tools:
            request["tools"] = [
                {
                    "type": "function",
                    "function": {
                        "name": tool.name,
                        "description": tool.description,
                        "parameters": dict(tool.parameters),
                    },
                }
                for tool in context.tools
            ]
            if not context.parallel:
                request["parallel_tool_calls"] = False
            if context.required_name is not None:
                named = {"name": context.required_name}
                request["tool_choice"] = {"type": "function", "function": named}
            elif context.required:
                request["tool_choice"] = "required"
        return request


class _BadAnswer(Exception):
    """The endpoint answered 200 with something that is no answer."""


async def _deltas(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The `delta` of every server-sent chunk."""
    async for line in answer.aiter_lines():
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        try:
            delta = orjson.loads(data)["choices"][0]["delta"]
        except (orjson.JSONDecodeError, LookupError, TypeError):
            continue  # usage chunks and comments carry no choice
        if isinstance(delta, dict):
            yield delta


def _collect_calls(calls: dict[int, dict[str, str]], pieces: Any) -> None:
    for piece in pieces:
        with contextlib.suppress(AttributeError, TypeError):
            index = int(piece.get("index") or 0)
            if index not in calls and len(calls) >= _MAX_CALLS:
                return
            call = calls.setdefault(index, {"name": "", "arguments": ""})
            function = piece.get("function") or {}
            call["name"] += function.get("name") or ""
            call["arguments"] += function.get("arguments") or ""


def _message(entry: HistoryEntry) -> dict[str, Any]:
    if isinstance(entry, FunctionCalled):
        function = {"name": entry.name, "arguments": entry.arguments}
        call = {"id": entry.call_id, "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    if isinstance(entry, FunctionReturned):
        return {"role": "tool", "tool_call_id": entry.call_id, "content": entry.output}
    return {"role": entry.speaker.value, "content": entry.text}
