"""The client event that comes 25 times a second, read without a parser.

A client's frame is passed on as the bytes it came in, so what is read here must be all that it can
say to anybody: a repeated key, an escape or another spelling could say something else to the
provider than to us. So an append is taken for one only in these exact words, with base64 between
them, which has neither quotes nor escapes. Everything else is for the parser.
"""

from __future__ import annotations

from typing import Final

from realtime.core.audio import BASE64_ALPHABET, BASE64_PADDINGS

# As JavaScript and pydantic write it, and as Python's json does; type or audio first.
_SHAPES: Final = (
    (b'{"type":"input_audio_buffer.append","audio":"', b'"}'),
    (b'{"type": "input_audio_buffer.append", "audio": "', b'"}'),
    (b'{"audio":"', b'","type":"input_audio_buffer.append"}'),
    (b'{"audio": "', b'", "type": "input_audio_buffer.append"}'),
)


def _bones(raw: bytes) -> bytes:
    """What is no letter of base64, in its order."""
    return raw.translate(None, BASE64_ALPHABET)


# By its bones, every plain append: how it begins, how it ends, and how many bytes are no sound.
# One that has the bones, the beginning and the end of a shape has nothing but base64 in between.
_BY_BONES: Final = {
    _bones(head + padding + tail): (head, padding + tail, len(head) + len(tail), len(padding))
    for head, tail in _SHAPES
    for padding in (b"", *BASE64_PADDINGS)
}


def plain_append_bytes(raw: bytes) -> int | None:
    """How many bytes of audio this `input_audio_buffer.append` (UTF-8) carries; None for any frame
    that is not one in exactly the words expected. Then parse it: it may still be one."""
    shape = _BY_BONES.get(raw.translate(None, BASE64_ALPHABET))
    if shape is None:
        return None
    head, end, others, padding = shape
    encoded = len(raw) - others
    if encoded % 4 or not raw.startswith(head) or not raw.endswith(end):
        return None
    return encoded // 4 * 3 - padding
