"""`make check`: everything a machine can say about the code, all of it said before it fails."""

from __future__ import annotations

import filecmp
import os
import secrets
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.install import FRONTEND, ROOT, VENV, node_environment, npm_install

MAX_FILE_LINES = 400
OPENAPI_TOOL = FRONTEND / "tools" / "openapi"
GENERATED_TYPES = FRONTEND / "src" / "api" / "schema.d.ts"


def environment() -> dict[str, str]:
    """A checkout that has never been run has no SECRET_KEY; checks need none of their own."""
    return {"SECRET_KEY": secrets.token_urlsafe(64)} | os.environ


def passes(title: str, *command: str | Path, cwd: Path = ROOT) -> bool:
    """Run one check; print its output only when it fails."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    is_ok = result.returncode == 0
    said = "" if is_ok else f"{result.stdout}{result.stderr}\n"
    print(f"{'ok  ' if is_ok else 'FAIL'} {title}\n{said}", end="", flush=True)
    return is_ok


def files_are_short() -> bool:
    """A file past 400 lines holds two concepts."""
    listing = subprocess.run(
        ["git", "ls-files", "*.py", "*.ts", "*.tsx"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    long = [
        f"{name}: {lines} lines"
        for name in listing
        if "/migrations/" not in name
        and not name.endswith("schema.d.ts")
        and (ROOT / name).exists()
        and (lines := len((ROOT / name).read_bytes().splitlines())) > MAX_FILE_LINES
    ]
    print(f"{'FAIL' if long else 'ok  '} no file past {MAX_FILE_LINES} lines", flush=True)
    for line in long:
        print(f"     {line}")
    return not long


def api_types_are_current() -> bool:
    """The committed TypeScript types are those that today's schema gives."""
    python = VENV / "bin" / "python"
    with tempfile.TemporaryDirectory() as folder:
        schema, types = Path(folder) / "schema.yml", Path(folder) / "schema.d.ts"
        if not passes(
            "OpenAPI schema",
            python,
            "manage.py",
            "spectacular",
            "--fail-on-warn",
            "--validate",
            "--file",
            schema,
        ):
            return False
        npm_install(OPENAPI_TOOL)
        node, _npm, _env = node_environment()
        cli = OPENAPI_TOOL / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
        if not passes("API types", node, cli, schema, "--output", types, cwd=OPENAPI_TOOL):
            return False
        if GENERATED_TYPES.exists() and filecmp.cmp(types, GENERATED_TYPES, shallow=False):
            print("ok   API types are those of the schema", flush=True)
            return True
        if "--write" in sys.argv:
            GENERATED_TYPES.write_bytes(types.read_bytes())
            print(f"ok   wrote {GENERATED_TYPES.relative_to(ROOT)}", flush=True)
            return True
    print("FAIL API types are stale: run `python -m scripts.run_checks --write`", flush=True)
    return False


def main() -> None:
    """Run every check; exit non-zero if one failed."""
    python = VENV / "bin" / "python"
    npm_install(FRONTEND)
    node, npm, env = node_environment()
    os.environ["PATH"] = env["PATH"]
    commands: list[tuple[str | Path, ...]] = [
        ("mypy --strict", python, "-m", "mypy", "."),
        ("ruff format", python, "-m", "ruff", "format", "--check", "."),
        ("ruff", python, "-m", "ruff", "check", "."),
        ("layer law", VENV / "bin" / "lint-imports"),
        ("migrations", python, "manage.py", "makemigrations", "--check", "--dry-run"),
        ("settings", python, "manage.py", "check", "--fail-level", "ERROR"),
    ]
    with ThreadPoolExecutor(os.cpu_count()) as at:
        # The longest begins first; what is asked first is not what answers first.
        running = [at.submit(passes, str(title), *command) for title, *command in commands]
        running += [
            at.submit(api_types_are_current),
            at.submit(passes, "oxlint", node, npm, "run", "--silent", "lint", cwd=FRONTEND),
            at.submit(passes, "tsc", node, npm, "run", "--silent", "typecheck", cwd=FRONTEND),
            at.submit(files_are_short),
        ]
    if not all(check.result() for check in running):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
