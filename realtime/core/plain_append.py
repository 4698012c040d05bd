"""The client event that comes 25 times a second, read without a parser.

A client's frame is passed on as the bytes it came in, so what is read here must be all that it can
say to anybody: a repeated key, an escape or another spelling could say something else to the
provider than to us. So an append is taken for one only in these exact words, with base64 between
them, which has neither quotes nor escapes. Everything else is for the parser.
"""

from __future__ import annotations

from typing import Final

from realtime.core.audio import strict_base64_byte_count

# As JavaScript and pydantic write it, and as Python's json does; type or audio first.
_SHAPES: Final = (
    (b'{"type":"input_audio_buffer.append","audio":"', b'"}'),
    (b'{"type": "input_audio_buffer.append", "audio": "', b'"}'),
    (b'{"audio":"', b'","type":"input_audio_buffer.append"}'),
    (b'{"audio": "', b'", "type": "input_audio_buffer.append"}'),
)


def plain_append_bytes(raw: bytes) -> int | None:
    """How many bytes of audio this `input_audio_buffer.append` (UTF-8) carries; None for any frame
    that is not one in exactly the words expected. Then parse it: it may still be one."""
    for head, tail in _SHAPES:
        end = len(raw) - len(tail)
        if raw.startswith(head) and raw.endswith(tail) and end >= len(head):
            return strict_base64_byte_count(raw[len(head) : end])
    return None
