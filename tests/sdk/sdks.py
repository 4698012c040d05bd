"""The official SDKs, each driven by a script of its own, in a process of its own or in a page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.install import node_environment
from scripts.sdk_environments import install_node_sdks, install_python_sdks
from tests.sdk.tls_gateway import TlsGateway

DRIVERS = Path(__file__).resolve().parent / "drivers"
RUN_TIMEOUT_S = 120.0
IN_PROCESSES = ("python_openai", "python_agents", "node_openai", "node_agents")
IN_PAGES = ("page_openai", "page_agents")
SDKS = (*IN_PROCESSES, *IN_PAGES)
# They refuse `ws:`, so they go to the TLS listener.
NEEDS_TLS = ("node_openai", "page_openai")
# What an application calls a tool for is asked in these steps; `drivers` says what each does.
EVERY_STEP = (
    "created",
    "update",
    "text",
    "tool",
    "forbidden",
    "voice",
    "items",
    "interrupt",
    "barge_in",
)

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One session: the credential that opens it, and what to do in it."""

    key: str
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The SDKs as installed. `scripts`: the drivers, beside which Node finds its packages."""

    python: Path
    node: Path
    scripts: Path


def toolbox(folder: Path) -> Toolbox:
    """Install what is not; put the scripts into `folder`."""
    scripts = folder / "drivers"
    shutil.copytree(DRIVERS, scripts)
    (scripts / "node_modules").symlink_to(install_node_sdks())
    return Toolbox(install_python_sdks(), node_environment()[0], scripts)


def base_url(gateway: TlsGateway, sdk: str) -> str:
    """What an application is told instead of `https://api.openai.com/v1`."""
    return f"{gateway.tls_url if sdk in NEEDS_TLS else gateway.process.url}/v1"


def client_environment(gateway: TlsGateway, sdk: str) -> dict[str, str]:
    """The environment of an application of ours: address, trust, nothing of the server's."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "OPENAI_BASE_URL": base_url(gateway, sdk),
        "NODE_EXTRA_CA_CERTS": str(gateway.certificate_path),
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
    }


class Driver:
    """A script at work. Ask for its `reports` once."""

    def __init__(
        self, tools: Toolbox, gateway: TlsGateway, sdk: str, runs: Sequence[Run], speech: Path
    ) -> None:
        interpreter, suffix = (
            (tools.python, "py") if sdk.startswith("python") else (tools.node, "mjs")
        )
        self._runs = len(runs)
        self._sdk = sdk
        self._process = subprocess.Popen(
            [interpreter, tools.scripts / f"{sdk}.{suffix}"],
            env=client_environment(gateway, sdk)
            | {"SPEECH_PCM": str(speech), "RUNS": json.dumps([asdict(run) for run in runs])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def reports(self) -> list[Report]:
        """One of each run; `failed` says which step did not come to its end, and why."""
        try:
            out, complaints = self._process.communicate(timeout=RUN_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            out, complaints = self._process.communicate()
        reports: list[Report] = [json.loads(line) for line in out.splitlines()]
        missing = {"failed": f"{self._sdk} said no more than: {complaints[-4000:]}"}
        return reports + [missing] * (self._runs - len(reports))
