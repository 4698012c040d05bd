"""Sound is taken without a parser exactly where the parser would have found nothing else."""

from __future__ import annotations

import base64
import binascii

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from realtime.core.audio import strict_base64_byte_count
from realtime.core.dialect import Dialect
from realtime.core.effects import SendUpstream
from realtime.core.limits import SessionLimits
from realtime.core.plain_append import plain_append_bytes
from tests.fakes.sessions import LiveSession

HEAD = '{"type":"input_audio_buffer.append","audio":"'
BASE64 = st.binary(max_size=60).map(lambda sound: base64.b64encode(sound).decode())
SHAPES = (
    f'{HEAD}%s"}}',
    '{"type": "input_audio_buffer.append", "audio": "%s"}',
    '{"audio":"%s","type":"input_audio_buffer.append"}',
    '{"audio": "%s", "type": "input_audio_buffer.append"}',
)
# What a smuggler would try: pieces of JSON that change what an event says.
PIECES = st.sampled_from(
    [
        HEAD,
        '"}',
        '","type":"session.update',
        '","type":"input_audio_buffer.append"}',
        '{"audio":"',
        "\\u0022",
        "\\",
        '"',
        "=",
        "AAAA",
        "AA==",
        " ",
        "\n",
        "é",
        ",",
        "}",
    ]
)


@given(st.sampled_from(SHAPES), st.binary(max_size=60))
def test_an_append_as_clients_write_it_is_measured_without_a_parser(
    shape: str, sound: bytes
) -> None:
    raw = shape % base64.b64encode(sound).decode()
    assert plain_append_bytes(raw.encode()) == len(sound)
    assert orjson.loads(raw).keys() == {"type", "audio"}


@given(st.lists(st.one_of(PIECES, BASE64), max_size=8).map("".join))
def test_whatever_is_taken_says_nothing_else_to_a_parser(raw: str) -> None:
    byte_count = plain_append_bytes(raw.encode())
    if byte_count is None:
        return
    event = orjson.loads(raw)
    assert raw.count('"') == 8
    assert event.keys() == {"type", "audio"}
    assert event["type"] == "input_audio_buffer.append"
    assert len(base64.b64decode(event["audio"], validate=True)) == byte_count


@pytest.mark.parametrize(
    "raw",
    [
        f'{HEAD}AAAA","type":"session.update"}}',
        f'{HEAD}AAAA","event_id":"c1"}}',
        f'{HEAD}AA\\u0041A"}}',
        f'{HEAD}AAAA"}} ',
        f' {HEAD}AAAA"}}',
        f"{HEAD}}}",
        f'{HEAD}AAA"}}',
        f'{HEAD}AAAé"}}',
        "",
    ],
)
def test_anything_else_is_left_to_the_parser(raw: str) -> None:
    assert plain_append_bytes(raw.encode()) is None


@given(st.one_of(BASE64, st.text("AB+/=-_ \n", max_size=12)))
@example("AAAA=")
def test_base64_is_judged_as_strictly_as_by_decoding_it(encoded: str) -> None:
    try:
        expected: int | None = len(binascii.a2b_base64(encoded, strict_mode=True))
    except ValueError:
        expected = None
    if expected is not None and len(encoded) != -(-expected // 3) * 4:
        expected = None  # more padding than belongs there, which that decoder lets pass
    assert strict_base64_byte_count(encoded.encode()) == expected


def test_heard_sound_counts_like_sound_that_was_parsed() -> None:
    raw = SHAPES[0] % base64.b64encode(bytes(4800)).decode()
    heard, parsed = LiveSession(), LiveSession()
    assert heard.session.hear(raw.encode(), 1.0) == 4800
    assert parsed.say(raw, at=1.0) == [SendUpstream(raw)]
    assert heard.session.tally == parsed.session.tally
    assert heard.session.tally.audio_in_ms == 100
    assert heard.session.next_deadline() == parsed.session.next_deadline()


def test_sound_is_heard_only_by_a_provider_that_is_there_and_in_whole_samples() -> None:
    three, two = ((SHAPES[0] % sound).encode() for sound in ("AAAA", "AAA="))
    assert LiveSession().session.hear(three, 1.0) is None
    assert LiveSession().session.hear(two, 1.0) == 2
    assert LiveSession(dialect=Dialect.BETA).session.hear(two, 1.0) is None
    live = LiveSession()
    live.drop()
    assert live.session.hear(two, 1.0) is None


def test_a_client_that_must_wait_is_not_heard_on_the_short_way() -> None:
    limits = SessionLimits(audio_bytes_per_s=10, audio_burst_bytes=10)
    live = LiveSession(limits=limits)
    raw = (SHAPES[0] % base64.b64encode(bytes(12)).decode()).encode()
    assert live.session.hear(raw, 1.0) == 12
    assert live.session.client_wait_s(1.0) > 0
    assert live.session.hear(raw, 1.0) is None
