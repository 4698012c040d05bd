"""Real speech for tests, and one set of speech processes for all of them."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import pytest_asyncio
import soxr

from realtime.upstream.embedded.provider import EmbeddedProvider
from tests.fakes.recordings import SHARED_DIR

Samples: TypeAlias = np.ndarray[Any, np.dtype[np.int16]]


def read_wav(path: Path) -> tuple[Samples, int]:
    """A mono WAV file's samples and their rate in Hz."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16), file.getframerate()


def read_speech(path: Path) -> Samples:
    """A WAV file as 24 kHz mono samples."""
    samples, rate_hz = read_wav(path)
    return np.asarray(soxr.resample(samples, rate_hz, 24_000), dtype=np.int16)


def human_speech(name: str) -> Samples:
    return read_speech(SHARED_DIR / "speech" / f"{name}.wav")


@pytest.fixture(scope="session")
def flite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Samples]:
    """Speak a sentence with flite's `slt` voice."""
    folder = tmp_path_factory.mktemp("flite")

    def speak(text: str) -> Samples:
        path = folder / f"{abs(hash(text))}.wav"
        if not path.exists():
            command = ["flite", "-voice", "slt", "-t", text, "-o", str(path)]
            subprocess.run(command, check=True, timeout=20, capture_output=True)
        return read_speech(path)

    return speak


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider() -> AsyncIterator[EmbeddedProvider]:
    """The real thing: worker processes and all."""
    provider = EmbeddedProvider()
    provider.start()
    yield provider
    await provider.aclose()
