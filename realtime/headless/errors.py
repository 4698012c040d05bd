"""What the headless face refuses beyond the tree of `core.errors`; see `docs/errors.md`."""

from __future__ import annotations

from typing import ClassVar

from realtime.core.errors import (
    Draining,
    Forbidden,
    InvalidEvent,
    LimitReached,
    NotAuthenticated,
    NotFound,
    QuotaExhausted,
    Unavailable,
    UpstreamFailed,
    UpstreamTimedOut,
    VoiceError,
)


class Unprocessable(VoiceError):
    """422: understood, and of no use: an empty text, a file that is no sound."""

    http_status: ClassVar[int] = 422
    close_code = 1007
    error_type = "invalid_request_error"
    default_code = "invalid_audio"


class UnsupportedAudio(VoiceError):
    """415: sound of a kind that is not taken."""

    http_status = 415
    close_code = 1007
    error_type = "invalid_request_error"
    default_code = "unsupported_audio"


class AudioTooLarge(VoiceError):
    """413: more bytes or seconds than one request may bring."""

    http_status = 413
    close_code = 1009
    error_type = "invalid_request_error"
    default_code = "audio_too_large"


class SessionOver(VoiceError):
    """409: the caller's own session, but it has ended."""

    http_status = 409
    close_code = 4410
    error_type = "invalid_request_error"
    default_code = "session_ended"


class SessionUnreachable(VoiceError):
    """503: the session lives in a process that cannot be reached now."""

    http_status = 503
    close_code = 1013
    default_code = "session_unreachable"


_KINDS: tuple[type[VoiceError], ...] = (
    Unprocessable,
    SessionOver,
    SessionUnreachable,
    NotAuthenticated,
    Forbidden,
    NotFound,
    InvalidEvent,
    QuotaExhausted,
    LimitReached,
    Draining,
    Unavailable,
    UpstreamFailed,
    UpstreamTimedOut,
    VoiceError,
)


def error_of_close(close_code: int, code: str, message: str) -> VoiceError:
    """The error that a session ended with, before it ever began."""
    for kind in _KINDS:
        if kind.close_code == close_code:
            return kind(message, code=code)
    return UpstreamFailed(message, code=code)


def error_of_status(http_status: int, code: str, message: str) -> VoiceError:
    """An error that another process met, to be raised in this one."""
    for kind in _KINDS:
        if kind.http_status == http_status:
            return kind(message, code=code)
    return VoiceError(message, code=code)
