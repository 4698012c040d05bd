"""Settings of webhooks that cannot be meant."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

_HOST = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")


@register()
def check_webhook_settings(**_kwargs: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for host in settings.WEBHOOK_ALLOWED_HOSTS:
        if not _HOST.fullmatch(host):
            messages.append(
                Error(
                    f"WEBHOOK_ALLOWED_HOSTS holds {host!r}.",
                    hint="Name hosts alone: hooks.example.org, *.example.org, or * for any.",
                    id="webhooks.E001",
                )
            )
    for network in settings.WEBHOOK_PRIVATE_NETWORKS:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            messages.append(
                Error(
                    f"WEBHOOK_PRIVATE_NETWORKS holds {network!r}.",
                    hint="Write networks as 10.1.0.0/16, single addresses as 127.0.0.1.",
                    id="webhooks.E002",
                )
            )
    return messages
