"""pocketsphinx with three searches on one acoustic model: phrasebook, open English, bare phones."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pocketsphinx

from realtime.upstream.embedded.ears.arbitration import MIN_PHONES, prefers_phrasebook
from realtime.upstream.embedded.ears.dictionary import decent_lines
from realtime.upstream.embedded.ears.phrasebook import phrasebook_grammar
from realtime.upstream.embedded.ports import Origin

SAMPLE_RATE_HZ = 16_000

_OPEN, _PHRASEBOOK, _PHONES = "_default", "phrasebook", "phones"


class Recogniser:
    """Loading takes about a second; share it by forking. Not thread-safe."""

    def __init__(self) -> None:
        model = Path(pocketsphinx.get_model_path()) / "en-us"
        self._phones_by_word: dict[str, list[str]] = {}
        with tempfile.NamedTemporaryFile("w", suffix=".dict") as dictionary:
            with (model / "cmudict-en-us.dict").open() as original:
                for line in decent_lines(original):
                    dictionary.write(line)
                    word, *phones = line.split()
                    self._phones_by_word[word] = phones
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
        self._decoder.add_allphone_file(_PHONES, str(model / "en-us-phone.lm.bin"))

    def recognise(self, samples: bytes) -> tuple[str, Origin]:
        """Text of one utterance (16-bit mono at 16 kHz) and which search it came from."""
        heard_phones = [phone for phone in self._decode(_PHONES, samples) if phone.isalpha()]
        heard_phones = [phone for phone in heard_phones if phone != "SIL"]
        if len(heard_phones) < MIN_PHONES:
            return "", Origin.NOTHING
        free = self._decode(_OPEN, samples)
        phrase = self._decode(_PHRASEBOOK, samples)
        if prefers_phrasebook(self._phones(phrase), self._phones(free), heard_phones):
            return _as_text(phrase), Origin.PHRASEBOOK
        text = _as_text(free)
        return text, Origin.OPEN if text else Origin.NOTHING

    def _decode(self, search: str, samples: bytes) -> list[str]:
        """The words of the best path, fillers and pronunciation numbers included."""
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        try:
            decoder.process_raw(samples, full_utt=True)
        finally:
            decoder.end_utt()
        if decoder.hyp() is None:
            return []
        return [segment.word for segment in decoder.seg()]

    def _phones(self, words: list[str]) -> list[str]:
        return [phone for word in words for phone in self._phones_by_word.get(word, ())]


def _as_text(words: list[str]) -> str:
    bare = (re.sub(r"\(\d+\)$", "", word) for word in words)
    return " ".join(word for word in bare if word[:1] not in "<[+(")
