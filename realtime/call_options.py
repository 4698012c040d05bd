"""How the embedded provider's WebRTC calls are reached, as the settings say."""

from __future__ import annotations

from django.conf import settings

from realtime.upstream.embedded.webrtc.options import CallOptions


def call_options() -> CallOptions:
    return CallOptions(
        ice_servers=tuple(settings.ICE_SERVERS),
        udp_ports=settings.EMBEDDED_UDP_PORTS,
        address=settings.EMBEDDED_UDP_ADDRESS or None,
    )
