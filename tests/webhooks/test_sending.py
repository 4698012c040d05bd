"""One request: no redirect, no endless wait, no endless answer."""

from __future__ import annotations

import asyncio
import socket

import pytest
from pytest_django.fixtures import Settings

from tests.fakes.webhook_receiver import WebhookReceiver
from webhooks.sending import Outcome, post


def send(url: str) -> Outcome:
    return asyncio.run(post(url, {"webhook-id": "msg_1"}, b"{}"))


def test_a_redirect_is_an_answer_and_not_followed(receiver: WebhookReceiver) -> None:
    receiver.answers = [(302, {"Location": f"{receiver.url}/elsewhere"})]
    outcome = send(f"{receiver.url}/calls")
    assert (outcome.status, outcome.is_success) == (302, False)
    assert [one.path for one in receiver.received] == ["/calls"]


def test_a_proxy_of_the_environment_is_not_asked(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert send(f"{receiver.url}/calls").is_success


def test_who_does_not_answer_in_time_has_failed(
    receiver: WebhookReceiver, settings: Settings
) -> None:
    settings.WEBHOOK_TIMEOUT_SEC = 0.2
    receiver.may_answer.clear()
    outcome = send(f"{receiver.url}/calls")
    assert (outcome.status, outcome.error) == (None, "webhook_timed_out")


@pytest.mark.parametrize(
    ("beginning", "status"), [(b"HTTP/1.1 200 OK\r\nX: ", None), (b"HTTP/1.1 200 OK\r\n\r\n", 200)]
)
async def test_an_answer_without_end_costs_no_more_than_the_time(
    receiver: WebhookReceiver, settings: Settings, beginning: bytes, status: int | None
) -> None:
    settings.WEBHOOK_TIMEOUT_SEC = 0.5
    over = asyncio.Event()

    async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        try:
            while True:
                writer.write(b"x" * 512)
                await writer.drain()
                await asyncio.sleep(0.001)
        except ConnectionError:
            writer.transport.abort()
            over.set()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        outcome = await post(f"http://127.0.0.1:{port}/", {}, b"{}")
        await asyncio.wait_for(over.wait(), 30)
    assert (outcome.status, bool(outcome.error)) == (status, status is None)


def test_a_closed_port_and_a_broken_certificate_have_words_of_their_own(
    receiver: WebhookReceiver,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    assert send(f"http://127.0.0.1:{closed}/").error == "webhook_unreachable"
    speaks_no_tls = receiver.url.replace("http:", "https:")
    assert send(speaks_no_tls).error == "webhook_tls_failed"


def test_retry_after_is_read_in_seconds(receiver: WebhookReceiver) -> None:
    receiver.answers = [
        (503, {"Retry-After": "120"}),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
    ]
    assert [send(receiver.url).retry_after_s for _ in range(2)] == [120.0, None]
