"""What a server needs once before it serves; done again only when its source changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

BUILD_STAMP = ".built"
SOURCES_OF_STATIC_FILES = ("requirements.txt", "frontend/dist/.vite/manifest.json")


def collect_static_files() -> None:
    """Collect into STATIC_ROOT unless packages and built pages are those of the last time."""
    stamp = Path(settings.STATIC_ROOT) / BUILD_STAMP
    wanted = _digest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted, encoding="ascii")


def _digest() -> str:
    """The manifest names every built file by its hash; the requirements pin everybody else's."""
    sha = hashlib.sha256()
    for name in SOURCES_OF_STATIC_FILES:
        path = Path(settings.BASE_DIR) / name
        if path.exists():
            sha.update(path.read_bytes())
    return sha.hexdigest()
