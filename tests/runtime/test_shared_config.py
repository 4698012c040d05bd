"""Session objects that are equal are one."""

import copy

import pytest

from realtime.shared_config import shared_config

CONFIG = {"type": "realtime", "audio": {"output": {"voice": "marin", "speed": 1.0}}, "tools": []}


def test_equal_session_objects_are_one_and_the_same() -> None:
    shared = shared_config(copy.deepcopy(CONFIG))

    assert shared == CONFIG
    assert shared is shared_config(copy.deepcopy(CONFIG))
    assert shared is not shared_config({**CONFIG, "tools": [{"type": "function", "name": "a"}]})


@pytest.mark.parametrize("odd", ["long" * 5000, 2**70, "\ud800"])
def test_what_is_long_or_odd_is_left_alone(odd: object) -> None:
    config = {**CONFIG, "instructions": odd}

    assert shared_config(config) is config
