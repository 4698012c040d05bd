"""Session objects that are equal are one: there is one in every call, and most are the same."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import orjson

# A longer one has instructions or tools of its own, and is not worth remembering.
_MAX_BYTES: Final = 16 * 1024
_MOST: Final = 256


def shared_config(config: dict[str, Any]) -> dict[str, Any]:
    """An object equal to this one, to be read only: other sessions may hold it, too."""
    try:
        written = orjson.dumps(config)
    except TypeError:  # what only Python can write, such as an integer above 64 bits
        return config
    return config if len(written) > _MAX_BYTES else _read(written)


@lru_cache(maxsize=_MOST)
def _read(written: bytes) -> dict[str, Any]:
    config: dict[str, Any] = orjson.loads(written)
    return config
