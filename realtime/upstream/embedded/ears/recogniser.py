"""pocketsphinx as three decoders on one acoustic model: phrasebook, bare phones, open English."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pocketsphinx

from realtime.upstream.embedded.ears.arbitration import (
    CERTAIN_MISMATCH,
    DOUBTFUL_MISMATCH,
    Segment,
    explains_better,
    phrasebook_mismatch,
)
from realtime.upstream.embedded.ears.dictionary import decent_lines, lines_of
from realtime.upstream.embedded.ears.phrasebook import (
    MORE_PRONUNCIATIONS,
    VOCABULARY,
    is_in_phrasebook,
    phrasebook_grammar,
)
from realtime.upstream.embedded.ports import Origin

SAMPLE_RATE_HZ = 16_000
FRAME_BYTES = SAMPLE_RATE_HZ // 100 * 2
MIN_PHONES = 2
MIN_PAUSE_FRAMES, PAUSE_MARGIN_FRAMES = 50, 20

_LOWEST_LOG = math.log(1e-300)


class Recogniser:
    """Loading takes about a second; share it by forking. Not thread-safe."""

    def __init__(self) -> None:
        self._phrasebook = _load_decoder(
            lambda lines: chain(lines_of(VOCABULARY, lines), MORE_PRONUNCIATIONS),
            lm=None,
            # Every utterance begins and ends in silence. Where that is dear, a breath becomes a
            # word; and the light language weight leaves the choice of a number to its sound.
            silprob=0.5,
            lw=3.0,
        )
        self._phrasebook.add_jsgf_string("phrasebook", phrasebook_grammar())
        self._phrasebook.activate_search("phrasebook")
        # Context-independent phones need another language weight.
        self._phones = _load_decoder(
            None, lm=None, allphone=str(_model() / "en-us-phone.lm.bin"), allphone_ci=True, lw=2.0
        )
        self._open = _load_decoder(decent_lines, lm=str(_model() / "en-us.lm.bin"))

    def recognise(self, samples: bytes) -> tuple[str, Origin]:
        """Text of one utterance (16-bit mono at 16 kHz) and which search it came from."""
        heard = _decode(self._phones, samples)
        if sum(phone.is_spoken for phone in heard) < MIN_PHONES:
            return "", Origin.NOTHING
        sentences = self._several_sentences(samples, heard)
        if sentences:
            return " ".join(sentences), Origin.PHRASEBOOK
        return self._one_sentence(samples, heard)

    def _several_sentences(self, samples: bytes, heard: list[Segment]) -> list[str]:
        """The sentences between pauses if each is one of the phrasebook, else none: the grammar
        takes one sentence and would hear the others as silence."""
        sentences: list[str] = []
        parts = spoken_parts(heard)
        for first, last in parts if len(parts) > 1 else ():
            start = max(0, first - PAUSE_MARGIN_FRAMES) * FRAME_BYTES
            part = samples[start : (last + 1 + PAUSE_MARGIN_FRAMES) * FRAME_BYTES]
            text, origin = self._one_sentence(part, _decode(self._phones, part))
            if origin is not Origin.PHRASEBOOK:
                return []
            sentences.append(text)
        return sentences

    def _one_sentence(self, samples: bytes, heard: list[Segment]) -> tuple[str, Origin]:
        heard_phones = [phone.label for phone in heard if phone.is_spoken]
        phrase = _decode(self._phrasebook, samples)
        known, known_phones = _as_text(phrase), _spell(self._phrasebook, phrase)
        mismatch = math.inf
        if is_in_phrasebook(known):
            mismatch = phrasebook_mismatch(phrase, known_phones, heard)
        if mismatch <= CERTAIN_MISMATCH:
            return known, Origin.PHRASEBOOK
        free = _decode(self._open, samples)
        text = _as_text(free)
        if is_in_phrasebook(text):
            return text, Origin.PHRASEBOOK
        if mismatch <= DOUBTFUL_MISMATCH and explains_better(
            known_phones, _spell(self._open, free), heard_phones
        ):
            return known, Origin.PHRASEBOOK
        return text, Origin.OPEN if text else Origin.NOTHING


def spoken_parts(heard: Iterable[Segment]) -> list[tuple[int, int]]:
    """First and last frame of what is spoken between long pauses; clicks are no part."""
    parts: list[list[int]] = []
    for phone in heard:
        if not phone.is_spoken:
            continue
        if parts and phone.first_frame - parts[-1][1] < MIN_PAUSE_FRAMES:
            parts[-1][1:] = [phone.last_frame, parts[-1][2] + 1]
        else:
            parts.append([phone.first_frame, phone.last_frame, 1])
    return [(first, last) for first, last, phones in parts if phones > MIN_PHONES]


def _model() -> Path:
    return Path(pocketsphinx.get_model_path()) / "en-us"


def _load_decoder(
    choose_lines: Callable[[Iterable[str]], Iterator[str]] | None, **options: Any
) -> Any:
    """A decoder that knows the chosen lines of the pronouncing dictionary."""
    with tempfile.NamedTemporaryFile("w", suffix=".dict") as dictionary:
        if choose_lines is not None:
            with (_model() / "cmudict-en-us.dict").open() as original:
                dictionary.writelines(choose_lines(original))
            dictionary.flush()
            options["dict"] = dictionary.name
        return pocketsphinx.Decoder(
            hmm=str(_model() / "en-us"),
            samprate=SAMPLE_RATE_HZ,
            cmn="batch",  # each utterance is heard by itself, not in the last speaker's light
            loglevel="FATAL",
            **options,
        )


def _decode(decoder: Any, samples: bytes) -> list[Segment]:
    """The best path, fillers and pronunciation numbers included; empty if there is none."""
    decoder.start_utt()
    try:
        decoder.process_raw(samples, full_utt=True)
    finally:
        decoder.end_utt()
    if decoder.hyp() is None:
        return []
    return [
        Segment(found.word, found.start_frame, found.end_frame, _log(found.ascore))
        for found in decoder.seg()
    ]


def _log(likelihood: float) -> float:
    return math.log(likelihood) if likelihood > 0 else _LOWEST_LOG


def _spell(decoder: Any, words: Iterable[Segment]) -> list[str]:
    spelled = (decoder.lookup_word(word.label) for word in words if word.is_spoken)
    return [phone for phones in spelled if phones for phone in phones.split()]


def _as_text(words: Iterable[Segment]) -> str:
    return " ".join(re.sub(r"\(\d+\)$", "", word.label) for word in words if word.is_spoken)
