"""The documents that programs and people rely on stay true to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from voiceassist import settings as settings_module

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "accounts",
    "administration",
    "conversations",
    "realtime",
    "review",
    "voiceassist",
    "webhooks",
)
CODE_PATTERN = re.compile(r'\b(?:default_)?code(?:: ClassVar\[str\])? ?= ?"([a-z_]+)"')


def codes_in_the_source() -> set[str]:
    found: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                found |= set(CODE_PATTERN.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_error_code_is_documented() -> None:
    documented = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs/errors.md").read_text("utf-8")))
    assert codes_in_the_source() - documented == set()


def test_every_setting_read_from_the_environment_is_documented() -> None:
    source = Path(settings_module.__file__).read_text(encoding="utf-8")
    names = set(re.findall(r'env_\w+\(\s*"([A-Z_]+)"', source))
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/settings.md").read_text("utf-8")))
    assert names - documented == set()


def test_every_private_event_is_documented() -> None:
    documented = (ROOT / "docs/private-events.md").read_text("utf-8")
    source = (ROOT / "realtime/core/names.py").read_text("utf-8")
    names = re.findall(r'"(voiceassist\.[a-z_.]+)"', source)
    assert names
    assert [name for name in names if f"### `{name}`" not in documented] == []


@pytest.mark.parametrize(
    "trap",
    [
        "api_version_mismatch",
        "unknown_parameter",
        "Expect line: v=",
        "Invalid URL",
        "Connected but silent",
        "Choppy",
        "Echo",
        "Latency",
        "Firewall",
        "ICE",
    ],
)
def test_every_known_trap_has_its_remedy(trap: str) -> None:
    assert trap in (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")


def test_relative_links_in_the_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
