"""Who this server process is, and whether another one still lives.

Each process holds an OS file lock named after its id for as long as it lives. The kernel drops it
with the process, `kill -9` included, so whoever starts next on this machine sees at once which
sessions were left behind. Locks of other machines cannot be seen; there the heartbeat decides.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
from pathlib import Path

from django.conf import settings

_identity: ServerIdentity | None = None


class ServerIdentity:
    """Made by `start`; `release` it when the process no longer serves."""

    def __init__(self) -> None:
        self.server_id = f"{socket.gethostname()[:60]}-{secrets.token_hex(8)}"
        directory = _lock_directory()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = directory / self.server_id
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def start() -> ServerIdentity:
    """This process's identity; the same one however often it is asked for."""
    global _identity
    if _identity is None:
        _identity = ServerIdentity()
    return _identity


def release() -> None:
    global _identity
    if _identity is not None:
        _identity.release()
        _identity = None


def is_known_dead(server_id: str) -> bool:
    """True when the server ran on this machine and its process is gone; False for "unknown"."""
    return _is_locked(server_id) is False


def is_known_alive(server_id: str) -> bool:
    """True when the server's process runs on this machine, however busy; False for "unknown"."""
    return _is_locked(server_id) is True


def _is_locked(server_id: str) -> bool | None:
    """None: no server of that name has ever run here."""
    path = _lock_directory() / server_id
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def forget(server_id: str) -> None:
    """Remove the lock file of a dead server once its sessions have been ended."""
    with contextlib.suppress(OSError):
        (_lock_directory() / server_id).unlink()


def _lock_directory() -> Path:
    return Path(settings.LOCAL_DIR) / "servers"
