"""Nobody reaches another one's session, and what is wrong with a request is named; the session
lives on."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from realtime.core.audio import pcm16_bytes
from tests.contract.gateway import Gateway
from tests.headless.person import SESSIONS, Call, Person
from tests.headless.recordings import GO_FORWARD, GO_FORWARD_WORDS

COMMANDS = ("text", "audio", "commit", "stop")
STREAMS = ("events", "transcript", "audio.wav")
BODIES: dict[str, dict[str, Any]] = {
    "text": {"json": {"text": "hello"}},
    "audio": {"json": {"audio": "AAAA"}},
}
WAV = {"Content-Type": "audio/wav"}


@pytest.fixture(scope="module")
def call(server: Gateway) -> Call:
    """A session that outlives everything that is refused in it."""
    return Person(server).start()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("verb", COMMANDS + STREAMS)
def test_another_users_session_does_not_exist_for_anybody_else(
    call: Call, bob: Person, verb: str
) -> None:
    method = "POST" if verb in COMMANDS else "GET"
    for path in (f"{call.path}/{verb}", f"{SESSIONS}rtc_1_{'0' * 32}/{verb}"):
        answer = bob.ask(method, path, **BODIES.get(verb, {}))
        assert refusal(answer) == (404, "not_found")


@pytest.mark.parametrize("verb", COMMANDS + STREAMS)
def test_without_a_credential_nothing_is_answered(server: Gateway, call: Call, verb: str) -> None:
    method = "POST" if verb in COMMANDS else "GET"
    for headers in ({}, {"Authorization": "Bearer forged"}):
        answer = httpx.request(method, f"{server.process.url}{call.path}/{verb}", headers=headers)
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers


def test_a_stream_token_opens_the_streams_of_its_own_session_alone(
    server: Gateway, call: Call, bob: Person
) -> None:
    token = call.started["events_url"].partition("?")[2]
    others = bob.start()
    for what in STREAMS:
        answer = server.http.get(f"{others.path}/{what}?{token}")
        assert refusal(answer) == (404, "not_found")
        broken = server.http.get(f"{call.path}/{what}?{token[:-1]}")
        assert refusal(broken) == (401, "stream_token_not_valid")
    assert server.http.post(f"{call.path}/commit?{token}").status_code == 401


def test_a_stream_token_never_stands_in_the_log(server: Gateway, call: Call) -> None:
    with call.listen("transcript"):
        pass
    assert "/transcript" in server.process.log()
    assert "token=" not in server.process.log()


def test_a_session_of_a_socket_is_no_headless_one(server: Gateway) -> None:
    minted = server.mint()
    answer = server.request("POST", f"{SESSIONS}{minted['session_id']}/commit")
    assert refusal(answer) == (404, "not_found")


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": None}, {"text": "  \n"}])
def test_a_text_that_says_nothing_is_422(call: Call, body: dict[str, str | None]) -> None:
    assert refusal(call.post("text", json=body)) == (422, "empty_text")


def test_a_commit_of_nothing_is_422(call: Call) -> None:
    assert refusal(call.post("commit")) == (422, "nothing_to_commit")
    short = base64.b64encode(bytes(pcm16_bytes(50))).decode()
    assert call.post("audio", json={"audio": short}).status_code == 202
    assert refusal(call.post("commit")) == (422, "nothing_to_commit")


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"", "audio/wav", (422, "empty_audio")),
        (b"These are words in a file named speech.wav", "audio/wav", (422, "invalid_audio")),
        (b"These are words", "text/plain", (415, "unsupported_audio")),
        (b"{", "application/json", (400, "parse_error")),
        (b'{"sound": "AAAA"}', "application/json", (422, "invalid_audio")),
    ],
)
def test_what_is_no_audio_is_named(
    call: Call, body: bytes, content_type: str, expected: tuple[int, str]
) -> None:
    answer = call.post("audio", content=body, headers={"Content-Type": content_type})
    assert refusal(answer) == expected


def test_a_two_hour_wav_is_refused_before_it_is_read(
    server: Gateway, call: Call, tmp_path: Path
) -> None:
    long = tmp_path / "two-hours.wav"
    byte_count = pcm16_bytes(2 * 60 * 60 * 1000, 48_000)
    with long.open("wb") as file:
        file.write(GO_FORWARD.read_bytes()[:44])
        file.truncate(byte_count)  # sparse: it takes no room
    saved = tmp_path / "answer"
    form = "%{http_code} %{size_upload}"
    command = ["curl", "-s", "-o", str(saved), "-w", form, "-H", "Content-Type: audio/wav"]
    command += ["-H", f"Authorization: Bearer {server.access()}", "-X", "POST", "-T", str(long)]
    url = f"{server.process.url}{call.path}/audio"
    answer = subprocess.run([*command, url], check=True, capture_output=True, text=True, timeout=30)
    status, uploaded = answer.stdout.split()
    assert (status, "audio_too_large" in saved.read_text()) == ("413", True)
    assert int(uploaded) < byte_count // 10


def test_a_client_that_sends_everything_before_it_reads_is_told_why(
    server: Gateway, call: Call
) -> None:
    """As `urllib` does: on a connection that was reset meanwhile there would be nothing to read."""
    headers = {
        **WAV,
        "Authorization": f"Bearer {server.access()}",
        "Connection": "close",
        "Content-Length": str(128 * 1024 * 1024),
    }
    address = urlsplit(server.process.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    with contextlib.closing(connection):
        pieces = (bytes(64 * 1024) for _ in range(2048))
        connection.request("POST", f"{call.path}/audio", pieces, headers)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (413, "audio_too_large")


def test_an_upload_of_no_declared_length_is_cut_off_when_it_is_too_long(call: Call) -> None:
    pieces = (bytes(1024 * 1024) for _ in range(100))
    answer = call.post("audio", content=pieces, headers=WAV)
    assert refusal(answer) == (413, "audio_too_large")


def test_an_upload_of_no_declared_length_is_heard_when_it_fits(call: Call) -> None:
    answer = call.post("audio", content=iter([GO_FORWARD.read_bytes()]), headers=WAV)
    assert (answer.status_code, answer.json()["audio_ms"]) == (202, 2786)


@pytest.mark.parametrize(
    "wishes",
    [{"voice": "nobody"}, {"turn_detection": {"type": "magic"}}, {"language": "12"}, {"speed": 9}],
)
def test_a_session_that_cannot_be_is_not_started(alice: Person, wishes: dict[str, object]) -> None:
    assert refusal(alice.ask("POST", SESSIONS, json=wishes)) == (400, "invalid")


def test_somebody_elses_conversation_does_not_exist(alice: Person, bob: Person) -> None:
    theirs = alice.start()
    answer = bob.ask("POST", SESSIONS, json={"conversation_id": theirs.conversation_id})
    assert refusal(answer) == (404, "conversation_not_found")


def test_an_unknown_item_has_no_sound(call: Call) -> None:
    answer = call.person.ask("GET", f"{call.path}/audio.wav", params={"item_id": "item_none"})
    assert refusal(answer) == (404, "item_not_found")


def test_after_all_that_the_session_still_listens(call: Call) -> None:
    """Last in this file, on purpose: it is the same session that was asked for all of the above."""
    call.speak()
    heard = call.turn()
    assert GO_FORWARD_WORDS in heard.user
    assert call.post("stop").status_code == 200
