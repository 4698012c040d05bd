"""The pronouncing dictionary without profanity and slurs.

On speech it does not understand the open model prints whatever fits the sounds. Words that would
insult the reader are taken out of its dictionary, so that it cannot. They are listed as hashes:
nobody has to read them to maintain this file (add a word with `hash_word`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

_SHORTEST_STEM, _LONGEST_STEM = 4, 8

# First ten hex digits of SHA-256: words dropped with everything that begins with them.
_STEM_HASHES = """
    038c9ccdd2 06a1d8bf7f 1053e09ba0 30a989afc8 396ccc4a28 40582c4d82 4d262fbd01 566f532d48
    6556c1a584 6ac3c336e4 7bc671151c 83621b34ec 85fc17f706 89133bc00e 8c5c043913 9ae315a94e
    a43df7c2ff b3cec2f6ec c1cf820f78 d75a838dc7 dd92623b0a e512a05583 eef3bd0916 f50c51ed23
"""

# Words dropped alone, because innocent words begin with them too.
_WORD_HASHES = """
    044eb98b18 0508a63444 0515b9e67e 05b71b9303 0be9b885f4 0dcc4d3364 0f28c4960d 0fcb77e9e0
    118418653f 11cf8376a1 11ee63a73f 12e6274e43 13a465fc66 158869a973 17bde8b406 1b83044895
    1c4bfd100a 2062f80093 2189c0ed71 235e285376 268651b3ec 2d66da9f76 2f34b7a451 333f761809
    3b1e0d7c5d 3cb6a563b3 3ff9947148 4140197ec7 41b4d5e856 43508b5c03 4404f5b7a8 448b303c89
    457f002f92 45cd3e1bb4 4a973ffe49 594810adcb 59cc3cb8a4 6122fdf4ae 6182f690da 619bc82e0d
    665cb762e3 6dbe0f85a0 701033ae26 70aafb4266 70fc4b74ea 7122c9a14b 78a00d189c 796e43a5a8
    7ad1e36849 7e176c4f23 7e85c676fd 7f5a9ba14c 805c0cdff8 80d71140f7 8171c4ecae 819837a1df
    82159dd028 83bd72f7a1 83ebccea9f 867d789766 886d51e97a 8cd49d0ad8 8f5083e3e5 92a9bf818e
    94a2b576a9 984b5c6ef0 98b52c4b6b 9915ba2d82 99e367bcad a2513bbc96 a368606514 a40ccba874
    a76d588d00 a7bf072c97 ab0c0f27af acc96930e3 ad505b0be8 ad64e56f21 ad6cacf3af affc875700
    b04a8a4006 b34e00e162 b64608345c b68ee25725 b829beb00d b883427023 ba6fb01a93 bb209d506b
    bb87adf8aa bbcb6a52f0 bbf8bb7863 bd331fb1d2 be00f1af52 be2db2bf99 c1b4ed0539 c1cabb6f6e
    c22f315f1b c2c3b68b48 c3de533e9b c70e3e7c47 ca05283dee ca5941f915 cbbd0f71af cc02032349
    ccff74c2d5 cd5f28ce66 d0e3cb91d2 daec0c235d db10a79061 dc2abe4ed2 de44de95f1 e7282d82ac
    e7b98c6aa5 e9143a2903 e99d55248f e9e8b6c5af eda887476f ee5a869b5a eea2991640 eff26b1816
    f59e28f8bb f6952d6eef f9d0d9b18a
"""

_STEMS = frozenset(_STEM_HASHES.split())
_WORDS = frozenset(_WORD_HASHES.split())


def hash_word(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()[:10]


def is_decent(word: str) -> bool:
    """False for a word (lower case, without pronunciation number) the ears never print."""
    base = word.removesuffix("'s").removesuffix("'")
    if hash_word(base) in _WORDS:
        return False
    longest = min(len(base), _LONGEST_STEM)
    return not any(hash_word(base[:size]) in _STEMS for size in range(_SHORTEST_STEM, longest + 1))


def decent_lines(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a CMU dictionary that may stay; a line is `word phone phone …`."""
    for line in lines:
        word = re.sub(r"\(\d+\)$", "", line.split(" ", 1)[0])
        if is_decent(word):
            yield line
