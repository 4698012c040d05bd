"""Phrasebook or free English? A grammar never rejects, so its sentence must earn its place.

Beside the grammar a loop of bare phones, which knows no words, hears the same audio. The grammar's
sentence is a mismatch as far as its phones differ from the loop's and as far as its words explain
the sound worse than the loop does. Both passes are cheap; only when they leave doubt is the open
model, five times as dear, asked for a sentence to compare with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

# By `python -m tests.embedded.evaluate_ears`: of the phrasebook nearly all lies below the first, of
# other English all above it and most above the second.
CERTAIN_MISMATCH, DOUBTFUL_MISMATCH = 1.07, 1.25
MAX_EXTRA_DISTANCE = 0.1
_WHOLE_WEIGHT, _WORST_WORD_WEIGHT = 0.11, 0.05


@dataclass(frozen=True, slots=True)
class Segment:
    """A word or phone of the best path; frames are 10 ms, the last one belongs to it.

    log_likelihood is the acoustic score alone, in the decoder's own unit.
    """

    label: str
    first_frame: int
    last_frame: int
    log_likelihood: float

    @property
    def frame_count(self) -> int:
        return self.last_frame - self.first_frame + 1

    @property
    def is_spoken(self) -> bool:
        """False for silence and the recogniser's marks for noises."""
        return self.label[:1] not in "<[+(" and self.label != "SIL"


def phrasebook_mismatch(
    words: Sequence[Segment],
    word_phones: Sequence[str],
    heard: Sequence[Segment],
) -> float:
    """How badly the grammar's `words`, spelled `word_phones`, fit the phone loop's `heard`.

    The sum of the edit distance per phone, the likelihood lost per frame and that of the worst
    word: a sentence of the grammar laid over other speech fits in parts, hardly in all its words.
    """
    heard_phones = [phone.label for phone in heard if phone.is_spoken]
    longest = max(len(word_phones), len(heard_phones), 1)
    loop = _per_frame(heard, words[-1].last_frame + 1)
    # The marks of start and end repeat their neighbour's score and cover no sound of their own.
    words = [word for word in words if word.label not in ("<s>", "</s>")]
    lost = [
        float(loop[word.first_frame : word.last_frame + 1].sum()) - word.log_likelihood
        for word in words
    ]
    worst = max(
        (loss / word.frame_count for word, loss in zip(words, lost, strict=True) if word.is_spoken),
        default=0.0,
    )
    return (
        edit_distance(word_phones, heard_phones) / longest
        + _WHOLE_WEIGHT * sum(lost) / loop.size
        + _WORST_WORD_WEIGHT * worst
    )


def explains_better(
    phrase_phones: Sequence[str], open_phones: Sequence[str], heard_phones: Sequence[str]
) -> bool:
    """True when the phrasebook's sentence explains the phones about as well as the open model's.

    Distances are edit distances divided by the number of phones heard.
    """
    if not phrase_phones or not heard_phones:
        return False
    length = len(heard_phones)
    phrase_distance = edit_distance(phrase_phones, heard_phones) / length
    open_distance = edit_distance(open_phones, heard_phones) / length
    return phrase_distance <= open_distance + MAX_EXTRA_DISTANCE


def edit_distance(left: Sequence[str], right: Sequence[str]) -> int:
    """Insertions, deletions and substitutions between two sequences."""
    previous = list(range(len(right) + 1))
    for row, mine in enumerate(left, start=1):
        current = [row]
        for column, theirs in enumerate(right, start=1):
            current.append(
                min(
                    previous[column] + 1,
                    current[column - 1] + 1,
                    previous[column - 1] + (mine != theirs),
                )
            )
        previous = current
    return previous[-1]


def _per_frame(
    segments: Iterable[Segment], frame_count: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Each segment's log likelihood spread evenly over its frames."""
    spread = np.zeros(frame_count)
    for segment in segments:
        spread[segment.first_frame : segment.last_frame + 1] = (
            segment.log_likelihood / segment.frame_count
        )
    return spread
