"""Questions between server processes by Redis pub/sub, each answered or given up in bounded time.

Pub/sub delivers at most once, so the asker repeats a question until its answer comes; the answerer
knows a question it has seen by its id and never does the same thing twice. After Redis was away
both sides subscribe anew by themselves, and what was being asked is asked again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

CHANNEL_PREFIX: Final = "voiceassist.headless."
CONNECT_TIMEOUT_S: Final = 2.0
PUBLISH_TIMEOUT_S: Final = 5.0
LISTEN_STEP_S: Final = 5.0
ASK_AGAIN_AFTER_S: Final = 2.0
UNHEARD_FOR_S: Final = 3.0  # in which a process that lives would have subscribed again
REPLY_TIMEOUT_S: Final = 5.0
RETRY_DELAY_S: Final = 0.1
ANSWERS_KEPT: Final = 500
_AWAY = (RedisError, OSError, TimeoutError)

Head = dict[str, Any]
Answerer = Callable[[Head, bytes], Awaitable[tuple[Head, bytes]]]


class Unreachable(Exception):
    """Nobody answered in time: the process is gone, or Redis is."""


class Bus:
    """One per process. Call `start` on the event loop, `aclose` at the end.

    answer: what other processes ask of this one; must not raise.
    """

    def __init__(self, url: str, name: str, answer: Answerer) -> None:
        self._name = name
        self._answer = answer
        self._publisher: Redis = Redis.from_url(
            url, socket_connect_timeout=CONNECT_TIMEOUT_S, socket_timeout=PUBLISH_TIMEOUT_S
        )
        # Without a time-out of its own: an idle subscriber would die of it (redis-py 8).
        self._subscriber: Redis = Redis.from_url(
            url, socket_connect_timeout=CONNECT_TIMEOUT_S, socket_timeout=None
        )
        self._subscribed = asyncio.Event()
        self._lost = asyncio.Event()  # of one subscription: what was asked over it is asked again
        self._waiting: dict[str, asyncio.Future[tuple[Head, bytes]]] = {}
        self._answered: OrderedDict[str, asyncio.Task[tuple[Head, bytes]]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen from now on, whenever Redis is there. Repeating it is fine."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(), name="headless bus")

    async def aclose(self) -> None:
        tasks: list[asyncio.Task[Any]] = [*self._tasks, *self._answered.values()]
        if self._listening is not None:
            tasks.append(self._listening)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in (self._publisher, self._subscriber):
            with contextlib.suppress(*_AWAY):
                await client.aclose()

    async def ask(
        self,
        name: str,
        head: Head,
        payload: bytes = b"",
        *,
        timeout_s: float,
        takes_s: float = 0.0,
        once: bool = True,
    ) -> tuple[Head, bytes]:
        """The answer of the process `name`. Raises Unreachable; it may then still be carried out,
        but not twice.

        takes_s: how long the answer may take by itself. once: a second answer would do harm.
        """
        question_id = secrets.token_hex(12)
        question = {"ask": question_id, "from": self._name, "once": once, "head": head}
        message = _pack(question, payload)
        answer: asyncio.Future[tuple[Head, bytes]] = asyncio.get_running_loop().create_future()
        self._waiting[question_id] = answer
        unheard_since: float | None = None
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    await self._subscribed.wait()  # or the answer would find nobody
                    heard = await self._publish(name, message)
                    now = time.monotonic()
                    if heard is None or heard > 0:
                        unheard_since = None
                    elif unheard_since is None:
                        unheard_since = now
                    elif now - unheard_since > UNHEARD_FOR_S:
                        raise Unreachable(name)
                    again_s = takes_s + ASK_AGAIN_AFTER_S if heard else RETRY_DELAY_S
                    await self._wait_for(answer, again_s)
                    if answer.done():
                        return answer.result()
        except TimeoutError:
            raise Unreachable(name) from None
        finally:
            del self._waiting[question_id]

    async def _wait_for(self, answer: asyncio.Future[tuple[Head, bytes]], timeout_s: float) -> None:
        """Until the answer, or until our subscription broke, by which it would have come."""
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            both: set[asyncio.Future[Any]] = {answer, lost}
            await asyncio.wait(both, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()

    async def _publish(self, name: str, message: bytes) -> int | None:
        """How many listened; None when Redis did not take it."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                return int(await self._publisher.publish(CHANNEL_PREFIX + name, message))
        except _AWAY as error:
            logger.info("the headless bus cannot send: %s", type(error).__name__)
            return None

    async def _listen(self) -> None:
        failures = 0
        while True:
            began_at = time.monotonic()
            try:
                await self._listen_once()
            except _AWAY as error:
                failures = 0 if time.monotonic() - began_at > LISTEN_STEP_S else failures + 1
                if failures <= 1:
                    logger.warning("the headless bus lost Redis: %s", type(error).__name__)
            self._subscribed.clear()
            lost, self._lost = self._lost, asyncio.Event()
            lost.set()
            await asyncio.sleep(min(RETRY_DELAY_S * 2 ** min(failures, 4), 1.0))

    async def _listen_once(self) -> None:
        """Until the connection breaks. A silent one is asked for a sign of life."""
        async with self._subscriber.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL_PREFIX + self._name)
            silent_steps = 0
            while silent_steps < 3:
                message = await pubsub.get_message(timeout=LISTEN_STEP_S)
                if message is None:
                    silent_steps += 1
                    await pubsub.ping()
                    continue
                silent_steps = 0
                if message["type"] == "subscribe":
                    self._subscribed.set()
                elif message["type"] == "message":
                    self._receive(message["data"])
        raise TimeoutError("Redis does not answer")

    def _receive(self, message: bytes) -> None:
        envelope, payload = _unpack(message)
        if "ask" in envelope:
            task = asyncio.create_task(self._reply(envelope, payload), name="headless answer")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        waiting = self._waiting.get(envelope["answer"])
        if waiting is not None and not waiting.done():
            waiting.set_result((envelope["head"], payload))

    async def _reply(self, question: Head, payload: bytes) -> None:
        question_id = question["ask"]
        answering = self._answered.get(question_id)
        if answering is None:
            answering = asyncio.create_task(
                self._do(question["head"], payload), name="headless answer"
            )
            self._answered[question_id] = answering
            self._forget_answered()
        head, body = await asyncio.shield(answering)
        if not question["once"]:
            self._answered.pop(question_id, None)
        reply = _pack({"answer": question_id, "head": head}, body)
        until = time.monotonic() + REPLY_TIMEOUT_S
        while not await self._publish(question["from"], reply):
            if time.monotonic() > until:
                return  # it asks again, if it still lives
            await asyncio.sleep(RETRY_DELAY_S)

    async def _do(self, head: Head, payload: bytes) -> tuple[Head, bytes]:
        return await self._answer(head, payload)

    def _forget_answered(self) -> None:
        while len(self._answered) > ANSWERS_KEPT:
            if not next(iter(self._answered.values())).done():
                return
            self._answered.popitem(last=False)


def _pack(envelope: Head, payload: bytes) -> bytes:
    """One line of JSON, then the payload as it is."""
    return orjson.dumps(envelope) + b"\n" + payload


def _unpack(message: bytes) -> tuple[Head, bytes]:
    envelope, _, payload = message.partition(b"\n")
    parsed: Head = orjson.loads(envelope)
    return parsed, payload
