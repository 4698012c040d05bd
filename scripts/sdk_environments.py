"""The official SDKs, each kind in an environment of its own beside the virtual environment."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.install import ROOT, VENV_PYTHON, digest, is_current, npm_install, run

SOURCES = ROOT / "tests" / "sdk"
ENVIRONMENTS = ROOT / ".venv-sdk"
PYTHON_HOME = ENVIRONMENTS / "python"
NODE_HOME = ENVIRONMENTS / "node"
NODE_FILES = ("package.json", "package-lock.json", ".npmrc")


def install_python_sdks() -> Path:
    """Install what tests/sdk/python pins, when that changed; returns the interpreter to run."""
    python = PYTHON_HOME / "bin" / "python"
    stamp = PYTHON_HOME / ".installed"
    wanted = digest(
        [SOURCES / "python" / "requirements.txt", SOURCES / "python" / "constraints.txt"],
        salt=str(VENV_PYTHON.resolve()),
    )
    if not is_current(stamp, wanted):
        print("Installing the official Python SDKs …", flush=True)
        run(VENV_PYTHON, "-m", "venv", "--clear", PYTHON_HOME)
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "-r", SOURCES / "python" / "requirements.txt")
        stamp.write_text(wanted)
    return python


def install_node_sdks() -> Path:
    """`npm ci` of what tests/sdk/node pins, when that changed; returns the `node_modules`."""
    NODE_HOME.mkdir(parents=True, exist_ok=True)
    for name in NODE_FILES:
        shutil.copyfile(SOURCES / "node" / name, NODE_HOME / name)
    npm_install(NODE_HOME)
    return NODE_HOME / "node_modules"


def main() -> None:
    install_python_sdks()
    install_node_sdks()


if __name__ == "__main__":
    main()
