"""What of a caller's SDP offer is used; a sound offer only, so that aiortc meets no surprise."""

from __future__ import annotations

from aiortc.sdp import SessionDescription

from realtime.core.errors import UpstreamRefused

MAX_OFFER_BYTES = 64 * 1024
MAX_CANDIDATES = 64
OPUS = "opus"


def usable_offer(sdp: str) -> str:
    """The offer as the peer connection gets it. Raises UpstreamRefused `invalid_offer`.

    Two kinds of lines are left out. A `.local` name can be resolved only in the browser's own
    network, and trying would hold up the answer. And an end of candidates would have us give up
    when none of them answers, although the caller's own checks reveal its address anyway
    (peer-reflexive, RFC 8445 §7.3.1.3): an offer with no candidate at all works by that.
    """
    if len(sdp) > MAX_OFFER_BYTES:
        raise invalid_offer("The SDP offer is too long.")
    kept: list[str] = []
    candidates = 0
    for line in sdp.splitlines():
        if line.startswith("a=candidate:"):
            candidates += 1
            if ".local " in line or candidates > MAX_CANDIDATES:
                continue
        elif line.startswith("a=end-of-candidates"):
            continue
        kept.append(line)
    offer = "\r\n".join(kept) + "\r\n"
    _check(offer)
    return offer


def invalid_offer(message: str) -> UpstreamRefused:
    return UpstreamRefused(message, provider_status=400, code="invalid_offer")


def _check(offer: str) -> None:
    try:
        description = SessionDescription.parse(offer)
        media = description.media
    except Exception:  # the parser asserts, indexes and converts as it goes
        raise invalid_offer("Failed to parse the SDP offer.") from None
    sounds = [part for part in media if part.kind == "audio"]
    if len(sounds) != 1 or any(part.kind not in ("audio", "application") for part in media):
        raise invalid_offer("An offer has one audio section and at most one for data.")
    codecs = {codec.name.lower() for codec in sounds[0].rtp.codecs}
    if OPUS not in codecs:
        raise invalid_offer("The offer's audio section must include Opus.")
    if not all(part.ice and part.ice.usernameFragment and part.ice.password for part in media):
        raise invalid_offer("The offer has no ICE credentials.")
    if not all(part.dtls is not None and part.dtls.fingerprints for part in media):
        raise invalid_offer("The offer has no DTLS fingerprint.")
    names = [part.rtp.muxId for part in media]
    bundled = [name for group in description.group for name in group.items]
    if len(set(names)) < len(names) or not set(map(str, bundled)) <= set(names):
        raise invalid_offer("The sections of the offer are not the ones that its groups name.")
