"""Where webhooks may go, and that they go to the very address that was judged."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import httpx
import pytest
from pytest_django.fixtures import Settings

from tests.fakes.webhook_receiver import WebhookReceiver
from webhooks import addresses, checks
from webhooks.addresses import AddressRefused, checked_url
from webhooks.sending import post


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Name → its addresses at the first question, the second, …"""
    book: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def answer(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in book:
            return real(host, port, *rest, **options)
        found = book[name].pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return book


def refused(url: str) -> str:
    with pytest.raises(AddressRefused) as refusal:
        asyncio.run(addresses.resolve(checked_url(url)))
    return refusal.value.code


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example.org/",
        "hooks.example.org",
        "https://",
        "https://user:pass@hooks.example.org/",
        "https://hooks.example.org/#part",
        "https://hooks.example.org/\r\nHost: x",
        "https://hooks.example.org/" + "x" * 500,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str, settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = ["*"]
    assert refused(url) == "webhook_url_invalid"


def test_only_hosts_that_the_operator_named_are_taken(settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = ["hooks.example.org", "*.example.net"]
    for host in ("hooks.example.org", "HOOKS.example.org", "a.b.example.net"):
        assert checked_url(f"https://{host}/x").host == host.lower()
    for host in ("example.org", "xhooks.example.org", "example.net", "hooks.example.org.evil.com"):
        assert refused(f"https://{host}/x") == "webhook_host_not_allowed"
    settings.WEBHOOK_ALLOWED_HOSTS = []
    assert refused("https://hooks.example.org/") == "webhook_host_not_allowed"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
        *("::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1", "ff02::1", "::10.0.0.1"),
        *("192.0.0.8", "198.18.0.1", "fec0::1", "2001:0:a00:1::1"),
    ],
)
def test_no_address_inside_a_network_is_public_in_whatever_clothes(address: str) -> None:
    assert not addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert addresses.is_public(ipaddress.ip_address(address))


def test_a_name_that_leads_inside_is_refused_also_where_one_of_its_addresses_is_public(
    settings: Settings, names: dict[str, list[list[str]]]
) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS, settings.WEBHOOK_PRIVATE_NETWORKS = ["*"], []
    names["inside.example.org"] = [["93.184.216.34", "10.0.0.7"]]
    assert refused("https://inside.example.org/") == "webhook_address_not_allowed"
    assert refused("https://2130706433/") == "webhook_address_not_allowed"  # 127.0.0.1
    assert refused("https://[::ffff:127.0.0.1]/") == "webhook_address_not_allowed"
    names["nowhere.example.org"] = [[]]
    assert refused("https://nowhere.example.org/") == "webhook_host_unknown"


def test_networks_are_opened_one_by_one_and_plain_http_stays_within_them(
    settings: Settings, names: dict[str, list[list[str]]]
) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS, settings.WEBHOOK_PRIVATE_NETWORKS = ["*"], ["10.1.0.0/16"]
    names["crm.lan"] = [["10.1.0.9"], ["10.2.0.9"]]
    opened = asyncio.run(addresses.resolve(checked_url("http://crm.lan:8080/x")))
    assert str(opened.dialled) == "http://10.1.0.9:8080/x"
    assert refused("http://crm.lan:8080/x") == "webhook_address_not_allowed"
    names["hooks.example.org"] = [["93.184.216.34"]]
    assert refused("http://hooks.example.org/") == "webhook_needs_https"


def test_a_name_that_changes_its_mind_after_it_was_judged_changes_nothing(
    receiver: WebhookReceiver, settings: Settings, names: dict[str, list[list[str]]]
) -> None:
    """DNS rebinding: asked once, connected to that answer."""
    settings.WEBHOOK_ALLOWED_HOSTS = ["rebinds.example.org"]
    port = httpx.URL(receiver.url).port
    names["rebinds.example.org"] = [["127.0.0.1"], ["192.0.2.1"]]
    outcome = asyncio.run(post(f"http://rebinds.example.org:{port}/x", {}, b"{}"))
    assert outcome.status == 204
    assert receiver.received[0].headers["host"] == f"rebinds.example.org:{port}"
    assert names["rebinds.example.org"] == [["192.0.2.1"]]


def test_settings_that_cannot_be_meant_are_named(settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = ["https://hooks.example.org", "hooks.example.org", "*"]
    settings.WEBHOOK_PRIVATE_NETWORKS = ["10.1.0.0/16", "intranet"]
    found = checks.check_webhook_settings()
    assert [message.id for message in found] == ["webhooks.E001", "webhooks.E002"]
