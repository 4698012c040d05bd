"""Who is measured: ours, and in the same run what others would put in its place."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.load import Target
from bench.ours import our_server
from bench.processes import ProcessTree, running
from scripts.install import ROOT, fail, node_environment, npm_install
from scripts.test_services import free_port

NODE_FOLDER: Final = ROOT / "bench" / "node"
PATH: Final = "/v1/realtime?model=gpt-realtime-2.1"


@dataclass(frozen=True, slots=True)
class Peer:
    """tree: None for `direct`, where nothing stands between. targets: makes the addresses (and
    mints) for one round. version: what the report calls it. rewrites: its events are the same as
    JSON only."""

    name: str
    version: str
    tree: ProcessTree | None
    targets: Callable[[int], list[Target]]
    rewrites: bool = False


Start = Callable[[int, Path], AbstractContextManager[Peer]]


def _same(port: int) -> Callable[[int], list[Target]]:
    return lambda count: [Target(port, PATH)] * count


def _first_line(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=True
    )
    return (done.stdout or done.stderr).splitlines()[0]


@contextmanager
def direct(provider_port: int, folder: Path) -> Iterator[Peer]:
    """Nothing between: what the generator and the loopback cost by themselves."""
    yield Peer("direct", "no relay", None, _same(provider_port))


@contextmanager
def nginx(provider_port: int, folder: Path) -> Iterator[Peer]:
    """The floor: nginx copies TCP bytes and knows of no frame."""
    install_nginx()
    port = free_port()
    module = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
    config = folder / "nginx.conf"
    config.write_text(
        f"{f'load_module {module};' if module.exists() else ''}\n"
        "worker_processes 1; daemon off; pid nginx.pid; error_log stderr warn;\n"
        "events { worker_connections 8192; }\n"
        f"stream {{ server {{ listen 127.0.0.1:{port} backlog=4096;"
        f" proxy_pass 127.0.0.1:{provider_port}; }} }}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    command: list[str | Path] = [program, "-p", folder, "-c", config]
    version = _first_line(program, "-v").partition(": ")[2]
    with running("nginx", port, command, folder=folder, log=folder / "nginx.log") as tree:
        yield Peer("nginx", f"{version}, stream", tree, _same(port))


def install_nginx() -> None:
    """On Debian as root install it; elsewhere say what is missing."""
    if shutil.which("nginx") or Path("/usr/sbin/nginx").exists():
        return
    packages = ["nginx-light", "libnginx-mod-stream"]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        fail(f"the benchmark needs nginx with its stream module ({' '.join(packages)})")
    print("Installing nginx …", flush=True)
    # It is run by us alone: no service is to start with it.
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        subprocess.run(["apt-get", *command], env=env, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def node(provider_port: int, folder: Path) -> Iterator[Peer]:
    """Node's `ws`, without any of what a voice server has to do besides relaying."""
    npm_install(NODE_FOLDER)
    program, _, env = node_environment()
    port = free_port()
    command: list[str | Path] = [
        program,
        NODE_FOLDER / "relay.mjs",
        str(port),
        f"ws://127.0.0.1:{provider_port}{PATH}",
    ]
    version = f"Node {_first_line(program, '--version')}, ws"
    log = folder / "node.log"
    with running("Node", port, command, folder=NODE_FOLDER, log=log, env=env) as tree:
        yield Peer("node", version, tree, _same(port))


@contextmanager
def ours(provider_port: int, folder: Path) -> Iterator[Peer]:
    """VoiceAssist with everything on."""
    with our_server(provider_port, folder / "ours") as server:
        yield Peer("ours", _our_version(), server.tree, server.targets)


@contextmanager
def ours_off(provider_port: int, folder: Path) -> Iterator[Peer]:
    """The same with the fast path off, as on an ASGI server that knows nothing of it."""
    with our_server(provider_port, folder / "ours-off", REALTIME_FAST_PATH="off") as server:
        version = f"{_our_version()}, REALTIME_FAST_PATH=off"
        yield Peer("ours-off", version, server.tree, server.targets)


def _our_version() -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return f"VoiceAssist {done.stdout.strip()}".strip()


LITELLM_VENV: Final = ROOT / ".local" / "bench-litellm"


@contextmanager
def litellm(provider_port: int, folder: Path) -> Iterator[Peer]:
    """LiteLLM's proxy, in an environment of its own; on request, since it is large."""
    requirements = ROOT / "bench" / "litellm.txt"
    python = LITELLM_VENV / "bin" / "python"
    stamp = LITELLM_VENV / ".installed"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        print("Installing LiteLLM …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(LITELLM_VENV)], check=True)
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(requirements)], check=True)
        stamp.write_text(requirements.read_text())
    port, key = free_port(), f"sk-{secrets.token_urlsafe(16)}"
    config = folder / "litellm.yaml"
    config.write_text(
        "model_list:\n"
        "  - model_name: gpt-realtime-2.1\n"
        "    litellm_params:\n"
        "      model: openai/gpt-realtime-2.1\n"
        f"      api_base: http://127.0.0.1:{provider_port}/v1\n"
        "      api_key: none\n"
        "    model_info: {mode: realtime}\n"
        f"general_settings: {{master_key: {key}}}\n"
    )
    listen = ["--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    command: list[str | Path] = [LITELLM_VENV / "bin" / "litellm", "--config", config, *listen]
    headers = {"Authorization": f"Bearer {key}"}
    log = folder / "litellm.log"
    with running("LiteLLM", port, command, folder=folder, log=log) as tree:
        version = requirements.read_text().partition("==")[2].split()[0]
        yield Peer(
            "litellm",
            f"LiteLLM {version} (writes events anew; compared as JSON)",
            tree,
            lambda count: [Target(port, PATH, headers)] * count,
            rewrites=True,
        )


PEERS: Final[dict[str, Start]] = {
    "direct": direct,
    "nginx": nginx,
    "node": node,
    "ours": ours,
    "ours-off": ours_off,
    "litellm": litellm,
}
