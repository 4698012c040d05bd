"""Speech as it reaches the provider: spoken by flite, heard in a room, cut into turns."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.input_audio import InputAudio
from realtime.upstream.embedded.session_config import default_session
from realtime.upstream.embedded.speech_detector import SpeechStarted
from tests.embedded.conftest import Samples, read_wav

WIRE_RATE_HZ = 24_000
_BROWSER_RATE_HZ = 48_000
_LEAD_MS, _TAIL_MS = 700, 900
_FRAME_BYTES = 20 * AudioFormat.PCM.bytes_per_ms


def speak(text: str, voice: str, folder: Path | None = None) -> Samples:
    """flite's rendering at 24 kHz, by way of the 48 kHz a browser captures; kept in `folder`."""
    folder = folder or Path(tempfile.gettempdir()) / "voiceassist-flite"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{voice}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.wav"
    if not path.exists():
        draft = path.with_suffix(".new")
        command = ["flite", "-voice", voice, "-t", text, "-o", str(draft)]
        subprocess.run(command, check=True, timeout=20, capture_output=True)
        draft.replace(path)
    samples, rate_hz = read_wav(path)
    captured = soxr.resample(samples, rate_hz, _BROWSER_RATE_HZ)
    return np.asarray(soxr.resample(captured, _BROWSER_RATE_HZ, WIRE_RATE_HZ), dtype=np.int16)


def in_quiet_room(speech: Samples) -> Samples:
    """Noise at -78 dBFS, before, under and after."""
    padded = _padded(speech)
    noise = np.random.default_rng(1).integers(-7, 8, padded.size)
    return _clipped(padded + noise)


def in_digital_silence(speech: Samples) -> Samples:
    return _clipped(_padded(speech))


def in_pink_noise(speech: Samples, level_dbfs: float = -32.0) -> Samples:
    """Noise whose power falls by 3 dB per octave, at an RMS level against full scale."""
    padded = _padded(speech)
    spectrum = np.fft.rfft(np.random.default_rng(2).normal(size=padded.size))
    spectrum /= np.sqrt(np.maximum(1.0, np.arange(spectrum.size)))
    noise = np.fft.irfft(spectrum, padded.size)
    noise *= 32_768 * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(noise * noise))
    return _clipped(padded + noise)


def turns_in(samples: Samples) -> list[bytes]:
    """What a session with default turn detection would commit, fed in frames of 20 ms."""
    listener = InputAudio()
    detection = default_session("sess", "model", 0)["audio"]["input"]["turn_detection"]
    listener.configure(detection, AudioFormat.PCM)
    audio = samples.astype("<i2").tobytes()
    turns: list[bytes] = []
    from_ms = 0
    for start in range(0, len(audio), _FRAME_BYTES):
        listener.append(audio[start : start + _FRAME_BYTES])
        for change in listener.listen():
            if isinstance(change, SpeechStarted):
                from_ms = change.at_ms
            else:
                turns.append(listener.take(from_ms, change.at_ms))
    return turns


def _padded(speech: Samples) -> Samples:
    per_ms = WIRE_RATE_HZ // 1000
    return np.pad(speech, (_LEAD_MS * per_ms, _TAIL_MS * per_ms))


def _clipped(samples: np.ndarray[tuple[int], np.dtype[Any]]) -> Samples:
    return np.asarray(np.clip(samples, -32_768, 32_767), dtype=np.int16)
