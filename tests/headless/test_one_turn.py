"""A whole spoken turn with curl alone, and what is left of it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from realtime.core.audio import read_wav_header
from tests.contract.gateway import Gateway, ended
from tests.contract.latency import turns_that_equal_the_log
from tests.headless.person import Call, Person
from tests.headless.recordings import GO_FORWARD, GO_FORWARD_WORDS, spoken

ROOT = Path(__file__).resolve().parents[2]
ANSWER = "Going forward ten meters."


def loudest(wav: bytes) -> int:
    header = read_wav_header(wav)
    assert (header.sample_rate_hz, header.channels, header.bits_per_sample) == (24_000, 1, 16)
    samples = np.frombuffer(wav[header.data_offset :], dtype="<i2")
    return int(np.abs(samples.astype(np.int32)).max()) if samples.size else 0


def curl(server: Gateway, *arguments: str) -> str:
    command = ["curl", "-sSf", "-H", f"Authorization: Bearer {server.access()}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_curl_alone_has_a_spoken_turn(server: Gateway, tmp_path: Path) -> None:
    started = json.loads(curl(server, "-X", "POST", f"{server.process.url}/api/voice/sessions/"))
    at = f"{server.process.url}/api/voice/sessions/{started['session_id']}"
    saved, captions = tmp_path / "answer.wav", tmp_path / "captions"
    listening = [
        subprocess.Popen(["curl", "-sSfN", started["audio_url"], "-o", str(saved)]),
        subprocess.Popen(["curl", "-sSfN", started["transcript_url"], "-o", str(captions)]),
    ]
    curl(server, "-H", "Content-Type: audio/wav", "--data-binary", f"@{GO_FORWARD}", f"{at}/audio")
    curl(server, "-X", "POST", f"{at}/commit")
    until = time.monotonic() + 30
    while not (captions.exists() and ANSWER in captions.read_text()):
        assert time.monotonic() < until
        time.sleep(0.05)
    stopped = json.loads(curl(server, "-X", "POST", f"{at}/stop"))
    assert (stopped["state"], stopped["end_reason"]) == ("ended", "user_hangup")
    (turn,) = asyncio.run(turns_that_equal_the_log(server, started["session_id"]))
    assert turn["stages"]["v2v_ms"] > turn["stages"]["eou_ms"] > 0
    assert [process.wait(timeout=20) for process in listening] == [0, 0]

    described = subprocess.run(["sox", "--i", saved], check=True, capture_output=True, text=True)
    for expected in ("Channels       : 1", "Sample Rate    : 24000", "16-bit Signed Integer PCM"):
        assert expected in described.stdout
    assert loudest(saved.read_bytes()) > 3_000
    said = f'"role":"user","text":"{GO_FORWARD_WORDS}","final":true'
    assert said in captions.read_text()

    told = [
        (item["role"], item["text"], item["source"])
        for item in server.items(started["conversation_id"])
    ]
    assert told == [("user", GO_FORWARD_WORDS, "voice"), ("assistant", ANSWER, "voice")]
    session = server.session(started["session_id"])
    assert (session["transport"], session["turns"]) == ("rest", 1)
    path = f"/api/review/conversations/{started['conversation_id']}/"
    review = server.request("GET", path, person="admin")
    assert review.status_code == 200
    assert GO_FORWARD_WORDS in review.text
    assert ANSWER in review.text


def test_typed_text_is_answered_and_filed_as_said_by_a_program(alice: Person) -> None:
    call = alice.start(modalities=["text"])
    call.say("what is two plus two")
    heard = call.turn()
    answer = heard.words("response.output_text.done", "text")
    assert "four" in answer.lower() or "4" in answer
    items = alice.gateway.items(call.conversation_id)
    assert (items[0]["role"], items[0]["source"]) == ("user", "api")


def test_two_texts_at_once_are_answered_one_after_the_other(alice: Person) -> None:
    call = alice.start(modalities=["text"])
    for text in ("my name is Ada", "what is my name"):
        call.say(text)
    heard = call.hear(lambda events: [e.name for e in events].count("response.done") == 2)
    assert "error" not in [event.name for event in heard]
    assert "Ada" in [e for e in heard if e.name == "response.output_text.done"][1].data["text"]


def test_a_session_goes_on_in_the_conversation_it_is_given(alice: Person) -> None:
    first = alice.start(modalities=["text"])
    first.say("my name is Grace")
    first.turn()
    first.post("stop")
    second = alice.start(modalities=["text"], conversation_id=first.conversation_id)
    second.say("what is my name")
    assert "Grace" in second.turn().words("response.output_text.done", "text")


def test_the_assistant_speaks_first_where_it_is_asked_to(alice: Person) -> None:
    heard = alice.start(greeting=True).turn()
    assert heard.assistant.startswith("Hello")


def test_with_voice_detection_nobody_has_to_commit(alice: Person) -> None:
    call = alice.start(turn_detection={"type": "server_vad"})
    quiet = bytes(48_000)
    sound = spoken().tobytes() + quiet
    answer = call.post("audio", content=sound, headers={"Content-Type": "audio/pcm;rate=24000"})
    assert (answer.status_code, answer.json()["audio_ms"]) == (202, len(sound) // 48)
    heard = call.turn()
    assert (heard.user, heard.assistant) == (GO_FORWARD_WORDS, ANSWER)


def test_one_request_is_a_whole_turn(server: Gateway, alice: Person) -> None:
    headers = {"Content-Type": "audio/wav"}
    sound = GO_FORWARD.read_bytes()
    answer = alice.ask("POST", "/api/voice/turns", content=sound, headers=headers)
    assert answer.status_code == 200, answer.text
    turn = answer.json()
    assert (turn["transcript"], turn["text"]) == (GO_FORWARD_WORDS, ANSWER)
    assert turn["audio_ms"] > 500
    assert server.session(turn["session_id"])["state"] == "ended"
    assert len(server.items(turn["conversation_id"])) == 2

    path = f"/api/voice/turns?conversation_id={turn['conversation_id']}&voice=cedar"
    wav = alice.ask("POST", path, content=sound, headers={**headers, "Accept": "audio/wav"})
    assert wav.headers["content-type"] == "audio/wav"
    assert loudest(wav.content) > 3_000
    assert len(server.items(turn["conversation_id"])) == 4


def test_one_request_may_ask_for_a_written_answer(server: Gateway, alice: Person) -> None:
    path = "/api/voice/turns?modalities=text"
    headers = {"Content-Type": "audio/wav"}
    answer = alice.ask("POST", path, content=GO_FORWARD.read_bytes(), headers=headers)
    turn = answer.json()
    assert (answer.status_code, turn["text"], turn["audio_ms"]) == (200, ANSWER, 0)
    assert server.items(turn["conversation_id"]), "what the query does not mention is as usual"


async def test_a_session_nobody_uses_ends_by_itself(tmp_path: Path) -> None:
    settings = {"LIMIT_IDLE_SEC": "2", "LIMIT_SESSIONS_PER_USER": "1"}
    with Gateway(tmp_path / "idle", **settings) as gateway, Person(gateway) as person:
        call = person.start()
        full = person.ask("POST", "/api/voice/sessions/", json={})
        assert (full.status_code, full.json()["code"]) == (429, "too_many_sessions")
        for _ in range(5):  # longer together than the idle time: posting is no idleness
            posted = call.post("audio", content=bytes(4_800), headers={"Content-Type": "audio/pcm"})
            assert posted.status_code == 202
            await asyncio.sleep(0.5)
        call.hear(lambda events: events[-1].name == "voiceassist.session.ended")
        session = await ended(gateway, call.id)
        assert session["end_reason"] == "idle_timeout"
        late = call.post("text", json={"text": "hello"})
        assert (late.status_code, late.json()["code"]) == (409, "session_ended")
        assert call.post("stop").status_code == 200
        person.start()


def test_signing_out_ends_the_session_and_its_streams(server: Gateway) -> None:
    tokens = server.sign_in()
    path = "/api/voice/sessions/"
    started = server.request("POST", path, token=tokens["access"], json={})
    call = Call(Person(server), started.json())
    with call.listen() as events:
        next(events)
        signed_out = server.http.post("/api/token/logout/", json={"refresh": tokens["refresh"]})
        assert signed_out.is_success
        last = list(events)[-1]
    assert (last.name, last.data["close_code"]) == ("voiceassist.session.ended", 4401)


def test_an_api_key_of_the_scope_does_it_all_and_its_end_ends_the_session(server: Gateway) -> None:
    def made(*scopes: str) -> dict[str, str]:
        answer = server.request("POST", "/api/keys/", json={"name": "bridge", "scopes": scopes})
        assert answer.status_code == 201, answer.text
        key: dict[str, str] = answer.json()
        return key

    path = "/api/voice/sessions/"
    refused = server.request("POST", path, token=made("history", "mint")["key"], json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    key = made("headless")
    started = server.request("POST", path, token=key["key"], json={"modalities": ["text"]})
    call = Call(Person(server), started.json())
    said = server.request("POST", f"{call.path}/text", token=key["key"], json={"text": "hello"})
    assert said.status_code == 202
    assert "Hello" in call.turn().words("response.output_text.done", "text")
    with call.listen() as events:
        next(events)
        server.request("DELETE", f"/api/keys/{key['id']}/")
        assert list(events)[-1].data["close_code"] == 4401


def test_only_asking_whether_there_is_a_stream_opens_none(alice: Person) -> None:
    call = alice.start()
    for what in ("events", "audio.wav"):
        answer = alice.ask("HEAD", f"{call.path}/{what}")
        assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.skipif("REDIS_URL" in os.environ, reason="the other side has Redis")
def test_without_redis_a_session_elsewhere_can_be_stopped_but_not_used(server: Gateway) -> None:
    twin = server.twin()
    try:
        with Person(server) as person:
            call = person.start()
            refused = call.post("text", at=twin, json={"text": "hello"})
            assert (refused.status_code, refused.json()["code"]) == (503, "session_unreachable")
            assert call.post("stop", at=twin).status_code == 200
            names = [e.name for e in call.hear(lambda events: events[-1].name.endswith("ended"))]
            assert names[-1] == "voiceassist.session.ended"
    finally:
        twin.close()
