"""What an application of each official SDK gets from us, its base URL and key changed alone."""

from __future__ import annotations

import pytest

from tests.fakes.recordings import read_recording, websocket_recordings
from tests.sdk.conftest import Played, complete
from tests.sdk.sdks import IN_PROCESSES, Report

HEARD = "go forward ten meters"


def test_the_first_event_is_session_created(report: Report) -> None:
    assert report["created"]["first"] == "session.created"


def test_an_update_takes_effect(report: Report, sdk: str) -> None:
    updated = report["update"]
    assert updated["instructions"] == "Be brief."
    assert updated["tools"] == ["get_weather"]
    # The Agents SDKs say themselves which voice they want, or do not.
    expected = {"python_agents": "ash", "node_agents": "marin", "page_agents": "marin"}
    assert updated["voice"] == expected.get(sdk, "cedar")
    assert updated["output_modalities"] == (["audio"] if "agents" in sdk else ["text"])


def test_text_gets_text(report: Report) -> None:
    assert report["text"]["text"] == "Two plus three is five."
    assert report["text"]["status"] == "completed"
    assert report["text"]["tokens"] > 0


def test_a_function_is_called_and_its_result_used(report: Report) -> None:
    assert report["tool"]["name"] == "get_weather"
    assert report["tool"]["arguments"] == {"city": "London"}
    assert report["tool"]["text"] == "It is foggy and 12 degrees in London."


def test_a_forbidden_update_costs_an_error_and_changes_nothing(report: Report) -> None:
    forbidden = report["forbidden"]
    assert forbidden["event_id"] == "forbidden_1"
    assert forbidden["param"].startswith("session.tools")
    assert forbidden["updates"] == []
    assert forbidden["survived"] == "Two plus three is five."


def test_speech_is_transcribed_and_answered_in_speech(report: Report) -> None:
    turn = report["voice"]
    assert turn["heard"] == HEARD
    assert turn["said"] == "Going forward ten meters."
    assert turn["status"] == "completed"
    assert 1_000 < turn["audio_ms"] < 4_000


def test_the_agents_sdks_keep_what_was_heard_in_their_history(played: Played) -> None:
    for sdk, report in played.reports.items():
        if "agents" in sdk:
            assert complete(report)["voice"]["history"] == HEARD, sdk


def test_items_are_retrieved_truncated_and_deleted(report: Report) -> None:
    assert report["items"] == {
        "retrieved": HEARD,
        "truncated_ms": 300,
        "deleted": True,
        "after_deletion": "gone_1",
    }


@pytest.mark.parametrize(
    ("step", "reason"), [("interrupt", "client_cancelled"), ("barge_in", "turn_detected")]
)
def test_an_answer_is_interrupted(report: Report, step: str, reason: str) -> None:
    cut_off = report[step]
    assert (cut_off["status"], cut_off["reason"]) == ("cancelled", reason)
    assert cut_off["said"].startswith("You said: The committee considered")
    assert cut_off["truncated"]


def test_no_sdk_complains_of_anything(report: Report) -> None:
    assert report["errors"] == []
    assert report.get("exceptions", []) == []


@pytest.mark.parametrize("kind", ["JWT", "API key"])
@pytest.mark.parametrize("program", IN_PROCESSES)
def test_a_program_connects_without_a_secret(played: Played, program: str, kind: str) -> None:
    report = complete(played.by_other_keys[program][kind])
    assert report["created"]["first"] == "session.created"
    assert report["text"]["text"] == "Two plus three is five."
    assert report["errors"] == []


def recorded_tool_turn() -> list[str]:
    """The events of the recorded tool turn, deltas dropped, without the setting up."""
    path = next(path for path in websocket_recordings() if "tool_call" in path.name)
    types = [message.event["type"] for message in read_recording(path) if not message.sent]
    return [name for name in types if not name.startswith("session.") and name[-5:] != "delta"]


def test_a_tool_turn_has_the_order_of_the_recorded_one(report: Report, sdk: str) -> None:
    order = [name for name in report["tool"]["order"] if name != "rate_limits.updated"]
    recorded = recorded_tool_turn()
    if "agents" in sdk:
        # They answer in speech: the same places in the order, other names.
        spoken = {"response.output_text.done": "response.output_audio_transcript.done"}
        recorded = [spoken.get(name, name) for name in recorded]
        order = [name for name in order if name != "response.output_audio.done"]
    assert order == recorded
