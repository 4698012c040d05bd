from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from voiceassist import checks


def ids(messages: list[Any]) -> set[str]:
    return {message.id for message in messages}


@pytest.mark.parametrize(
    ("name", "value", "check", "expected"),
    [
        ("SECRET_KEY", "short", checks.check_secret_key, "voiceassist.E001"),
        ("REALTIME_PROVIDER", "gpt", checks.check_provider, "voiceassist.E002"),
        ("REALTIME_BASE_URL", "https://x/v1", checks.check_provider, "voiceassist.E003"),
        ("REALTIME_KEY_HEADER", "token", checks.check_provider, "voiceassist.E008"),
        ("PUBLIC_URL", "voice.example.org", checks.check_addresses, "voiceassist.E004"),
        ("ALLOWED_ORIGINS", ["https://a/b"], checks.check_addresses, "voiceassist.E005"),
        ("ICE_SERVERS", {"urls": "stun:x"}, checks.check_ways_through, "voiceassist.E006"),
        ("ICE_SERVERS", [{"url": "stun:x"}], checks.check_ways_through, "voiceassist.E006"),
        ("TURN_URLS", ["turn:x"], checks.check_ways_through, "voiceassist.E009"),
        ("TURN_SECRET", "x", checks.check_ways_through, "voiceassist.E009"),
    ],
)
def test_a_wrong_setting_is_an_error_with_a_stable_id_and_a_hint(
    settings: Settings, name: str, value: Any, check: Any, expected: str
) -> None:
    setattr(settings, name, value)
    messages = check()
    assert expected in ids(messages)
    assert all(message.hint for message in messages)


def test_openai_without_a_key_is_a_warning(settings: Settings) -> None:
    settings.REALTIME_PROVIDER, settings.OPENAI_API_KEY = "openai", ""
    assert ids(checks.check_provider()) == {"voiceassist.W001"}


def test_a_server_elsewhere_may_go_without_a_key_but_not_show_it_to_the_network(
    settings: Settings,
) -> None:
    settings.REALTIME_PROVIDER, settings.OPENAI_API_KEY = "openai", ""
    settings.REALTIME_BASE_URL = "ws://gpu.example.org/v1/realtime"
    assert ids(checks.check_provider()) == set()
    settings.OPENAI_API_KEY = "sk-not-a-real-key"
    assert ids(checks.check_provider()) == {"voiceassist.W004"}
    settings.REALTIME_KEY_HEADER = "none"
    assert ids(checks.check_provider()) == set()


def test_a_key_that_is_not_used_is_a_warning(settings: Settings) -> None:
    settings.REALTIME_PROVIDER, settings.OPENAI_API_KEY = "embedded", "sk-not-a-real-key"
    assert ids(checks.check_provider()) == {"voiceassist.W002"}


def test_https_without_trusted_proxies_is_a_warning(settings: Settings) -> None:
    settings.IS_HTTPS, settings.TRUSTED_PROXIES = True, []
    assert "voiceassist.W003" in ids(checks.check_addresses())
