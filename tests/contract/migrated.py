"""Databases that are migrated already: a server's own migrations take it most of a second."""

from __future__ import annotations

import atexit
import functools
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from tests.e2e.server import FOREIGN_SETTINGS, ROOT

SQLITE_NAME = "voiceassist.sqlite3"
SETTINGS = "tests.contract.server_settings"


def copy_sqlite(local: Path) -> None:
    """Put a migrated database where a server with this LOCAL_DIR looks for it; keep one there."""
    if not (local / SQLITE_NAME).exists():
        local.mkdir(parents=True, exist_ok=True)
        shutil.copy(_sqlite_template(), local / SQLITE_NAME)


def create_postgres(url: str, name: str) -> None:
    """Create a migrated database of this name. url: any other database of the same server."""
    template = _postgres_template(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


@functools.cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="voiceassist-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _migrate(LOCAL_DIR=str(folder))
    return folder / SQLITE_NAME


@functools.cache
def _postgres_template(url: str) -> str:
    name = f"migrated_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    atexit.register(_drop, url, name)
    _migrate(DATABASE_URL=f"{url.rpartition('/')[0]}/{name}")
    return name


def _drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"')


def _migrate(**settings: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN_SETTINGS}
    own = {"DJANGO_SETTINGS_MODULE": SETTINGS, "SECRET_KEY": secrets.token_urlsafe(64)}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=kept | own | settings,
        check=True,
        timeout=120,
    )
