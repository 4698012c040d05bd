"""How well the ears hear: `python -m tests.embedded.evaluate_ears [voice/room …]`.

Speaks the whole phrasebook and free English, cuts turns as a session does, recognises them in this
process and prints what was missed, what was wrongly taken for the phrasebook, and the CPU it took.
Rooms: quiet, digital (zeros around the speech), pink (noise at -32 dBFS).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.ears.arbitration import edit_distance
from realtime.upstream.embedded.ears.recogniser import SAMPLE_RATE_HZ, Recogniser
from realtime.upstream.embedded.ears.worker import prepare, resample
from realtime.upstream.embedded.ports import Origin
from tests.embedded.conftest import Samples
from tests.embedded.phrasebook_corpus import FREE, SPOKEN
from tests.embedded.speakers import (
    in_digital_silence,
    in_pink_noise,
    in_quiet_room,
    speak,
    turns_in,
)

ROOMS: dict[str, Callable[[Samples], Samples]] = {
    "quiet": in_quiet_room,
    "digital": in_digital_silence,
    "pink": in_pink_noise,
}
DEFAULT = ("slt/quiet", "rms/quiet", "slt/digital", "awb/quiet", "kal16/quiet", "slt/pink")


@dataclass
class Tally:
    """Seconds are of processor time and of audio; word errors are of phrasebook sentences."""

    missed: list[tuple[str, str]] = field(default_factory=list)
    wrongly_known: list[tuple[str, str]] = field(default_factory=list)
    word_errors: int = 0
    known_cpu_s: float = 0.0
    known_audio_s: float = 0.0
    free_cpu_s: float = 0.0
    free_audio_s: float = 0.0


def evaluate(recogniser: Recogniser, voice: str, room: str) -> Tally:
    tally = Tally()
    for sentence in SPOKEN:
        heard, origin, cpu_s, audio_s = _hear(recogniser, ROOMS[room](speak(sentence, voice)))
        tally.known_cpu_s += cpu_s
        tally.known_audio_s += audio_s
        if (heard, origin) != (sentence, Origin.PHRASEBOOK):
            tally.missed.append((sentence, f"{heard} ({origin})"))
            tally.word_errors += edit_distance(sentence.split(), heard.split())
    for sentence in FREE:
        heard, origin, cpu_s, audio_s = _hear(recogniser, ROOMS[room](speak(sentence, voice)))
        tally.free_cpu_s += cpu_s
        tally.free_audio_s += audio_s
        if origin is not Origin.OPEN:
            tally.wrongly_known.append((sentence, f"{heard} ({origin})"))
    return tally


def _hear(recogniser: Recogniser, samples: Samples) -> tuple[str, Origin, float, float]:
    """The turns' texts joined, the last one's origin, and the time it took."""
    texts, origin, audio_s = [], Origin.NOTHING, 0.0
    started_s = time.process_time()
    for turn in turns_in(samples):
        before = resample(turn, AudioFormat.PCM)
        text, origin = recogniser.recognise(prepare(before).tobytes())
        texts.append(text)
        audio_s += before.size / SAMPLE_RATE_HZ
    return " | ".join(texts), origin, time.process_time() - started_s, audio_s


def main(asked: list[str]) -> None:
    recogniser = Recogniser()
    word_count = sum(len(sentence.split()) for sentence in SPOKEN)
    for name in asked or DEFAULT:
        tally = evaluate(recogniser, *name.split("/"))
        print(
            f"{name:14} exact {len(SPOKEN) - len(tally.missed)}/{len(SPOKEN)}"
            f"  WER {tally.word_errors / word_count:.1%}"
            f"  open {len(FREE) - len(tally.wrongly_known)}/{len(FREE)}"
            f"  CPU per second of turn: phrasebook {tally.known_cpu_s / tally.known_audio_s:.3f} s,"
            f" free {tally.free_cpu_s / tally.free_audio_s:.3f} s",
            flush=True,
        )
        for said, heard in tally.missed:
            print(f"    missed  {said!r}: {heard}")
        for said, heard in tally.wrongly_known:
            print(f"    wrong   {said!r}: {heard}")


if __name__ == "__main__":
    main(sys.argv[1:])
