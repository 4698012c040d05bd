"""`manage.py serve`: what `make run` and the container start."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from voiceassist.prepare import collect_static_files
from voiceassist.server import START_FAILED, VoiceServer, server_config, tls_listener


class Command(BaseCommand):
    help = (
        "Serve VoiceAssist with uvicorn; with --prepare first migrate and make the demo accounts."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--prepare", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = str(options["host"]), int(options["port"])
        if options["prepare"]:
            call_command("migrate", interactive=False, verbosity=0)
            collect_static_files()
            call_command("ensure_demo_accounts", host=host)
        if settings.REALTIME_PROVIDER == "embedded":
            self.stdout.write(
                "No provider key: the embedded demo voice answers (English, rules, not AI)."
            )
        config = server_config(host, port)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            server = VoiceServer(config, tls_listener(host))
            runner.run(server.serve())
        if not server.started:
            raise SystemExit(START_FAILED)
