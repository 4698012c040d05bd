"""Where webhooks may go: hosts the operator named, and no address inside the network unless set.

The name is looked up once, every address it has is judged, and the connection is made to an address
that was judged. A name that means something else a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import TypeAlias

import httpx
from django.conf import settings

from webhooks.models import Endpoint

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
ANY_HOST = "*"
# Kept for protocols, and for sites of old: not every Python calls these private.
_NOT_PUBLIC = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("fec0::/10"))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(Exception):
    """code: for the log and the API; the sentence is for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Destination:
    """Connect to `address`, and nowhere else; `url` still says who is meant (Host, TLS)."""

    url: httpx.URL
    address: Address

    @property
    def dialled(self) -> httpx.URL:
        return self.url.copy_with(host=str(self.address))


def checked_url(text: str) -> httpx.URL:
    """The address, if this server may send to its host. Looks nothing up.

    Raises AddressRefused `webhook_url_invalid` or `webhook_host_not_allowed`.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, UnicodeError):
        url = httpx.URL("")
    is_plain = not url.userinfo and not url.fragment and len(text) <= Endpoint.URL_MAX_CHARS
    if (
        url.scheme not in {"http", "https"}
        or not url.host
        or not is_plain
        or not text.isprintable()
    ):
        raise AddressRefused(
            "webhook_url_invalid",
            "It must be an https:// address without a password and without a fragment.",
        )
    if not _is_allowed_host(url.raw_host.decode("ascii").lower()):
        raise AddressRefused(
            "webhook_host_not_allowed",
            f"This server may not send to {url.host}: WEBHOOK_ALLOWED_HOSTS does not name it.",
        )
    literal = _literal(url.host)
    if literal is not None:
        _require_allowed(url, [literal])
    return url


async def resolve(url: httpx.URL) -> Destination:
    """Look the host up. Every address it has must be allowed.

    Raises AddressRefused `webhook_address_not_allowed`, `webhook_needs_https` or
    `webhook_host_unknown`.
    """
    host = url.raw_host.decode("ascii")
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise AddressRefused("webhook_host_unknown", f"There is no address for {url.host}.")
    _require_allowed(url, addresses)
    return Destination(url, addresses[0])


def _require_allowed(url: httpx.URL, addresses: list[Address]) -> None:
    inside = [address for address in addresses if not is_public(address)]
    if any(not _is_opened(address) for address in inside):
        raise AddressRefused(
            "webhook_address_not_allowed",
            f"{url.host} is inside a network that WEBHOOK_PRIVATE_NETWORKS does not name.",
        )
    if url.scheme != "https" and len(inside) != len(addresses):
        raise AddressRefused(
            "webhook_needs_https", "Only https:// may be used outside of one's own network."
        )


def is_public(address: Address) -> bool:
    """Whether it is one of the open Internet, also when it hides another one inside."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            hidden.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(not is_public(inner) for inner in hidden if inner is not None):
            return False
        if address.ipv4_mapped is not None:
            return True
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not any(address in network for network in _NOT_PUBLIC)
    )


def _is_opened(address: Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    actual = mapped or address
    networks = [ipaddress.ip_network(text) for text in settings.WEBHOOK_PRIVATE_NETWORKS]
    return any(actual in network for network in networks if network.version == actual.version)


def _is_allowed_host(host: str) -> bool:
    """`example.org` is that host, `*.example.org` every host below it, `*` any."""
    for pattern in (word.lower() for word in settings.WEBHOOK_ALLOWED_HOSTS):
        if pattern in {ANY_HOST, host}:
            return True
        if pattern.startswith("*.") and host.endswith(pattern[1:]):
            return True
    return False


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
