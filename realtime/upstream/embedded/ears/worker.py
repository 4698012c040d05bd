"""The ears' process: `python -m …ears.worker <socket fd>` loads the models and forks recognisers.

A recogniser's question: {format} and the audio of one utterance. Its answer: {text, origin}, or
{error}.
"""

from __future__ import annotations

import socket
import sys

import soxr

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.ears.noise import suppress_noise
from realtime.upstream.embedded.ears.recogniser import SAMPLE_RATE_HZ, Recogniser
from realtime.upstream.embedded.ears.silence import trim_silence
from realtime.upstream.embedded.g711 import Samples, decode_samples
from realtime.upstream.embedded.processes.fork_host import serve_forks
from realtime.upstream.embedded.processes.frames import read_frame, write_frame


def answer_questions(connection: socket.socket, recogniser: Recogniser) -> None:
    while (frame := read_frame(connection)) is not None:
        question, audio = frame
        try:
            samples = resample(audio, AudioFormat(question["format"]))
            text, origin = recogniser.recognise(prepare(samples).tobytes())
            answer = {"text": text, "origin": origin.value}
        except (RuntimeError, ValueError, KeyError) as error:
            answer = {"error": type(error).__name__}
        write_frame(connection, answer)


def resample(audio: bytes, audio_format: AudioFormat) -> Samples:
    """Wire audio at the rate the recogniser listens to."""
    samples = decode_samples(audio, audio_format)
    heard: Samples = soxr.resample(samples, audio_format.sample_rate_hz, SAMPLE_RATE_HZ)
    return heard


def prepare(samples: Samples) -> Samples:
    """An utterance at 16 kHz as the recogniser likes it: little noise, little silence."""
    return trim_silence(suppress_noise(samples))


if __name__ == "__main__":
    loaded = Recogniser()
    with socket.socket(fileno=int(sys.argv[1])) as control_socket:
        serve_forks(control_socket, lambda connection: answer_questions(connection, loaded))
