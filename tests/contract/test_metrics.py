"""What a running server counts of a real turn."""

from __future__ import annotations

import re

from tests.contract.gateway import Gateway, ended


def numbers(gateway: Gateway) -> dict[str, float]:
    page = gateway.http.get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^([a-z]\S*) (\S+)$", page, re.M)}


async def test_a_turn_is_counted_while_it_runs_and_after_it_ended(gateway: Gateway) -> None:
    before = numbers(gateway)

    def grown(now: dict[str, float], name: str) -> float:
        return now[name] - before.get(name, 0.0)

    minted = gateway.mint()
    async with gateway.call(minted) as socket:
        await socket.say("hello", answer=False)
        await socket.send(type="response.create")
        await socket.wait_for("response.done")
        await socket.send(type="no.such.event")
        await socket.wait_for("error")
        during = numbers(gateway)
        assert during['voice_sessions{state="live",transport="websocket"}'] >= 1
    await ended(gateway, minted["session_id"])
    after = numbers(gateway)
    for now in (during, after):
        assert grown(now, 'voice_connection_attempts_total{transport="websocket"}') == 1
        assert grown(now, 'voice_connection_successes_total{transport="websocket"}') == 1
        sound_s = grown(now, 'voice_audio_seconds_total{direction="out"}')
        assert sound_s > 0.3
        sound_bytes = grown(now, 'voice_audio_bytes_total{direction="out"}')
        assert abs(sound_bytes / 48_000 - sound_s) < 0.2
        assert grown(now, 'voice_errors_total{code="invalid_event"}') == 1
        assert grown(now, "voice_relay_seconds_count") > 0
    assert grown(after, "voice_turns_total") == 1
    assert grown(after, 'voice_sessions_ended_total{reason="user_hangup"}') == 1
    assert grown(after, "voice_first_audio_seconds_count") == 1
    assert after["voice_event_loop_lag_seconds_count"] > 0
