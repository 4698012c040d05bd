"""What a program asks for when it mints a session, read and held to policy (protocol §1.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings

from realtime.core.errors import InvalidEvent
from realtime.core.policy import Policy
from realtime.core.session_config import clamp_session, merge_session
from realtime.core.session_kind import SessionKind, kind_of, listening_patch
from realtime.mint import default_request
from realtime.providers import check_session
from realtime.voice_config import ga_session, listening_session

SECRET_LIFE_LEAST_S, SECRET_LIFE_MOST_S = 10, 7_200
SECRET_LIFE_DEFAULT_S = 600  # of an `expires_after` that names no seconds, as at OpenAI
# Told by the server: a program may send back what it was shown.
_READ_ONLY = frozenset({"id", "object", "expires_at"})
# A null character as JSON writes it, and not a backslash with `u0000` behind it.
_NULL_CHARACTER = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def body_of(data: Any) -> Mapping[str, Any]:
    """A request's body; none at all is an empty one. Raises InvalidEvent for another JSON value."""
    if not isinstance(data, Mapping):
        raise InvalidEvent("The body must be a JSON object.", code="invalid_type")
    return data


def check_known(asked: Mapping[str, Any], known: frozenset[str], path: str = "") -> None:
    """Raises InvalidEvent with code `unknown_parameter` for a key that is not `known`."""
    for name in sorted(set(map(str, asked)) - known):
        raise InvalidEvent(
            f"Unknown parameter: '{path}{name[:64]}'.",
            code="unknown_parameter",
            param=f"{path}{name[:64]}",
        )


def life_s(expires_after: Any, path: str = "expires_after") -> int:
    """How long the secret may be used for opening, in seconds. Raises InvalidEvent."""
    if expires_after is None:
        return int(settings.REALTIME_TOKEN_EXPIRY_SEC)
    if not isinstance(expires_after, Mapping):
        raise InvalidEvent(
            f"Invalid type for '{path}': expected an object.", code="invalid_type", param=path
        )
    check_known(expires_after, frozenset({"anchor", "seconds"}), f"{path}.")
    if expires_after.get("anchor", "created_at") != "created_at":
        raise InvalidEvent(
            f"Invalid value for '{path}.anchor'. Supported values are: 'created_at'.",
            code="invalid_value",
            param=f"{path}.anchor",
        )
    seconds = expires_after.get("seconds", SECRET_LIFE_DEFAULT_S)
    param = f"{path}.seconds"
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise InvalidEvent(
            f"Invalid type for '{param}': expected an integer.", code="invalid_type", param=param
        )
    if SECRET_LIFE_LEAST_S <= seconds <= SECRET_LIFE_MOST_S:
        return seconds
    is_low = seconds < SECRET_LIFE_LEAST_S
    raise InvalidEvent(
        f"Invalid '{param}': must be between {SECRET_LIFE_LEAST_S} and {SECRET_LIFE_MOST_S}.",
        code="integer_below_min_value" if is_low else "integer_above_max_value",
        param=param,
    )


def session_config(session: Any, policy: Policy) -> dict[str, Any]:
    """The GA session asked for over our defaults, clamped by policy; None asks for the defaults.

    A `model` in it is kept as the request that it is.

    Raises InvalidEvent for anything explicit that is wrong or forbidden.
    """
    if session is None:
        return ga_session(default_request())
    if not isinstance(session, Mapping):
        raise InvalidEvent(
            "Invalid type for 'session': expected an object.", code="invalid_type", param="session"
        )
    if session.get("type") is None:
        raise InvalidEvent(
            "Missing required parameter: 'session.type'.",
            code="missing_required_parameter",
            param="session.type",
        )
    if session["type"] not in tuple(SessionKind):
        kinds = ", ".join(f"'{kind}'" for kind in SessionKind)
        raise InvalidEvent(
            f"Invalid value for 'session.type'. Supported values are: {kinds}.",
            code="invalid_value",
            param="session.type",
        )
    asked = {name: value for name, value in session.items() if name not in _READ_ONLY}
    _check_writable(asked)
    if kind_of(session) is SessionKind.TRANSCRIPTION:
        asked = clamp_session(listening_patch(asked), policy)
        check_session(asked)
        return listening_session(asked=asked)
    clamped = clamp_session(asked, policy)
    check_session(clamped)
    model = {"model": asked["model"]} if "model" in asked else {}
    return merge_session(ga_session(default_request()), clamped | model)


def _check_writable(asked: Mapping[str, Any]) -> None:
    """It is kept as JSON and sent on as JSON. Half a surrogate pair, a null character, a number
    without end or nesting without end can be read all the same. Raises InvalidEvent."""
    try:
        json.dumps(asked, allow_nan=False)
        is_writable = _NULL_CHARACTER.search(orjson.dumps(asked)) is None
    except (ValueError, TypeError, RecursionError):
        is_writable = False
    if not is_writable:
        raise InvalidEvent(
            "Invalid value for 'session': it holds text or a number that JSON cannot carry.",
            code="invalid_value",
            param="session",
        )
