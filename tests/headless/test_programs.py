"""`manage.py talk` and every example do what they say, against a real server."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realtime.headless.talking import Heard, Talk, TalkFailed
from scripts.test_services import free_port
from tests.contract.gateway import Gateway
from tests.headless.recordings import GO_FORWARD, GO_FORWARD_WORDS, ROOT, spoken
from tests.headless.test_one_turn import ANSWER, loudest

EXAMPLES = ROOT / "examples"
RUN_TIMEOUT_S = 90
BRIDGE = runpy.run_path(str(EXAMPLES / "telephony_bridge.py"))  # a script, in no package
ulaw_decode, ulaw_encode = BRIDGE["ulaw_decode"], BRIDGE["ulaw_encode"]
Running = subprocess.Popen[str]


def start(command: list[str], settings: dict[str, str]) -> Running:
    return subprocess.Popen(
        command,
        env={**os.environ, **settings},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended_well(running: Running) -> str:
    output, errors = running.communicate(timeout=RUN_TIMEOUT_S)
    assert running.returncode == 0, errors
    return output


class Examples:
    """All of them at once: each mostly waits for sound to pass."""

    def __init__(self, server: Gateway, folder: Path) -> None:
        self.folder = folder
        key = {"VOICEASSIST_URL": server.process.url, "VOICEASSIST_KEY": server.access()}
        recording = str(GO_FORWARD)
        self.curl = start(
            ["sh", str(EXAMPLES / "headless.sh"), recording, str(folder / "sh.wav")], key
        )
        script = [sys.executable, str(EXAMPLES / "headless.py"), recording, str(folder / "py.wav")]
        self.python = start(script, key)
        (folder / "caller.ulaw").write_bytes(ulaw_encode(spoken(rate_hz=8_000)))
        line = f"<{folder / 'caller.ulaw'} >{folder / 'line.ulaw'}"
        bridge = f"exec {sys.executable} {EXAMPLES / 'telephony_bridge.py'} {line}"
        self.bridge = start(["sh", "-c", bridge], {**key, "QUIET_AFTER_S": "1"})


@pytest.fixture(scope="module")
def examples(server: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examples]:
    running = Examples(server, tmp_path_factory.mktemp("examples"))
    yield running
    for process in (running.curl, running.python, running.bridge):
        process.kill()
        process.communicate()


def talk(server: Gateway, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as the server's operator would."""
    command = [sys.executable, "manage.py", "talk", "--out", str(folder / "out.wav"), *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**server.process.environment(), "PORT": str(server.process.port)},
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )


def show_nothing(event: dict[str, Any], heard: Heard) -> None:
    """For turns of which only the end is of interest."""


def test_talk_speaks_a_file_and_saves_the_answer(
    examples: Examples, server: Gateway, tmp_path: Path
) -> None:
    done = talk(server, tmp_path, str(GO_FORWARD))
    assert done.returncode == 0, done.stderr
    assert f"you:       {GO_FORWARD_WORDS}" in done.stdout
    assert f"assistant: {ANSWER}" in done.stdout
    assert loudest((tmp_path / "out.wav").read_bytes()) > 3_000


def test_talk_without_a_file_has_the_provider_greet_and_prints_the_events(
    server: Gateway, tmp_path: Path
) -> None:
    done = talk(server, tmp_path)
    assert done.returncode == 0, done.stderr
    for event in ("session.created", "response.output_audio_transcript.delta", "response.done"):
        assert event in done.stdout
    assert "assistant: Hello" in done.stdout
    assert loudest((tmp_path / "out.wav").read_bytes()) > 3_000


def test_talk_names_what_is_wrong_with_the_file(server: Gateway, tmp_path: Path) -> None:
    letter = tmp_path / "letter.wav"
    letter.write_text("Dear server,")
    with pytest.raises(TalkFailed, match=r"422.*invalid_audio"):
        Talk(server.process.url, server.access(), show_nothing).turn(letter)


def test_talk_says_when_no_server_answers() -> None:
    with pytest.raises(TalkFailed, match="No server answers at"):
        Talk(f"http://127.0.0.1:{free_port()}", "nobody", show_nothing).turn(None)


def test_talk_says_when_the_provider_cannot_be_reached(tmp_path: Path) -> None:
    settings = {
        "REALTIME_PROVIDER": "openai",
        "OPENAI_API_KEY": "sk-none",
        "REALTIME_BASE_URL": f"ws://127.0.0.1:{free_port()}/v1/realtime",
    }
    with Gateway(tmp_path / "server", **settings) as server:
        done = talk(server, tmp_path)
        assert done.returncode == 1
        assert "upstream_unreachable" in done.stderr
        assert not (tmp_path / "out.wav").exists()
        answer = server.request("GET", "/api/voice/sessions/").json()
        assert [session["state"] for session in answer["results"]] == ["ended"]


def test_the_example_for_curl_has_a_spoken_turn(examples: Examples) -> None:
    output = ended_well(examples.curl)
    assert f'"role":"user","text":"{GO_FORWARD_WORDS}","final":true' in output
    assert f'"role":"assistant","text":"{ANSWER}","final":true' in output
    assert loudest((examples.folder / "sh.wav").read_bytes()) > 3_000


def test_the_example_for_python_has_a_spoken_turn(examples: Examples) -> None:
    assert ended_well(examples.python).splitlines() == [
        f"user: {GO_FORWARD_WORDS}",
        f"assistant: {ANSWER}",
    ]
    assert loudest((examples.folder / "py.wav").read_bytes()) > 3_000


def test_the_telephony_bridge_answers_a_caller_in_mu_law(
    examples: Examples, server: Gateway
) -> None:
    ended_well(examples.bridge)
    line = ulaw_decode((examples.folder / "line.ulaw").read_bytes()).astype(np.int32)
    loud = np.flatnonzero(np.abs(line) > 1_000)
    assert len(loud) > 1_000
    assert loud[0] > 8_000 * 2  # the answer comes after the question
    texts = [
        item["text"]
        for entry in server.request("GET", "/api/conversations/").json()["results"]
        for item in server.items(entry["id"])
    ]
    assert texts.count(ANSWER) >= 4


def test_mu_law_is_that_of_the_standard() -> None:
    every_code = bytes(range(256))
    samples = ulaw_decode(every_code)
    assert (samples[0x00], samples[0x80], samples[0xFF]) == (-32_124, 32_124, 0)
    again = ulaw_encode(samples)
    assert again[:127] + again[128:] == every_code[:127] + every_code[128:]  # two codes mean zero
    assert again[127] == 0xFF
