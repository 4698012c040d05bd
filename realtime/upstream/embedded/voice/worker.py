"""The voice process: `python -m …voice.worker <socket fd>`; answers one sentence at a time.

Question: {text, voice, speed, format}. Answer: {words: [[text, bytes], …]} and the audio, or
{error}. It ends when the socket closes.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from typing import Any

import numpy as np
import soxr

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.g711 import encode_samples
from realtime.upstream.embedded.processes.frames import (
    BrokenFrame,
    read_frame,
    write_frame,
)
from realtime.upstream.embedded.voice.espeak import SAMPLE_RATE_HZ, Synthesiser, WordStart
from realtime.upstream.embedded.voice.timbres import TIMBRES


def serve(connection: socket.socket) -> None:
    synthesiser = Synthesiser()
    while (frame := read_frame(connection)) is not None:
        question, _ = frame
        try:
            answer, audio = say(synthesiser, question)
        except (RuntimeError, ValueError, KeyError) as error:
            answer, audio = {"error": type(error).__name__}, b""
        write_frame(connection, answer, audio)


def say(synthesiser: Synthesiser, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """One sentence as word slices whose texts and bytes concatenate to the whole."""
    text: str = question["text"]
    audio_format = AudioFormat(question["format"])
    raw, starts = synthesiser.synthesise(text, TIMBRES[question["voice"]], float(question["speed"]))
    samples = soxr.resample(
        np.frombuffer(raw, dtype=np.int16), SAMPLE_RATE_HZ, audio_format.sample_rate_hz
    )
    audio = encode_samples(samples, audio_format)
    ratio = audio_format.sample_rate_hz / SAMPLE_RATE_HZ
    slices = []
    for start, end in _slices(text, starts):
        last = end is None
        text_slice = text[start.character : None if end is None else end.character]
        first_byte = round(start.sample * ratio) * audio_format.bytes_per_sample
        last_byte = (
            len(audio)
            if last or end is None
            else round(end.sample * ratio) * audio_format.bytes_per_sample
        )
        slices.append([text_slice, max(0, min(last_byte, len(audio)) - first_byte)])
    return {"words": slices}, audio


def _slices(text: str, starts: list[WordStart]) -> list[tuple[WordStart, WordStart | None]]:
    """From each word start to the next; the first takes what precedes it, the last the rest.

    Several words may be spoken for one written word (a number in digits): they are one slice.
    """
    kept = [WordStart(0, 0)]
    for start in starts[1:] if starts else ():
        later = kept[-1].character < start.character < len(text)
        if later and text[start.character - 1].isspace() and start.sample >= kept[-1].sample:
            kept.append(start)
    return list(zip(kept, [*kept[1:], None], strict=True))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when this process ends
    with (
        socket.socket(fileno=int(sys.argv[1])) as server,
        contextlib.suppress(ConnectionError, BrokenFrame),  # the server died: nobody to answer
    ):
        serve(server)
