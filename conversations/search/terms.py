"""What somebody typed into a search box, as terms that must all occur."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

TERMS_MAX = 8
QUOTED_OR_WORD = re.compile(r'"([^"]*)"|(\S+)')
# Thai, Lao, Myanmar, Khmer, Japanese and Chinese: an index of words would hold whole sentences.
WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Term:
    """words: in this order, next to each other; the last is a beginning unless `is_phrase`.
    text: as typed. is_literal: look for `text` itself, an index of words does not help."""

    text: str
    words: tuple[str, ...]
    is_phrase: bool = False

    @property
    def is_literal(self) -> bool:
        return not self.words or WITHOUT_SPACES.search(self.text) is not None

    def pattern(self) -> re.Pattern[str]:
        """Finds the term in a text, to mark it there."""
        if self.is_literal:
            return re.compile(re.escape(self.text), re.IGNORECASE)
        words = r"[\W_]+".join(map(re.escape, self.words))
        end = r"(?!\w)" if self.is_phrase else r"\w*"
        return re.compile(rf"(?<![^\W_]){words}{end}", re.IGNORECASE)


def parse_terms(query: str) -> list[Term]:
    """The first eight terms of a query; none for an empty one."""
    terms = []
    # PostgreSQL cannot hold NUL, and no item has it.
    for quoted, word in QUOTED_OR_WORD.findall(query.replace("\x00", " ")):
        text = (quoted or word).strip()
        if text:
            terms.append(Term(text, _words(text), is_phrase=bool(quoted)))
    return terms[:TERMS_MAX]


def _words(text: str) -> tuple[str, ...]:
    spaced = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in text)
    return tuple(word for word in spaced.split() if any(char.isalnum() for char in word))
