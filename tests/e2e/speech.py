"""What the browser's microphone hears: spoken by flite or by recorded people.

A script is a sequence of lines (text to speak, or the path of a recording) and pauses (ms).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

RATE_HZ = 48_000
BYTES_PER_SAMPLE = 2
LEAD_MS = 1000
TAIL_MS = 90_000
ROOT = Path(__file__).resolve().parent.parent.parent
SPEECH_DIR = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared")) / "speech"

ROOM_SECOND = np.random.default_rng(1).integers(-7, 8, RATE_HZ, dtype=np.int16)

Line = str | Path | int


def recording(name: str) -> Path:
    """A recorded person, e.g. `goforward`."""
    path = SPEECH_DIR / f"{name}.wav"
    assert path.exists(), f"{path} is missing; SHARED_DIR names the folder that holds speech/"
    return path


class Speaker:
    """Renders scripts to 48 kHz mono WAV files in a folder; a line is synthesised once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, target: Path, script: Sequence[Line]) -> int:
        """Write the script, a quiet room before and long after it; returns its length in ms."""
        pcm = room(LEAD_MS)
        for line in script:
            pcm += room(line) if isinstance(line, int) else self._pcm(line)
        pcm += room(TAIL_MS)
        write_wav(target, pcm)
        return audio_ms(pcm)

    def write_zeros(self, target: Path, length_ms: int) -> None:
        write_wav(target, bytes(RATE_HZ * length_ms // 1000 * BYTES_PER_SAMPLE))

    def wav(self, line: str | Path) -> bytes:
        """The line alone, as a WAV file's bytes."""
        path = self.folder / "line.wav"
        write_wav(path, self._pcm(line))
        return path.read_bytes()

    def line_ms(self, line: str | Path) -> int:
        return audio_ms(self._pcm(line))

    def _pcm(self, line: str | Path) -> bytes:
        key = hashlib.sha256(str(line).encode()).hexdigest()[:16]
        path = self.folder / f"{key}.raw"
        if not path.exists():
            path.write_bytes(self._render(line, key))
        return path.read_bytes()

    def _render(self, line: str | Path, key: str) -> bytes:
        source = line if isinstance(line, Path) else self._speak(line, key)
        raw_format = (
            "-t",
            "raw",
            "-r",
            str(RATE_HZ),
            "-c",
            "1",
            "-b",
            "16",
            "-e",
            "signed-integer",
        )
        # -G leaves head room: a resampled peak must not clip.
        command = ["sox", "-G", str(source), *raw_format, "-"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def _speak(self, text: str, key: str) -> Path:
        path = self.folder / f"{key}.wav"
        subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", str(path)], check=True)
        return path


def write_wav(target: Path, pcm: bytes) -> None:
    """Replace the file in one step, for a browser may be about to open it."""
    draft = target.with_suffix(".new")
    with wave.open(str(draft), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(BYTES_PER_SAMPLE)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm)
    draft.replace(target)


def room(length_ms: int) -> bytes:
    """A quiet room: noise at -78 dBFS, for a microphone of nothing but zeros is a broken one."""
    samples = RATE_HZ * length_ms // 1000
    repeats = samples // len(ROOM_SECOND) + 1
    return np.tile(ROOM_SECOND, repeats)[:samples].tobytes()


def audio_ms(pcm: bytes) -> int:
    return len(pcm) * 1000 // (RATE_HZ * BYTES_PER_SAMPLE)
