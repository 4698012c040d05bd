from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.errors import InvalidEvent, LimitReached
from realtime.core.frames import (
    EventIds,
    error_frame,
    int_or_zero,
    list_or_empty,
    mapping_or_empty,
    parse_client_frame,
    parse_server_frame,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def refusal(raw: str | bytes) -> InvalidEvent:
    with pytest.raises(InvalidEvent) as caught:
        parse_client_frame(raw)
    return caught.value


def test_a_client_frame_keeps_its_own_bytes() -> None:
    raw = '{"type" : "response.cancel",  "event_id":"c1"}'
    frame = parse_client_frame(raw)
    assert (frame.raw, frame.type, frame.event_id) == (raw, "response.cancel", "c1")


def test_an_event_id_that_is_no_string_counts_as_none() -> None:
    assert parse_client_frame('{"type":"response.cancel","event_id":7}').event_id is None


@pytest.mark.parametrize("raw", ["", "{", "not json", '{"a":NaN}', '"\ud800"'])
def test_a_frame_that_is_no_json_is_refused(raw: str) -> None:
    error = refusal(raw)
    assert error.code == "invalid_event"
    assert error.message == "The frame is not valid JSON."


def test_a_binary_frame_is_refused() -> None:
    assert refusal(b'{"type":"response.create"}').code == "invalid_event"


@pytest.mark.parametrize("raw", ["[]", "7", '"text"', "null"])
def test_a_frame_that_is_no_object_is_refused(raw: str) -> None:
    assert refusal(raw).message == "An event must be a JSON object."


def test_a_frame_without_a_type_is_refused_and_its_event_id_kept() -> None:
    error = refusal('{"event_id":"c1"}')
    assert (error.code, error.param) == ("missing_required_parameter", "type")
    assert error.client_event_id == "c1"


def test_a_type_that_is_no_string_is_refused() -> None:
    assert refusal('{"type":7}').code == "invalid_type"


@pytest.mark.parametrize(
    "raw",
    [
        '{"type":"input_audio_buffer.append","type":"session.update","session":{}}',
        '{"type":"input_audio_buffer.append","audio":"","\\u0074ype":"session.update"}',
        '{"type":"input_audio_buffer.append","audio":"AAAA","audio":"AAAA"}',
        '{"type":"input_audio_buffer.append","audio":1,"audio":"AAAA"}',
        '{"type":"session.update","session":{"tools":[{"type":"function","type":"mcp"}]}}',
    ],
)
def test_a_repeated_key_is_refused_at_any_depth(raw: str) -> None:
    assert refusal(raw).message == "An event must not repeat a key."


def test_escaped_quotes_do_not_look_like_a_repeated_key() -> None:
    frame = parse_client_frame('{"type":"x","note":"say \\"hi\\""}')
    assert frame.body["note"] == 'say "hi"'


def test_what_cannot_be_checked_is_refused() -> None:
    assert refusal('{"type":"x","long":' + "9" * 5000 + "}").code == "invalid_event"


def nested(depth: int) -> str:
    """An event of this many levels, itself the first."""
    return '{"type":"x","deep":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


@pytest.mark.parametrize("depth", [101, 255, 1000, 1100, 100_000])
def test_what_nests_too_deep_to_be_written_again_is_refused(depth: int) -> None:
    assert refusal(nested(depth)).code == "invalid_event"
    assert parse_server_frame(nested(depth)) is None


def test_a_hundred_levels_and_many_branches_are_read() -> None:
    assert parse_client_frame(nested(100)).type == "x"
    server = parse_server_frame('{"type":"x","wide":[' + ",".join(["[{}]"] * 200) + "]}")
    assert server is not None


@given(st.text())
def test_no_text_raises_anything_but_invalid_event(raw: str) -> None:
    try:
        parse_client_frame(raw)
    except InvalidEvent:
        return


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_any_object_with_a_type_is_read_whole(fields: dict[str, object]) -> None:
    body = {**fields, "type": "something"}
    try:
        raw = orjson.dumps(body).decode()
    except TypeError:  # integers beyond 64 bits: nothing orjson would have read either
        return
    assert parse_client_frame(raw).body == orjson.loads(raw)


@given(st.text(min_size=1), json_values, json_values)
def test_a_doubled_member_is_always_refused(key: str, first: object, second: object) -> None:
    name = json.dumps(key)
    raw = f'{{"type":"x",{name}:{json.dumps(first)},{name}:{json.dumps(second)}}}'
    refusal(raw)


def test_a_server_frame_is_read_leniently() -> None:
    frame = parse_server_frame('{"type":"new.event","event_id":"e1","type":"newer.event"}')
    assert frame is not None
    assert (frame.type, frame.event_id) == ("newer.event", "e1")


@pytest.mark.parametrize("raw", ["", "[]", "{}", '{"type":1}', "{"])
def test_what_is_no_server_event_is_none(raw: str) -> None:
    assert parse_server_frame(raw) is None


def test_event_ids_are_unique_per_scope_and_the_same_in_a_replay() -> None:
    first, again, other = EventIds("a"), EventIds("a"), EventIds("b")
    ids = [first.next() for _ in range(50)]
    assert len(set(ids)) == 50
    assert ids == [again.next() for _ in range(50)]
    assert other.next() not in ids
    assert first.next("item").startswith("item_")


def test_an_error_frame_always_names_the_event_it_answers() -> None:
    error = InvalidEvent("No.", param="session.type", client_event_id="c1")
    assert orjson.loads(error_frame(error, "event_1")) == {
        "type": "error",
        "event_id": "event_1",
        "error": {
            "type": "invalid_request_error",
            "code": "invalid_event",
            "message": "No.",
            "param": "session.type",
            "event_id": "c1",
        },
    }
    other = orjson.loads(error_frame(LimitReached("Slow."), "event_2"))
    assert other["error"]["event_id"] is None
    assert other["error"]["type"] == "rate_limit_error"


def test_lenient_reads_fall_back_to_nothing() -> None:
    assert mapping_or_empty([1]) == {}
    assert list_or_empty({"a": 1}) == ()
    assert [int_or_zero(value) for value in (3, 0, -1, True, "3", 2.5, None)] == [
        3,
        0,
        0,
        0,
        0,
        0,
        0,
    ]
