"""Log lines: one line a record, no secret, no speech, no control characters (reliability k)."""

from __future__ import annotations

import logging
import re

from accounts import request_ids

# Bearer credentials of every kind we or a provider issue, and secrets in query strings.
SECRET_PATTERN = re.compile(
    r"(?P<prefix>\b(?:Bearer|Basic)\s+|openai-insecure-api-key\.|voiceassist\.token\."
    r"|[?&](?:token|api_key|key|secret|password)=)[^\s\"'&,;]+"
    r"|\bwhsec_[A-Za-z0-9+/=]{8,}"
    r"|\b(?:ek|va|sk)[_-][A-Za-z0-9_.-]{8,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+",
    re.IGNORECASE,
)
CONTROL_PATTERN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def redact(text: str) -> str:
    """`text` with every credential replaced by «redacted»."""
    return SECRET_PATTERN.sub(lambda match: (match.group("prefix") or "") + "[redacted]", text)


def escape_controls(text: str) -> str:
    """`text` with control and direction characters escaped: no log line can be forged."""
    return CONTROL_PATTERN.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def without_query(argument: object) -> object:
    """A request's target without its query, which may be words somebody said and now looks for."""
    if isinstance(argument, str) and argument.startswith("/"):
        return argument.partition("?")[0]
    return argument


class RedactFilter(logging.Filter):
    """Replaces a record's message by its redacted form, arguments merged."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("uvicorn") and isinstance(record.args, tuple):
            record.args = tuple(without_query(argument) for argument in record.args)
        record.msg = redact(record.getMessage())
        record.args = None
        return True


class LineFormatter(logging.Formatter):
    """One line a record, with the name of the request in which it was written."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = escape_controls(record.message.replace("\n", "\\n"))
        request_id = request_ids.current()
        return super().formatMessage(record) + (f" [{request_id}]" if request_id else "")

    def formatException(self, ei: object) -> str:
        return redact(super().formatException(ei))  # type: ignore[arg-type]
