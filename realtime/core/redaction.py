"""What a client may not read in what the provider says: the operator's own instructions.

A provider may echo them in a session or a response, and quote them in an error's message, whole or
in part. The answers of the model are not looked into: what it says is what was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from realtime.core.frames import mapping_or_empty

# A quotation of at least twice this length holds one such piece of the instructions whole.
_PIECE_CHARACTERS: Final = 16
WITHHELD: Final = "The provider's sentence is withheld: it quotes instructions of this server."


def quotes(text: str, secret: str) -> bool:
    """Whether `text` holds `secret`, or 31 characters of it in a row."""
    if len(secret) < _PIECE_CHARACTERS:
        return bool(secret) and secret in text
    starts = range(0, len(secret) - _PIECE_CHARACTERS + 1, _PIECE_CHARACTERS)
    return any(secret[at : at + _PIECE_CHARACTERS] in text for at in starts)


def without_instructions(body: Mapping[str, Any], secret: str, own: str) -> Mapping[str, Any]:
    """A server event that quotes no `secret`; `body` itself where it did not.

    own: the instructions the client set itself, shown where the provider echoes both.
    """
    shown: dict[str, Any] = {}
    if "response" in body:
        shown["response"] = _response(mapping_or_empty(body["response"]), secret, own)
    if "error" in body:
        shown["error"] = _error(mapping_or_empty(body["error"]), secret)
    changed = {key: value for key, value in shown.items() if value is not None}
    return {**body, **changed} if changed else body


def _response(response: Mapping[str, Any], secret: str, own: str) -> dict[str, Any] | None:
    """The response as it may be shown; None: as it is."""
    changed: dict[str, Any] = {}
    instructions = response.get("instructions")
    if isinstance(instructions, str) and quotes(instructions, secret):
        changed["instructions"] = own
    details = mapping_or_empty(response.get("status_details"))
    error = _error(mapping_or_empty(details.get("error")), secret)
    if error is not None:
        changed["status_details"] = {**details, "error": error}
    return {**response, **changed} if changed else None


def _error(error: Mapping[str, Any], secret: str) -> dict[str, Any] | None:
    message = error.get("message")
    if isinstance(message, str) and quotes(message, secret):
        return {**error, "message": WITHHELD}
    return None
