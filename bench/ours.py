"""Our server, started as `make run` starts it, and what its callers need."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bench.load import Target
from bench.processes import ProcessTree, running
from scripts.install import ROOT
from scripts.test_services import free_port

SESSIONS_PER_USER: Final = 3  # the default of LIMIT_SESSIONS_PER_USER: every limit stays on
KEEP_ALIVE_S: Final = 3.0
PEOPLE: Final = 700
TOKENS_GOOD_FOR_S: Final = 150.0
# What a developer's shell may hold and the server under test must not inherit.
_FOREIGN: Final = ("OPENAI_API_KEY", "REDIS_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE")


class OurServer:
    """A running server and its people. `targets` mints; `request` calls its API."""

    def __init__(self, port: int, tree: ProcessTree, env: dict[str, str]) -> None:
        self.port = port
        self.tree = tree
        self.env = env
        self._tokens: list[str] = []
        self._tokens_until = -1.0
        self._turn_of = 0
        self._used_at = 0.0
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def tokens(self) -> list[str]:
        """An access token of each of our people."""
        if time.monotonic() > self._tokens_until:
            printed = subprocess.run(
                [sys.executable, "-m", "bench.seed", str(PEOPLE)],
                cwd=ROOT,
                env=self.env,
                capture_output=True,
                text=True,
                check=False,
            )
            if printed.returncode:
                raise SystemExit(printed.stderr[-2000:])
            self._tokens = printed.stdout.split()
            self._tokens_until = time.monotonic() + TOKENS_GOOD_FOR_S
        return self._tokens

    def sign_in(self, person: str) -> str:
        """An access token of one of the accounts that the server made itself."""
        password = self.env[f"{person.upper()}_PASSWORD"]
        body = {"username": person, "password": password}
        return str(self.request("POST", "/api/token/", "", body)["access"])

    def twins(self, count: int) -> list[OurServer]:
        """Others that use the same server side by side, each for people of its own."""
        everybody, twins = self.tokens(), []
        for number in range(count):
            twin = OurServer(self.port, self.tree, self.env)
            twin._tokens, twin._tokens_until = everybody, self._tokens_until
            twin._turn_of = self._turn_of + number * PEOPLE // count
            twins.append(twin)
        return twins

    def request(self, method: str, path: str, token: str, body: object = None) -> Any:
        """The JSON of an answer below 300; anything else ends the benchmark with its text."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        content = None if body is None else json.dumps(body)
        # Connections that nobody used for a while were closed by the server.
        if time.monotonic() - self._used_at > KEEP_ALIVE_S:
            self._http.close()
        self._used_at = time.monotonic()
        self._http.request(method, path, content, headers)
        answer = self._http.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:500]!r}")
        return json.loads(text) if text else None

    def targets(self, count: int) -> list[Target]:
        """Mint so many sessions, as many a person as the default limit lets one have; for others
        than the last ones, whose sessions go on or are ending still."""
        everybody, targets = self.tokens(), []
        for number in range(count):
            if number % SESSIONS_PER_USER == 0:
                self._turn_of = (self._turn_of + 1) % PEOPLE
            token = everybody[self._turn_of]
            session = self.request("POST", "/api/voice/realtime-session", token, {})
            targets.append(_target(self.port, session))
        return targets


def _target(port: int, session: dict[str, Any]) -> Target:
    url = urlsplit(session["url"])
    path = f"{url.path}?{url.query}" if url.query else url.path
    return Target(port, path, {"Authorization": f"Bearer {session['api_key']}"})


@contextmanager
def our_server(provider_port: int, folder: Path, **settings: str) -> Iterator[OurServer]:
    """`manage.py serve --prepare`, which is what `make run` execs, with a provider of ours.

    Every setting has its default except where data goes and which provider is dialled; `settings`
    win over both.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    env |= {
        "LOCAL_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DEMO_PASSWORD": secrets.token_urlsafe(16),
        "ADMIN_PASSWORD": secrets.token_urlsafe(16),
        "REALTIME_PROVIDER": "openai",
        "OPENAI_API_KEY": "none",
        "REALTIME_BASE_URL": f"ws://127.0.0.1:{provider_port}/v1/realtime",
        "DJANGO_SETTINGS_MODULE": "voiceassist.settings",
        **settings,
    }
    command = [sys.executable, "manage.py", "serve", "--prepare", "--port", str(port)]
    log = folder / "server.log"
    with running("VoiceAssist", port, command, folder=ROOT, log=log, env=env) as tree:
        yield OurServer(port, tree, env)
