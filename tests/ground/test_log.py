from __future__ import annotations

import contextvars
import logging

import pytest

from accounts import request_ids
from voiceassist.log import LineFormatter, RedactFilter, redact

SECRETS = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "ek_AbCdEfGh0123456789_-",
    "va_AbCdEfGh0123456789",
    "sk-proj-AbCdEfGh0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoxfQ.c2lnbmF0dXJl",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "around", ["{}", "Authorization: Bearer {}", "/v1/realtime?token={}&x=1", "key={}."]
)
def test_no_credential_of_any_kind_passes(secret: str, around: str) -> None:
    assert secret not in redact(around.format(secret))


def test_a_subprotocol_secret_is_redacted_and_its_name_kept() -> None:
    line = redact("offered realtime, openai-insecure-api-key.ek_abcdefgh123, voiceassist.v1")
    assert "ek_abcdefgh123" not in line
    assert "openai-insecure-api-key.[redacted]" in line


def test_arguments_are_redacted_with_the_message() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "opened with %s", (SECRETS[0],), None)
    RedactFilter().filter(record)
    assert SECRETS[0] not in record.getMessage()


def test_a_log_line_cannot_be_forged_or_coloured() -> None:
    message = "name=\r\n2026 INFO forged \x1b[31mred\x1b[0m \u202eabc"
    record = logging.LogRecord("x", logging.INFO, "", 0, message, (), None)
    line = LineFormatter().format(record)
    assert "\n" not in line
    assert "\x1b" not in line
    assert "\u202e" not in line


def test_an_exception_text_is_redacted() -> None:
    try:
        raise ValueError(SECRETS[0])
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "failed", (), (type(error), error, error.__traceback__)
        )
    assert SECRETS[0] not in LineFormatter().format(record)


@pytest.mark.parametrize(
    ("logger", "message", "arguments"),
    [
        (
            "uvicorn.access",
            '%s - "%s %s HTTP/%s" %d',
            ("GET", "/api/x?search=a+secret", "1.1", 200),
        ),
        ("uvicorn.error", '%s - "WebSocket %s" [accepted]', ("/v1/realtime?model=secret",)),
    ],
)
def test_what_was_searched_for_is_not_logged(
    logger: str, message: str, arguments: tuple[object, ...]
) -> None:
    record = logging.LogRecord(
        logger, logging.INFO, __file__, 1, message, ("127.0.0.1:1", *arguments), None
    )
    assert RedactFilter().filter(record)
    assert "secret" not in record.getMessage()
    assert "?" not in record.getMessage()


def test_a_line_written_while_a_request_is_served_carries_its_name() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "refused", (), None)
    context = contextvars.copy_context()
    name = context.run(request_ids.begin)
    assert context.run(LineFormatter().format, record).endswith(f" x refused [{name}]")
    assert contextvars.Context().run(LineFormatter().format, record).endswith(" x refused")
