"""The pronouncing dictionary without profanity and slurs.

On speech it does not understand the open model prints whatever fits the sounds. Words that would
insult the reader are taken out of its dictionary, so that it cannot. They are listed as hashes:
nobody has to read them to maintain this file (add a word with `hash_word`).
"""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Collection, Iterable, Iterator

_SHORTEST_STEM, _LONGEST_STEM = 4, 8

# CRC-32 in hex: words dropped with everything that begins with them.
_STEM_HASHES = """
    020532cb 0601ecbb 0b2e3a76 10181690 13277264 2f80df74 3dbf7a3b 44d1a618 57d9318a 71ef7e37
    8bab00e5 8f76df4f 993a5ae8 ac42f716 b651226f bef3a4b6 bf2979c1 bfa718d7 c063859c c9986a36
    cae09fd2 f6fbde46 f9835dcc fd5d2f3d
"""

# Words dropped alone, because innocent words begin with them too.
_WORD_HASHES = """
    0040840c 031c4b3c 033330db 0a0cf767 0c7206a1 0d25a1c8 0dd725e6 1387f6fe 16fb288e 17600cc0
    186d72d8 1c23dabc 1c2bc09d 1c9fa193 230dad5f 23425359 2477a89a 29530e6b 29a35223 2afc96ad
    2ba49ff6 2c399cb7 2d700fde 31b4780a 34fbed0b 35c740c6 3ad04b30 3ccef0af 411897e6 43dd03e0
    444029bd 46b6cf53 4a69c985 4b6ebe39 4fee7c55 4ffb3cbd 526a5f63 57ebb175 59329eea 5a81ff62
    5b88f6f3 5c64ddbd 5fa54145 60e39aff 61448318 66f5861c 67432359 6cbb5832 6d3d27a0 72149254
    73411015 75f1cb2c 779716c2 7a4840d7 7b4a72b6 7b934981 7e61fa46 80329696 803a2b3a 807d6db7
    82fba5e2 85db531d 8696d16d 8824fda0 89f71f4b 8aa6bbfd 8ce8ed6e 8d709700 9103e5ce 9559c34b
    95ac0b32 96e2bc3e 9bd991db 9ccbcfff 9f4c2454 9f9f33a1 a25d5dbd a5c340d7 a64c47ea aa4dd07e
    ae8264e7 b0bf39cd b109b507 b1812eb2 b1cbc2d4 b2094ed1 b2391b95 b6ece8f5 b8e84e80 ba850aa4
    bb80fa3d c00e8627 c27e0e71 c7bcc611 cc614ca6 cd50481e cdfc0c2a ce545ea4 cf371108 cf41806e
    d1af713c d3b525d3 d43f4bdb d446031c d49b3c3d d66f2570 d888e711 d8ede3c3 d9c51376 daf9301c
    dba090a2 dd822c92 dfec8b58 e1bcb11a e69d1b97 e8d73970 e90ef7e0 e92a798a f12de61a f94d6c8a
    fbd995c9 fbea926d fc3b5303
"""

_STEMS = frozenset(int(each, 16) for each in _STEM_HASHES.split())
_WORDS = frozenset(int(each, 16) for each in _WORD_HASHES.split())


def hash_word(word: str) -> str:
    return f"{zlib.crc32(word.encode()):08x}"


def is_decent(word: str) -> bool:
    """False for a word (lower case, without pronunciation number) the ears never print."""
    base = word.removesuffix("'s").removesuffix("'").encode()
    return zlib.crc32(base) not in _WORDS and _begins_decently(base[:_LONGEST_STEM])


# A dictionary is sorted: the beginning of a word is often that of the one before.
@functools.lru_cache(maxsize=16)
def _begins_decently(beginning: bytes) -> bool:
    """Whether no stem begins it. Asked of every word whenever the ears load: each hash is made from
    the one before."""
    if len(beginning) < _SHORTEST_STEM:
        return True
    found = zlib.crc32(beginning[:_SHORTEST_STEM])
    for letter in range(_SHORTEST_STEM, len(beginning)):
        if found in _STEMS:
            return False
        found = zlib.crc32(beginning[letter : letter + 1], found)
    return found not in _STEMS


def decent_lines(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a CMU dictionary that may stay; a line is `word phone phone …`."""
    return (line for line in lines if is_decent(_word_of(line)))


def lines_of(words: Collection[str], lines: Iterable[str]) -> Iterator[str]:
    """Every pronunciation of `words` among the lines of a CMU dictionary."""
    return (line for line in lines if _word_of(line) in words)


def _word_of(line: str) -> str:
    word = line.split(" ", 1)[0]
    return re.sub(r"\(\d+\)$", "", word) if word.endswith(")") else word
