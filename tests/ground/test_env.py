from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from voiceassist.env import env_bool, env_int, env_json, env_list, env_port_range, env_text


def test_a_setting_is_read_from_the_file_its_file_name_gives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    assert env_text("SOME_KEY") == "from-a-file"


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("from-a-file")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("SOME_KEY", "from-the-environment")
    assert env_text("SOME_KEY") == "from-the-environment"


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY_FILE", "/nowhere/key")
    with pytest.raises(ImproperlyConfigured, match="SOME_KEY_FILE names /nowhere/key"):
        env_text("SOME_KEY")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("0", False), ("On", True)])
def test_a_switch_takes_the_usual_words(
    monkeypatch: pytest.MonkeyPatch, text: str, value: bool
) -> None:
    monkeypatch.setenv("SWITCH", text)
    assert env_bool("SWITCH", not value) is value


def test_a_switch_refuses_other_words_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCH", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="SWITCH is 'perhaps'"):
        env_bool("SWITCH", True)


@pytest.mark.parametrize("text", ["many", "-1"])
def test_a_number_out_of_range_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("COUNT", text)
    with pytest.raises(ImproperlyConfigured, match="COUNT is"):
        env_int("COUNT", 3)


def test_a_list_drops_empty_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS", " a, ,b ,")
    assert env_list("WORDS") == ["a", "b"]


def test_json_that_does_not_parse_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVERS", "[")
    with pytest.raises(ImproperlyConfigured, match="SERVERS is not JSON"):
        env_json("SERVERS", [])


def test_a_range_of_ports_is_two_numbers_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env_port_range("PORTS") is None
    monkeypatch.setenv("PORTS", "50000-50099")
    assert env_port_range("PORTS") == (50000, 50099)


@pytest.mark.parametrize("text", ["50000", "50099-50000", "80-90", "a-b", "50000-70000"])
def test_any_other_range_of_ports_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("PORTS", text)
    with pytest.raises(ImproperlyConfigured, match="PORTS"):
        env_port_range("PORTS")
