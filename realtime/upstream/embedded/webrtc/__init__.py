"""WebRTC calls on the embedded provider: the same pure session, with sound as media.

    calls.Calls            every call of one provider: create, find, hang up (a `CallsProvider`)
    call.Call              one call: peer connection, session, data channel, who listens
    sideband.Sideband      an `Upstream` that listens in on a call by its id
    microphone, loudspeaker   Opus in and out, 48 kHz outside and 24 kHz inside
    offer, ice             what of an offer is used, and which addresses the answer names

Needs aiortc (`requirements-webrtc.txt`); `EmbeddedProvider.calls` says so where it is missing.
"""
