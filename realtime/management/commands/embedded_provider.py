"""`manage.py embedded_provider`: the embedded provider as a Realtime server of its own."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from realtime.call_options import call_options
from realtime.upstream.embedded.mind.choice import choose_mind
from realtime.upstream.embedded.provider import EmbeddedProvider
from realtime.upstream.embedded.server import start_server


class Command(BaseCommand):
    help = (
        "Serve the embedded demonstration provider over the Realtime protocol. Point the gateway "
        "at it with REALTIME_PROVIDER=openai REALTIME_BASE_URL=<address> OPENAI_API_KEY=any."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8765, help="0 picks a free one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asyncio.run(self._serve(options["host"], options["port"]))
        except OSError as error:
            raise CommandError(f"Cannot listen: {error.strerror or error}") from error

    async def _serve(self, host: str, port: int) -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signal_number, stopped.set)
        mind = choose_mind(
            settings.EMBEDDED_CHAT_BASE_URL,
            settings.EMBEDDED_CHAT_API_KEY,
            settings.EMBEDDED_CHAT_MODEL,
        )
        provider = EmbeddedProvider(mind=mind, call_options=call_options())
        provider.start()
        try:
            server = await start_server(provider, host, port)
            bound_port = next(iter(server.sockets)).getsockname()[1]
            shown_host = f"[{host}]" if ":" in host else host
            self.stdout.write(
                f"Embedded provider ready: ws://{shown_host}:{bound_port}/v1/realtime"
            )
            self.stdout.flush()
            await stopped.wait()
            server.close(code=1012, reason="server stopping")
            await server.wait_closed()
        finally:
            await provider.aclose()
