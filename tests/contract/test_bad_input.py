"""Malformed input costs an `error` event and never the session (contract §7)."""

from __future__ import annotations

import base64
import json

import pytest

from tests.contract.gateway import Gateway, Socket

NOT_UTF8 = b'{"type": "\xff\xfe"}'
UNKNOWN_ITEM = {"type": "conversation.item.delete", "item_id": "item_nobody_knows"}


async def lives_on(socket: Socket) -> None:
    """The session still answers."""
    await socket.say("hello")
    final = await socket.wait_for("response.output_text.done")
    assert final["text"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x00\x01binary", "invalid_event"),
        ("no json", "invalid_event"),
        ("{", "invalid_event"),
        ("[]", "invalid_event"),
        ('"text"', "invalid_event"),
        ("{}", "missing_required_parameter"),
        ('{"type": 7}', None),
        ('{"type": "session.destroy"}', "invalid_event"),
        ('{"type": "input_audio_buffer.append"}', None),
        ('{"type": "input_audio_buffer.append", "audio": "no base64!"}', None),
        (
            json.dumps(
                {
                    "type": "input_audio_buffer.append",
                    "audio": base64.b64encode(b"\x01\x02\x03").decode(),
                }
            ),
            None,
        ),
        ('{"type": "input_audio_buffer.commit"}', "input_audio_buffer_commit_empty"),
        ('{"type": "response.cancel"}', "response_cancel_not_active"),
        (json.dumps(UNKNOWN_ITEM), None),
        ('{"type": "session.update", "session": {"audio": []}}', None),
    ],
)
async def test_a_bad_frame_costs_an_error_event_and_nothing_else(
    gateway: Gateway, frame: str | bytes, code: str | None
) -> None:
    async with gateway.call(gateway.mint(modalities=["text"])) as socket:
        await socket.connection.send(frame)
        error = (await socket.wait_for("error"))["error"]
        assert error["type"] == "invalid_request_error"
        assert error["message"]
        if code is not None:
            assert error["code"] == code
        await lives_on(socket)
        assert len(socket.errors()) == 1


async def test_the_error_echoes_the_clients_event_id(gateway: Gateway) -> None:
    async with gateway.call(gateway.mint(modalities=["text"])) as socket:
        await socket.send(type="session.destroy", event_id="mine_1")
        error = (await socket.wait_for("error"))["error"]
        assert error["event_id"] == "mine_1"


@pytest.mark.parametrize("megabytes", [5, 20])  # 20: OpenAI's most of audio, 15 MiB
async def test_a_frame_over_the_cap_is_named_and_closes_with_1009(
    gateway: Gateway, megabytes: int
) -> None:
    async with gateway.call(gateway.mint(modalities=["text"])) as socket:
        audio = "A" * (megabytes * 1024 * 1024)
        await socket.send(type="input_audio_buffer.append", audio=audio)
        assert await socket.closed() == (1009, "frame_too_big")
        assert socket.errors() == ["frame_too_big"]


async def test_one_clients_bad_frames_leave_others_alone(gateway: Gateway) -> None:
    async with (
        gateway.call(gateway.mint(modalities=["text"])) as bad,
        gateway.call(gateway.mint(modalities=["text"])) as bystander,
    ):
        for _ in range(50):
            await bad.connection.send("no json")
        await lives_on(bystander)
        assert bystander.errors() == []


async def test_a_text_frame_that_is_not_utf8_closes_with_1007_and_is_no_error_of_ours(
    gateway: Gateway,
) -> None:
    log_path = gateway.process.log_path
    logged = len(log_path.read_text())
    for frame in (NOT_UTF8, [NOT_UTF8[:10], NOT_UTF8[10:]]):
        async with gateway.call(gateway.mint(modalities=["text"])) as socket:
            await socket.connection.send(frame, text=True)
            assert (await socket.closed())[0] == 1007
    assert "Traceback" not in log_path.read_text()[logged:]
