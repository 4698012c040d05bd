"""A running server reports a real call to a receiver that checks the signature."""

from __future__ import annotations

import asyncio
import time

from openai import OpenAI

from tests.contract.gateway import EVENT_TIMEOUT_S, Gateway, ended
from tests.fakes.webhook_receiver import webhook_receiver

WEBHOOKS = "/api/admin/webhooks/"


async def test_the_end_of_a_call_is_reported_with_its_words_and_its_sound(
    gateway: Gateway,
) -> None:
    with webhook_receiver() as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        issued = gateway.request("POST", WEBHOOKS, person="admin", json={"url": url}).json()
        one = f"{WEBHOOKS}{issued['webhook']['id']}/"
        try:
            minted = gateway.mint()
            async with gateway.call(minted) as socket:
                await socket.say("hello", answer=False)
                await socket.send(type="response.create")
                await socket.wait_for("response.done")
            await ended(gateway, minted["session_id"])
            received = receiver.wait_for_call(minted["session_id"])
            with OpenAI(api_key="unused") as client:
                client.webhooks.verify_signature(
                    received.body, received.headers, secret=issued["secret"]
                )
            told = received.event["data"]
            assert told["session_id"] == minted["session_id"]
            assert [line["role"] for line in told["transcript"]] == ["user", "assistant"]
            assert told["transcript"][0]["text"] == "hello"
            sound = told["audio"]
            assert sound["audio_out_ms"] > 300
            assert abs(sound["audio_out_bytes"] / 48 - sound["audio_out_ms"]) < 100
            deadline = time.monotonic() + EVENT_TIMEOUT_S
            while not (found := deliveries(gateway, f"{one}deliveries/?state=delivered")):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            assert [attempt["status"] for attempt in found[0]["attempts"]] == [204]
        finally:
            gateway.request("DELETE", one, person="admin")


def deliveries(gateway: Gateway, path: str) -> list[dict[str, list[dict[str, int]]]]:
    results: list[dict[str, list[dict[str, int]]]]
    results = gateway.request("GET", path, person="admin").json()["results"]
    return results
