"""`manage.py talk [FILE]`: speak to the running server and keep its answer. The smoke test."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.tokens import issue_tokens, revoke_refresh_token
from realtime.core.audio import pcm16_duration_ms, read_wav_header
from realtime.headless.talking import Heard, Talk, TalkFailed

PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"), ("play", "-q"), ("afplay",))
LINE_CHARS = 78
SILENT_BELOW = 100  # of 32767: what nobody would hear


class Command(BaseCommand):
    help = (
        "Speak a recording to the running server, show what happens, and save the answer. Without a"
        " recording the configured provider greets. Ends with 1 and the cause when it cannot."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        port = os.environ.get("PORT", "8000")
        parser.add_argument("file", nargs="?", type=Path, help="WAV, FLAC, MP3, Ogg or WebM")
        parser.add_argument("--url", default=f"http://127.0.0.1:{port}", help="of the server")
        parser.add_argument("--out", type=Path, default=Path("out.wav"))
        parser.add_argument("--play", action="store_true", help="play the answer as well")
        parser.add_argument("--user", help="who speaks (default: demo, else a superuser)")
        parser.add_argument("--key", default="", help="an API key, for a server elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # a line per request hides the turn
        recording: Path | None = options["file"]
        if recording is not None and not recording.is_file():
            raise CommandError(f"There is no file {recording}.")
        with credential(options["key"], options["user"]) as bearer:
            try:
                heard = Talk(options["url"], bearer, self._show).turn(recording)
            except TalkFailed as failed:
                self.stdout.write(self._blank)
                raise CommandError(str(failed)) from None
        self._keep(heard, options["out"], play=options["play"])

    @property
    def _blank(self) -> str:
        """Wipes the line that shows how far the turn is."""
        return f"{'':<{LINE_CHARS}}\r" if self.stdout.isatty() else ""

    def _show(self, event: dict[str, Any], heard: Heard) -> None:
        """A line per event, and under it, on a terminal, how far the turn is."""
        self.stdout.write(f"{self._blank}  {event['type']}")
        if not self.stdout.isatty():
            return
        words = heard.assistant or heard.user
        state = "answering" if heard.assistant else "listening"
        self.stdout.write(f"{state}: {words}"[-LINE_CHARS:], ending="\r")
        self.stdout.flush()

    def _keep(self, heard: Heard, out: Path, *, play: bool) -> None:
        if heard.user:
            self.stdout.write(f"{self._blank}you:       {heard.user}")
        self.stdout.write(f"{self._blank}assistant: {heard.assistant}")
        if not is_audible(heard.wav):
            raise CommandError("The answer came without a sound.")
        out.write_bytes(heard.wav)
        seconds = pcm16_duration_ms(read_wav_header(heard.wav).data_bytes) / 1000
        self.stdout.write(f"{seconds:.1f} s of sound are in {out}.")
        if play:
            self._play(out)

    def _play(self, out: Path) -> None:
        for name, *options in PLAYERS:
            program = shutil.which(name)
            if program is not None:
                subprocess.run([program, *options, str(out)], check=False)  # noqa: S603
                return
        self.stdout.write("No program to play it with was found.")


@contextmanager
def credential(key: str, username: str | None) -> Iterator[str]:
    """The given key, or an access token of somebody here, given back afterwards."""
    if key:
        yield key
        return
    people = User.objects.filter(is_active=True)
    user = (
        people.filter(username=username).first()
        if username
        else people.filter(username="demo").first() or people.filter(is_superuser=True).first()
    )
    if user is None:
        raise CommandError(
            f"There is no active user {username!r}."
            if username
            else "There is nobody who could speak: make a user, or give --key."
        )
    pair = issue_tokens(user)
    try:
        yield pair.access
    finally:
        revoke_refresh_token(pair.refresh)


def is_audible(wav: bytes) -> bool:
    if not wav:
        return False
    header = read_wav_header(wav)
    samples = np.frombuffer(wav[header.data_offset :][: header.data_bytes], dtype="<i2")
    return bool(samples.size) and int(np.abs(samples.astype(np.int32)).max()) > SILENT_BELOW
