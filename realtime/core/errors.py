"""Every way a voice session can be refused or ended, as one tree.

    VoiceError
    ├── InvalidEvent            a client event we refuse; costs an `error` event, not the session
    ├── FrameTooBig             413 / close 1009
    ├── NotAuthenticated        401 / close 4401
    ├── Forbidden               403 / close 4403
    │   └── SessionEnded        close 4410: somebody ended it, and says why
    ├── NotFound                404 / close 4404
    ├── LimitReached            429 / close 4429, may carry retry_after
    ├── QuotaExhausted          429 / close 4402
    ├── Unavailable             503 / close 1013 (voice off, not configured, overloaded)
    ├── Draining                503 / close 1012
    ├── UpstreamFailed          502 / close 4502, says whether a retry can help
    │   └── UpstreamRefused     the provider answered with an error of its own, kept as it was
    └── UpstreamTimedOut        504 / close 4504

`code` is the stable word a program reads (`docs/errors.md` lists them all), `message` the sentence
a person reads. Neither ever holds a secret or spoken words.
"""

from __future__ import annotations

from typing import ClassVar


class VoiceError(Exception):
    """Base of the tree. `http_status` and `close_code` say how each face reports it.

    `client_event_id` is the `event_id` of the client's event that it answers, echoed so that SDKs
    can match it.
    """

    http_status: ClassVar[int] = 500
    close_code: ClassVar[int] = 1011
    error_type: ClassVar[str] = "server_error"
    default_code: ClassVar[str] = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.param = param
        self.retry_after_s = retry_after_s
        self.client_event_id: str | None = None


class InvalidEvent(VoiceError):
    """A client event that is malformed or that policy forbids (protocol §4.5)."""

    http_status = 400
    close_code = 1007
    error_type = "invalid_request_error"
    default_code = "invalid_event"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        client_event_id: str | None = None,
    ) -> None:
        super().__init__(message, code=code, param=param)
        self.client_event_id = client_event_id


class FrameTooBig(VoiceError):
    """A client's frame over the cap: what it said is lost, so the session cannot go on."""

    http_status = 413
    close_code = 1009
    error_type = "invalid_request_error"
    default_code = "frame_too_big"


class NotAuthenticated(VoiceError):
    http_status = 401
    close_code = 4401
    error_type = "invalid_request_error"
    default_code = "not_authenticated"


class Forbidden(VoiceError):
    http_status = 403
    close_code = 4403
    error_type = "invalid_request_error"
    default_code = "forbidden"


class SessionEnded(Forbidden):
    close_code = 4410
    default_code = "session_ended"


class NotFound(VoiceError):
    http_status = 404
    close_code = 4404
    error_type = "invalid_request_error"
    default_code = "not_found"


class LimitReached(VoiceError):
    http_status = 429
    close_code = 4429
    error_type = "rate_limit_error"
    default_code = "too_many_sessions"


class QuotaExhausted(VoiceError):
    http_status = 429
    close_code = 4402
    error_type = "insufficient_quota"
    default_code = "quota_exhausted"


class Unavailable(VoiceError):
    http_status = 503
    close_code = 1013
    default_code = "realtime_disabled"


class Draining(VoiceError):
    http_status = 503
    close_code = 1012
    default_code = "server_draining"


class UpstreamFailed(VoiceError):
    """The provider refused, broke or spoke nonsense; `retryable` is false for 4xx but 408/429."""

    http_status = 502
    close_code = 4502
    default_code = "upstream_failed"

    def __init__(self, message: str, *, code: str | None = None, retryable: bool = True) -> None:
        super().__init__(message, code=code)
        self.retryable = retryable


class UpstreamRefused(UpstreamFailed):
    """The provider's HTTP interface said no: `provider_status`, `code`, `message`, `param` and when
    to come back are its own words. A 4xx is about the request, so a face may pass it on to who made
    that. answer_bytes: how long its answer was."""

    default_code = "upstream_refused"

    def __init__(
        self,
        message: str,
        *,
        provider_status: int,
        code: str | None = None,
        param: str | None = None,
        retry_after_s: int | None = None,
        answer_bytes: int = 0,
    ) -> None:
        retryable = provider_status >= 500 or provider_status in (408, 429)
        super().__init__(message, code=code, retryable=retryable)
        self.provider_status = provider_status
        self.param = param
        self.retry_after_s = retry_after_s
        self.answer_bytes = answer_bytes


class UpstreamTimedOut(VoiceError):
    http_status = 504
    close_code = 4504
    default_code = "upstream_timed_out"
