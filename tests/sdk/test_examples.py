"""The examples, run as they are: address and key from the environment, a WAV file as argument."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.server import ROOT
from tests.e2e.speech import recording
from tests.sdk.conftest import Played, secret
from tests.sdk.sdks import Toolbox, client_environment

EXAMPLES = (
    "python_openai.py",
    "python_agents.py",
    "plain_websockets.py",
    "node_openai.mjs",
    "node_agents.mjs",
)
MAX_LINES = 60
TIMEOUT_S = 60


@pytest.fixture(scope="session")
def printed(
    played_in_process: Played, tools: Toolbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What each example printed; all run at the same time."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "node_modules").symlink_to(tools.scripts / "node_modules")
    running = {}
    for name in EXAMPLES:
        script = shutil.copy(ROOT / "examples" / name, folder)
        key = {"OPENAI_API_KEY": secret(played_in_process.gateway)}
        running[name] = subprocess.Popen(
            [tools.python if name.endswith(".py") else tools.node, script, recording("goforward")],
            env=client_environment(played_in_process.gateway, Path(name).stem) | key,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return {name: process.communicate(timeout=TIMEOUT_S)[0] for name, process in running.items()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_takes_a_written_and_a_spoken_turn(printed: dict[str, str], name: str) -> None:
    lines = printed[name].splitlines()
    assert len(lines) == 3, printed[name]
    written = "It is sunny in Paris." if "agents" in name else "Two plus three is five."
    assert lines[0].startswith(f"answer: {written}")
    assert lines[1] == "heard: go forward ten meters"
    assert lines[2].startswith("answer: Going forward ten meters.")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_short(name: str) -> None:
    assert len((ROOT / "examples" / name).read_text(encoding="utf-8").splitlines()) < MAX_LINES
