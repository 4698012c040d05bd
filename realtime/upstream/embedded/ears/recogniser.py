"""pocketsphinx with three searches on one acoustic model: phrasebook, open English, bare phones."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pocketsphinx

from realtime.upstream.embedded.ears.arbitration import MIN_PHONES, prefers_phrasebook
from realtime.upstream.embedded.ears.dictionary import decent_lines
from realtime.upstream.embedded.ears.phrasebook import is_in_phrasebook, phrasebook_grammar
from realtime.upstream.embedded.ports import Origin

SAMPLE_RATE_HZ = 16_000

_OPEN, _PHRASEBOOK = "_default", "phrasebook"


class Recogniser:
    """Loading takes about a second; share it by forking. Not thread-safe."""

    def __init__(self) -> None:
        model = Path(pocketsphinx.get_model_path()) / "en-us"
        with tempfile.NamedTemporaryFile("w", suffix=".dict") as dictionary:
            with (model / "cmudict-en-us.dict").open() as original:
                dictionary.writelines(decent_lines(original))
            dictionary.flush()
            self._decoder: Any = pocketsphinx.Decoder(
                hmm=str(model / "en-us"),
                lm=str(model / "en-us.lm.bin"),
                dict=dictionary.name,
                samprate=SAMPLE_RATE_HZ,
                cmn="batch",  # each utterance is heard by itself, not in the last speaker's light
                loglevel="FATAL",
            )
        self._decoder.add_jsgf_string(_PHRASEBOOK, phrasebook_grammar())
        # A decoder of its own: context-independent phones need another language weight.
        self._phone_decoder: Any = pocketsphinx.Decoder(
            hmm=str(model / "en-us"),
            lm=None,
            allphone=str(model / "en-us-phone.lm.bin"),
            allphone_ci=True,
            lw=2.0,
            samprate=SAMPLE_RATE_HZ,
            cmn="batch",
            loglevel="FATAL",
        )

    def recognise(self, samples: bytes) -> tuple[str, Origin]:
        """Text of one utterance (16-bit mono at 16 kHz) and which search it came from."""
        heard_phones = _real_phones(_decode(self._phone_decoder, samples))
        if len(heard_phones) < MIN_PHONES:
            return "", Origin.NOTHING
        self._decoder.activate_search(_OPEN)
        free = _decode(self._decoder, samples)
        text = _as_text(free)
        if is_in_phrasebook(text):
            return text, Origin.PHRASEBOOK
        self._decoder.activate_search(_PHRASEBOOK)
        phrase = _decode(self._decoder, samples)
        known = _as_text(phrase)
        if is_in_phrasebook(known) and prefers_phrasebook(
            self._phones(phrase), self._phones(free), heard_phones
        ):
            return known, Origin.PHRASEBOOK
        return text, Origin.OPEN if text else Origin.NOTHING

    def _phones(self, words: list[str]) -> list[str]:
        spelled = (self._decoder.lookup_word(word) for word in words)
        return _real_phones(phone for phones in spelled if phones for phone in phones.split())


def _real_phones(phones: Iterable[str]) -> list[str]:
    """Without silence and the recogniser's marks for noises."""
    return [phone for phone in phones if phone.isalpha() and phone != "SIL"]


def _decode(decoder: Any, samples: bytes) -> list[str]:
    """The words of the best path, fillers and pronunciation numbers included."""
    decoder.start_utt()
    try:
        decoder.process_raw(samples, full_utt=True)
    finally:
        decoder.end_utt()
    if decoder.hyp() is None:
        return []
    return [segment.word for segment in decoder.seg()]


def _as_text(words: list[str]) -> str:
    bare = (re.sub(r"\(\d+\)$", "", word) for word in words)
    return " ".join(word for word in bare if word[:1] not in "<[+(")
