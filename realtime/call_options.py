"""How the embedded provider's WebRTC calls are reached, as the settings say."""

from __future__ import annotations

from functools import partial

from django.conf import settings

from realtime.ice_servers import ice_servers
from realtime.upstream.embedded.webrtc.options import CallOptions

# The provider enters a TURN server for itself, not for one of its users.
PROVIDER_USER_ID = 0


def call_options() -> CallOptions:
    return CallOptions(
        ice_servers=partial(ice_servers, PROVIDER_USER_ID),
        udp_ports=settings.EMBEDDED_UDP_PORTS,
        address=settings.EMBEDDED_UDP_ADDRESS or None,
    )
