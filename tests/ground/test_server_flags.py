"""Whoever starts uvicorn by hand gets the server that `make run` starts."""

from __future__ import annotations

import re

from uvicorn.main import main as uvicorn_command

from scripts.install import ROOT
from voiceassist.server import server_config


def test_the_documented_flags_are_those_of_our_server() -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    found = re.search(r"^uvicorn (voiceassist.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    arguments = found[1].replace("\\\n", " ").split()
    context = uvicorn_command.make_context("uvicorn", arguments)
    config = server_config("127.0.0.1", 8000)
    given = {
        name: value
        for name, value in context.params.items()
        if context.get_parameter_source(name).name == "COMMANDLINE"  # type: ignore[union-attr]
        and name not in ("app", "workers")
    }
    assert "timeout_keep_alive" in given
    ours = {name: getattr(config, name) for name in given}
    ours["ws"] = f"{config.ws.__module__}:{config.ws.__name__}"  # type: ignore[union-attr]
    assert given == ours
