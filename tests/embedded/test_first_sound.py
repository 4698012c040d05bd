"""When the models of the embedded provider are loaded, where nobody had them loaded before."""

from __future__ import annotations

import pytest

from realtime.upstream.embedded.provider import EmbeddedProvider

UPDATE = '{"type": "session.update", "session": {"type": "realtime"}}'
SOUND = '{"type": "input_audio_buffer.append", "audio": "AAAAAAAA"}'


@pytest.mark.parametrize("sound", [SOUND, SOUND.encode()])
async def test_they_are_loaded_with_the_first_sound_and_not_before(
    monkeypatch: pytest.MonkeyPatch, sound: str | bytes
) -> None:
    provider, started = EmbeddedProvider(), list[str]()
    monkeypatch.setattr(provider, "start", lambda: started.append("models"))
    session = provider.new_session("gpt-realtime-2.1")
    session.start()
    await session.receive(UPDATE)
    assert started == []
    for _ in range(2):
        await session.receive(sound)
    assert started == ["models"]
    await session.aclose()
    await provider.aclose()
