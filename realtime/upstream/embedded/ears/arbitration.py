"""Phrasebook or free English? A grammar never rejects, so its sentence must earn its place.

Three decoders hear the same audio: the grammar, the open language model and a loop of bare phones
that knows no words. The grammar's sentence is kept when its phones are about as near to what the
phone loop heard as the phones of the open model's sentence are.
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_EXTRA_DISTANCE = 0.1
MIN_PHONES = 2


def prefers_phrasebook(
    phrase_phones: Sequence[str], open_phones: Sequence[str], heard_phones: Sequence[str]
) -> bool:
    """True when the phrasebook's sentence explains the phones well enough.

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
