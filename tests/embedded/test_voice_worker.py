"""The voice's process outlives nobody, and says nothing about it."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from realtime.upstream.embedded.processes.frames import encode_frame

QUESTION = {"text": "one two three", "voice": "marin", "speed": 1.0, "format": "audio/pcm"}


@pytest.mark.speech
def test_a_voice_whose_server_died_ends_without_a_traceback() -> None:
    ours, theirs = socket.socketpair()
    worker = subprocess.Popen(
        [sys.executable, "-m", "realtime.upstream.embedded.voice.worker", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stderr=subprocess.PIPE,
    )
    theirs.close()
    ours.sendall(encode_frame(QUESTION) * 3)
    ours.close()
    _, said = worker.communicate(timeout=30)
    assert (said, worker.returncode) == (b"", 0)
