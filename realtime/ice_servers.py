"""The STUN and TURN servers a page is given for its call (contract §2: none without the operator's
choice)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from django.conf import settings


def ice_servers(user_id: int) -> list[dict[str, Any]]:
    """For `RTCPeerConnection`. TURN is entered with a password of this user's that runs out.

    The password follows the TURN REST convention that coturn calls `use-auth-secret`: the user name
    begins with the second it runs out, and the password is the HMAC of that name.
    """
    servers = [{**server, "urls": _list_of(server["urls"])} for server in settings.ICE_SERVERS]
    if settings.TURN_URLS and settings.TURN_SECRET:
        expires_at_s = int(time.time()) + settings.TURN_TTL_SEC
        username = f"{expires_at_s}:{_name_of(user_id)}"
        password = hmac.new(settings.TURN_SECRET.encode(), username.encode(), hashlib.sha1).digest()
        servers.append(
            {
                "urls": settings.TURN_URLS,
                "username": username,
                "credential": base64.b64encode(password).decode(),
            }
        )
    return servers


def _list_of(urls: str | list[str]) -> list[str]:
    return [urls] if isinstance(urls, str) else urls


def _name_of(user_id: int) -> str:
    """Tells a TURN server's operator one user from another, and nothing else."""
    return hmac.new(
        settings.SECRET_KEY.encode(), f"turn user {user_id}".encode(), hashlib.sha256
    ).hexdigest()[:16]
