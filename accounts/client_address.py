"""Where a request came from, as far as it can be believed."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of the nearest party that is not one of our proxies.

    `TRUSTED_PROXIES` lists addresses or networks. X-Forwarded-For is read from its right end and
    only as far as it was written by those: what a client claims about itself is never believed.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    while _is_trusted_proxy(address) and forwarded:
        candidate = forwarded.pop().strip()
        if not _parse(candidate):
            break
        address = candidate
    return address


def _is_trusted_proxy(address: str) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(
        parsed in ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES
    )


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
