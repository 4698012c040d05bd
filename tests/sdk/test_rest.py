"""The OpenAI addresses that the SDKs call over HTTP: minting, and the list of models."""

from __future__ import annotations

import json
import subprocess
import time

import pytest

from tests.sdk.conftest import Played, api_key
from tests.sdk.sdks import Toolbox, client_environment


@pytest.mark.parametrize("script", ["python_rest.py", "node_rest.mjs"])
def test_a_program_mints_and_lists_models_with_an_api_key(
    played_in_process: Played, tools: Toolbox, script: str
) -> None:
    gateway = played_in_process.gateway
    interpreter = tools.python if script.endswith(".py") else tools.node
    environment = client_environment(gateway, script) | {"OPENAI_API_KEY": api_key(gateway)}
    done = subprocess.run(
        [interpreter, tools.scripts / script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["value"].startswith("ek_")
    assert time.time() < told["expires_at"] <= time.time() + 60
    assert told["instructions"] == "Be brief."
    assert "gpt-realtime-2.1" in told["models"]
    assert told["refused"] == {"status": 401, "code": "invalid_api_key"}
