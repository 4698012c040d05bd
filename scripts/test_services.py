"""A PostgreSQL and a Redis of the tests' own, on free ports, gone when the tests are done."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.install import fail

# Chromium without windows, menus and prompts: each page of a test costs half a second of CPU less.
# Where there is none Chromium itself will do.
SHELL = "chromium-headless-shell"
APT_PACKAGES = {
    "chromium": "chromium",
    SHELL: SHELL,
    "redis-server": "redis-server",
    "flite": "flite",
    "sox": "sox",
    "initdb": "postgresql",
    "xvfb-run": "xvfb",
}
FONT_PACKAGES = ("fonts-noto-core", "fonts-noto-color-emoji", "fonts-noto-cjk")
START_TIMEOUT_S = 30.0
# The data is thrown away: durability would only cost time.
LAX = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# Compiling a query takes longer than any of these runs.
UNCOMPILED = "jit=off"
POSTGRES_OPTIONS = (
    "-h",
    "127.0.0.1",
    "-c",
    "max_connections=200",
    *(f"-c{one}" for one in (*LAX, UNCOMPILED)),
)


def find_postgres_tool(name: str) -> str | None:
    """Debian keeps the server's programs off PATH, one folder a version."""
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(versions[-1]) if versions else None


def find_program(name: str) -> str | None:
    return find_postgres_tool(name) if name == "initdb" else shutil.which(name)


def install_system_packages() -> None:
    """On Debian as root install what the tests need; elsewhere name what is missing and fail."""
    missing = [package for name, package in APT_PACKAGES.items() if find_program(name) is None]
    can_do_without = missing == [SHELL]
    can_install = shutil.which("apt-get") is not None and os.geteuid() == 0
    if not missing or (can_do_without and not can_install):
        return
    if not can_install:
        fail(f"the tests need these Debian packages (or their like): {' '.join(missing)}")
    print(f"Installing {' '.join(missing)} …", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    updating = ["apt-get", "update", "-qq"]
    command = [
        "apt-get",
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        *missing,
        *FONT_PACKAGES,
    ]
    for each in (updating, command):
        done = subprocess.run(each, env=env, check=False, stdout=subprocess.DEVNULL)
        if done.returncode != 0 and not can_do_without:
            fail(f"{' '.join(each)} ended with {done.returncode}")


def free_port() -> int:
    """A TCP port nobody listens at. It lies below those that the kernel hands out to outgoing
    connections, so none of them can take it before the server that it is for is up."""
    while True:
        port = 15_000 + secrets.randbelow(17_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], what: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            fail(f"{what} ended with {process.returncode} before it listened.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    fail(f"{what} did not listen within {START_TIMEOUT_S:.0f} s.")


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """A Redis without persistence; yields its URL."""
    port = free_port()
    command = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port, process, "Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextlib.contextmanager
def postgres_server(options: Sequence[str] = POSTGRES_OPTIONS) -> Iterator[str]:
    """A PostgreSQL in a folder of its own; yields a URL whose user may make databases."""
    port = free_port()
    as_root = os.geteuid() == 0
    prefix = ["runuser", "-u", "postgres", "--"] if as_root else []
    initdb, postgres = find_postgres_tool("initdb"), find_postgres_tool("postgres")
    assert initdb is not None
    assert postgres is not None
    with tempfile.TemporaryDirectory(prefix="voiceassist-pg-") as folder:
        data = Path(folder) / "data"
        if as_root:
            shutil.chown(folder, "postgres")
        subprocess.run(
            [
                *prefix,
                initdb,
                "-D",
                str(data),
                "-U",
                "tests",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        process = subprocess.Popen(
            [*prefix, postgres, "-D", str(data), "-p", str(port), "-k", folder, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        try:
            wait_for_port(port, process, "PostgreSQL")
            yield f"postgres://tests@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(timeout=20)
