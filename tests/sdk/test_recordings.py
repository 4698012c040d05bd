"""Recorded turns of the real provider, relayed to each official SDK."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sdk.conftest import GENEROUS, complete, secret
from tests.sdk.recorded_provider import MARK, RECORDINGS, received, recorded_provider
from tests.sdk.sdks import IN_PROCESSES, Driver, Report, Run, Toolbox
from tests.sdk.tls_gateway import TlsGateway

VOICE = "test_audio_in_server_vad_turn"
TOOL = "test_tool_call_round"
STEP = {VOICE: "voice", TOOL: "tool"}  # of the others: a text turn
# Read off the recordings by hand: what the assistant said, and its tokens.
SAID = {
    VOICE: "Hello, Marcelo! Great to meet you. How can I help you today?",
    TOOL: "It is foggy and 12 degrees in London.",
    "test_text_in_audio_out_turn": "Hi there!",
    "test_webrtc_sideband_audio_turn": "Hello there.",
}
# The SDKs' own doings, which the recorded client did not do.
ASKED_BY_SDK = ("session.updated", "conversation.item.retrieved", "conversation.item.truncated")


@dataclass(frozen=True, slots=True)
class Replayed:
    gateway: TlsGateway
    reports: dict[str, dict[str, Report]]


@pytest.fixture(scope="module")
def replayed(
    tools: Toolbox, speech: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replayed]:
    """Every recording through every SDK: `reports` by SDK and recording."""
    with recorded_provider() as address:
        upstream = {
            "REALTIME_PROVIDER": "openai",
            "REALTIME_BASE_URL": address,
            "OPENAI_API_KEY": "any",
        }
        folder = tmp_path_factory.mktemp("gateway")
        with TlsGateway(folder, **GENEROUS, **upstream) as gateway:
            drivers = {
                sdk: Driver(tools, gateway, sdk, planned(gateway), speech) for sdk in IN_PROCESSES
            }
            reports = {
                sdk: dict(zip(RECORDINGS, driver.reports(), strict=True))
                for sdk, driver in drivers.items()
            }
            yield Replayed(gateway, reports)


def planned(gateway: TlsGateway) -> list[Run]:
    return [
        Run(secret(gateway, instructions=f"{MARK}{name}"), ("created", STEP.get(name, "text")))
        for name in RECORDINGS
    ]


@pytest.fixture(params=IN_PROCESSES)
def sdk(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(RECORDINGS))
def recording(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def report(replayed: Replayed, sdk: str, recording: str) -> Report:
    return complete(replayed.reports[sdk][recording])


def test_the_recorded_answer_comes_out(report: Report, recording: str) -> None:
    turn = report[STEP.get(recording, "text")]
    assert turn["said" if recording == VOICE else "text"] == SAID[recording]
    assert report["errors"] == []
    assert report.get("exceptions", []) == []
    if recording == VOICE:
        assert turn["heard"] == "Hello, my name is Marcelo."
        assert turn["audio_ms"] > 0
    if recording == TOOL:
        assert turn["arguments"] == {"city": "London"}


def test_the_recorded_order_is_kept(report: Report, recording: str) -> None:
    order = report[STEP.get(recording, "text")]["order"]
    recorded = [event["type"] for event in received(recording)]
    recorded = [name for name in recorded if not name.endswith(".delta")]
    # A step is over at the last `response.done`; what follows that may come in time or not.
    end = len(recorded) - recorded[::-1].index("response.done")
    assert [name for name in order if name not in ASKED_BY_SDK][:end] == recorded[:end]


def test_the_recorded_turn_is_in_the_history(
    replayed: Replayed, report: Report, recording: str
) -> None:
    session = replayed.gateway.session(report["created"]["session_id"])
    items = replayed.gateway.items(session["conversation_id"])
    assert items[-1]["text"] == SAID[recording]
    used = [e["response"]["usage"] for e in received(recording) if e["type"] == "response.done"]
    tokens = sum(usage["output_token_details"]["text_tokens"] for usage in used)
    assert session["usage"]["output_text_tokens"] == tokens
