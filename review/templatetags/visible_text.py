"""Words of others in the Django admin, with what cannot be seen made visible, as in the pages."""

from __future__ import annotations

import re

from django import template

register = template.Library()

_CONTROL_PICTURES = 0x2400
_DELETE_PICTURE = "\u2421"
_DIRECTIONS = {
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@register.filter
def visible_text(text: object) -> str:
    """Terminal escapes, other controls and direction overrides as signs; escape the result."""
    return _UNSEEN.sub(_picture, str(text).replace("\r\n", "\n"))


def _picture(match: re.Match[str]) -> str:
    char = match.group()
    if char in _DIRECTIONS:
        return f"⟨{_DIRECTIONS[char]}⟩"
    if ord(char) < 0x20:
        return chr(_CONTROL_PICTURES + ord(char))
    return _DELETE_PICTURE if char == "\x7f" else f"⟨{ord(char):X}⟩"
