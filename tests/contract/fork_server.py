"""A process that has imported what others wrote and forks servers that need not do it again.

Run as `python -m tests.contract.fork_server`; orders and answers are lines of JSON on its standard
input and output. Everything of our own a server imports after the fork, under its own environment:
what is read here is only what no setting changes. It ends when its input does.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import sys
from typing import Any

# Most of a second of a server's start. What reads Django's settings as it is imported cannot be
# here: every server has settings of its own.
SHARED_MODULES = (
    *("django.contrib.postgres.fields", "django.core.handlers.asgi", "django.core.management"),
    *("django.core.management.commands.migrate", "django.test", "django.views.debug"),
    *("av", "channels.routing", "cryptography.x509", "httpx", "jsonschema", "jwt", "numpy"),
    *("psycopg", "redis.asyncio", "soxr", "uvloop", "whitenoise.middleware", "yaml"),
    *("uvicorn", "uvicorn.protocols.http.httptools_impl"),
    *("websockets.asyncio.client", "websockets.asyncio.server"),
)


def import_shared() -> None:
    """Forking is safe only from a process with one thread and no event loop: importing starts
    neither."""
    gc.disable()
    for name in SHARED_MODULES:
        importlib.import_module(name)
    from django.conf import settings

    assert not settings.configured, "a shared module has read the settings of nobody's server"
    assert len(os.listdir("/proc/self/task")) == 1, "a shared module has started a thread"
    gc.freeze()  # the collector of a server would copy every page that is shared
    gc.enable()


def be_server(arguments: list[str], environment: dict[str, str], log_path: str) -> None:
    """What `manage.py` with these arguments does in a process of its own. Returns at its end."""
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    silence = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((silence, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["manage.py", *arguments]
    runpy.run_path("manage.py", run_name="__main__")


def main() -> None:
    import_shared()
    while line := sys.stdin.readline():
        order = json.loads(line)
        print(json.dumps(obey(order)), flush=True)


def obey(order: dict[str, Any]) -> int | None:
    """{"poll": pid}: that child's exit status, negative for a signal, None while it runs; once it
    was told, the pid may be another's. Anything else: the pid of a new child."""
    if "poll" in order:
        ended, status = os.waitpid(order["poll"], os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if ended else None
    pid = os.fork()
    if pid == 0:
        be_server(**order)
        sys.exit(0)
    return pid


if __name__ == "__main__":
    main()
