"""Which web pages may use this server: our own, `ALLOWED_ORIGINS`, and those an admin lists.

An origin matches exactly, as browsers write it: lower case, no default port, no slash at the end.
What is configured may be written more freely and is brought to that form first.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.models import AllowedOrigin

DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_origin(url: str) -> str:
    """`url` as a browser writes it in `Origin`; "" for what is no origin of a web page."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:  # UnicodeError, too
        return ""
    has_more = parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in DEFAULT_PORTS or not host or has_more:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (
        "" if port in {None, DEFAULT_PORTS[parts.scheme]} else f":{port}"
    )


def known_origins(scheme: str, host: str) -> set[str]:
    """Our own origins and those of `ALLOWED_ORIGINS`, without asking the database.

    scheme, host: how the caller reached us (`http` or `https`, and the Host header).
    """
    public = urlsplit(settings.PUBLIC_URL)  # may have a path, which is no part of its origin
    urls = [*settings.ALLOWED_ORIGINS, f"{public.scheme}://{public.netloc}"]
    # A Host that is not ours proves nothing: with DNS rebinding it names the attacker's page.
    if validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        urls.append(f"{scheme}://{host}")
    return {canonical_origin(url) for url in urls} - {""}


def is_listed(origin: str) -> bool:
    """Whether an admin lists this origin. At most one database query."""
    is_one = canonical_origin(origin) == origin
    return is_one and AllowedOrigin.objects.filter(origin=origin).exists()


def is_allowed(origin: str, *, scheme: str, host: str) -> bool:
    """Whether pages of `origin` may use this server. At most one database query."""
    return origin in known_origins(scheme, host) or is_listed(origin)
