"""What becomes of the frames that a tap has seen: a log without sound or secrets, and times."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import User
from conversations import actions
from conversations.models import Conversation
from realtime.core.records import Role
from realtime.core.session_config import CallSetup, SeedItem
from realtime.models import EventLogPart, RealtimeSession, SentContext, TurnTime
from realtime.runtime.tap import FROM_PROVIDER, EventTap
from realtime.tracing import writer
from realtime.tracing.entries import LogEntry
from realtime.tracing.parts import entries_of
from realtime.tracing.run_log import RunLog, RunOf
from realtime.tracing.spans import TurnSpans
from realtime.tracing.stages import STAGES
from tests.fakes import events
from tests.fakes.any_events import client_frames, generated, provider_frames
from tests.fakes.events import Event
from tests.fakes.sessions import make_setup
from tests.review.stages_from_log import stages_of

pytestmark = pytest.mark.django_db

Tell = Callable[[list[TurnSpans]], None]
VAD = {"type": "server_vad", "silence_duration_ms": 200}
SHOWN = {"type": "realtime", "audio": {"input": {"turn_detection": VAD}}}


class TracedRun:
    """A run whose frames the test passes, at moments of its own (ms)."""

    def __init__(self, conversation: Conversation, **setup: Any) -> None:
        self.session = RealtimeSession.objects.create(
            public_id=f"rtc_{RealtimeSession.objects.count()}",
            user_id=conversation.owner_id,
            conversation=conversation,
            model="m",
        )
        run = RunOf(self.session.pk, conversation.pk, "run", setup.pop("max_bytes", 1_000_000))
        self.log = RunLog(run, make_setup(**setup))
        self.now_s = 0.0
        self.log.tap = EventTap(lambda: self.now_s, has_client="call" not in setup)
        self.log._reader._began = 0.0

    @property
    def tap(self) -> EventTap:
        return self.log.tap

    def at(self, now_ms: float, show: Callable[[str], None], *shown: Event) -> None:
        self.now_s = now_ms / 1000
        for event in shown:
            show(events.text(event))

    def relay(self, now_ms: float, *shown: Event) -> None:
        """The provider says it, and the client is sent it half a millisecond later."""
        self.at(now_ms, self.tap.from_provider, *shown)
        self.at(now_ms + 0.5, self.tap.to_client, *shown)

    def speak(self, from_ms: int, to_ms: int) -> None:
        """20 ms of sound every 20 ms."""
        audio = base64.b64encode(bytes(960)).decode()
        for now_ms in range(from_ms, to_ms, 20):
            frame = {"type": "input_audio_buffer.append", "audio": audio}
            self.at(now_ms, self.tap.from_client, frame)
            self.at(now_ms, self.tap.to_provider, frame)

    def write(self, *, is_over: bool = False, tell: Tell = lambda turns: None) -> int:
        """One turn of the writer; returns how many turns it told of."""
        told: list[TurnSpans] = []
        over = [self.log] if is_over else []
        batch = [(self.log, self.tap.take(), self.tap.lost)]
        writer._digest(batch, over, told.extend)
        writer._write([self.log])
        tell(told)
        return len(told)

    def entries(self) -> list[LogEntry]:
        return list(entries_of(EventLogPart.objects.filter(session=self.session)))

    def times(self) -> dict[str, dict[str, float | None]]:
        return {
            time.response_id: {name: getattr(time, name) for name in STAGES}
            for time in TurnTime.objects.filter(session=self.session)
        }

    def check(self) -> dict[str, dict[str, float | None]]:
        """The stored times, which must be those that the log gives."""
        times = self.times()
        for response_id, computed in stages_of(self.entries()).items():
            stored = {name: times[response_id][name] for name in computed}
            assert stored == computed
        return times


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return actions.create_conversation(alice)


def spoken_turn(run: TracedRun) -> None:
    """Speech until 1000 ms, silence until the provider has noticed, an answer."""
    run.tap.note("provider.connected")
    run.relay(0, {"type": "session.updated", "session": SHOWN})
    run.speak(20, 1220)
    run.relay(1230, events.speech_started("u1"))
    stopped = {"type": "input_audio_buffer.speech_stopped", "item_id": "u1", "audio_end_ms": 1200}
    run.relay(1232, stopped, events.committed("u1"))
    run.relay(1240, events.response_created("r1"))
    added = {"type": "response.output_item.added", "response_id": "r1", "item": {"id": "a1"}}
    run.relay(1500, added, events.audio_delta("r1", "a1"))
    run.relay(1600, events.audio_delta("r1", "a1"), events.response_done("r1"))


def test_a_spoken_turn_is_told_apart_into_its_stages(conversation: Conversation) -> None:
    run = TracedRun(conversation)
    spoken_turn(run)
    run.write()
    assert run.check()["r1"] == {
        "eou_ms": pytest.approx(232, abs=21),
        "queue_ms": None,
        "think_ms": 8.0,
        "first_audio_ms": 260.0,
        "relay_ms": 0.5,
        "playout_ms": None,
        "v2v_ms": pytest.approx(500, abs=21),
        "tool_ms": None,
        "reconnect_ms": None,
    }
    playout = {"type": "voiceassist.playout", "item_id": "a1", "playout_ms": 40, "underruns": 1}
    run.at(1700, run.tap.from_client, playout)
    run.write()
    times = run.check()["r1"]
    assert times["playout_ms"] == 40
    assert times["v2v_ms"] == pytest.approx(540, abs=21)
    assert TurnTime.objects.get().underruns == 1


def test_a_tool_and_a_broken_line_are_part_of_the_wait(conversation: Conversation) -> None:
    run = TracedRun(conversation)
    run.tap.note("provider.connected")
    run.relay(0, {"type": "session.updated", "session": SHOWN})
    run.speak(20, 1220)
    stopped = {"type": "input_audio_buffer.speech_stopped", "item_id": "u1", "audio_end_ms": 1200}
    run.relay(1230, stopped, events.committed("u1"), events.response_created("r1"))
    done = {"type": "response.function_call_arguments.done", "response_id": "r1", "arguments": ""}
    run.relay(1300, done, events.response_done("r1"))
    output = {"type": "function_call_output", "call_id": "c", "output": "{}"}
    create = {"type": "conversation.item.create", "item": output}
    run.at(1800, run.tap.to_provider, create)
    run.at(1810, run.tap.to_provider, {"type": "response.create"})
    run.relay(1900, events.response_created("r2"))
    run.at(1950, lambda _: run.tap.note("provider.lost", code=1006), {"type": ""})
    run.at(2100, lambda _: run.tap.note("provider.connected"), {"type": ""})
    run.relay(2150, {"type": "session.updated", "session": SHOWN})
    run.relay(2300, events.audio_delta("r2", "a2"))
    run.write()
    times = run.check()
    assert times["r1"]["v2v_ms"] is None
    second = times["r2"]
    assert (second["tool_ms"], second["queue_ms"], second["think_ms"]) == (500, 10, 90)
    assert second["reconnect_ms"] == 200
    assert second["v2v_ms"] == pytest.approx(1300, abs=21)


def test_a_call_that_passes_us_by_is_seen_from_the_gateway(conversation: Conversation) -> None:
    run = TracedRun(conversation, call=CallSetup())
    run.tap.note("provider.connected")
    run.relay(0, {"type": "session.updated", "session": SHOWN})
    stopped = {"type": "input_audio_buffer.speech_stopped", "item_id": "u1", "audio_end_ms": 1200}
    run.relay(1200, stopped)
    run.relay(1210, events.committed("u1"))
    run.relay(1220, events.response_created("r1"))
    run.relay(1500, {"type": "output_audio_buffer.started", "response_id": "r1"})
    run.write()
    times = run.check()["r1"]
    assert (times["eou_ms"], times["relay_ms"], times["v2v_ms"]) == (210, None, 500)
    assert not {"to_client", "from_client"} & {one["direction"] for one in run.entries()}


def test_the_log_holds_no_sound_no_secret_and_no_instructions_of_ours(
    conversation: Conversation,
) -> None:
    run = TracedRun(conversation)
    sound = base64.b64encode(bytes(9000)).decode()
    tools = [{"type": "mcp", "server_label": "crm", "authorization": "tool-secret"}]
    session = {"instructions": "Server secret.\n\nBe brief.", "tools": tools}
    run.at(1, run.tap.to_provider, {"type": "session.update", "session": session})
    quoting = events.error("x") | {"error": {"message": "no: Server secret. is wrong"}}
    run.at(2, run.tap.from_provider, quoting)
    part = {"type": "input_audio", "audio": sound}
    item = {"type": "message", "role": "user", "content": [part], "unknown": sound}
    run.at(3, run.tap.from_client, {"type": "conversation.item.create", "item": item})
    run.relay(4, events.audio_delta("r1", "a1", 100), events.audio_delta("r1", "a1", 100))
    run.relay(5, events.transcript_done("r1", "a1", "\x00 long " + "word " * 2000))
    run.at(6, run.tap.from_client, {"type": "x" * 500})
    run.tap.from_client("no json")
    run.write()
    entries = run.entries()
    told = str(entries)
    for hidden in ("tool-secret", "Server secret", sound[:200]):
        assert hidden not in told
    assert "Be brief." in told
    assert told.count("[9000 bytes of base64]") == 2
    run_of_sound = next(one for one in entries if one["type"] == "response.output_audio.delta")
    assert (run_of_sound["count"], run_of_sound["audio_ms"]) == (2, 200.0)
    assert "event" not in run_of_sound
    assert len(told) < 20_000


def test_what_the_model_was_given_is_kept_as_it_was_sent(conversation: Conversation) -> None:
    seed = (SeedItem("old", Role.USER, "earlier words"), SeedItem("older", Role.USER, "unsent"))
    run = TracedRun(conversation, seed=seed)
    session = {"instructions": "Server secret.\n\nBe brief.", "output_modalities": ["audio"]}
    run.at(1, run.tap.to_provider, {"type": "session.update", "session": session})
    run.write()
    run.at(2, run.tap.to_provider, {"type": "conversation.item.create", "item": {"id": "old"}})
    run.at(3, run.tap.to_provider, {"type": "conversation.item.create", "item": {"id": "new"}})
    run.at(4, run.tap.to_provider, {"type": "session.update", "session": {"instructions": "!"}})
    run.write()
    context = SentContext.objects.get()
    assert context.instructions == "Server secret.\n\nBe brief."
    assert (context.history, context.output_modalities) == (["old"], ["audio"])


def test_a_session_that_is_not_saved_leaves_times_alone(conversation: Conversation) -> None:
    run = TracedRun(conversation, save_transcript=False, max_bytes=0)
    spoken_turn(run)
    run.write()
    assert not EventLogPart.objects.exists()
    assert not SentContext.objects.exists()
    assert run.times()["r1"]["relay_ms"] == 0.5


def test_a_private_conversation_has_no_log_and_loses_the_one_it_had(
    conversation: Conversation,
) -> None:
    run = TracedRun(conversation)
    spoken_turn(run)
    run.write()
    assert EventLogPart.objects.exists()
    actions.make_private(conversation)
    assert not EventLogPart.objects.exists()
    run.relay(3000, events.response_created("r2"))
    run.write()
    assert not EventLogPart.objects.exists()
    assert set(run.times()) == {"r1", "r2"}


def test_a_log_goes_with_its_conversation_and_nothing_is_written_after_it(
    conversation: Conversation,
) -> None:
    run = TracedRun(conversation)
    spoken_turn(run)
    run.write()
    actions.delete_conversation(conversation)
    assert not EventLogPart.objects.exists()
    run.relay(3000, events.response_created("r2"))
    run.write()
    assert not EventLogPart.objects.exists()


def test_what_is_written_while_its_conversation_goes_is_found_again(
    conversation: Conversation,
) -> None:
    run = TracedRun(conversation)
    spoken_turn(run)
    run.write()
    assert writer.forget_orphans() == 0
    Conversation.objects.update(is_private=True)  # as another transaction does meanwhile
    assert writer.forget_orphans() == 1
    assert not EventLogPart.objects.exists()


def test_a_log_is_bounded_and_says_where_it_ends(conversation: Conversation) -> None:
    run = TracedRun(conversation, max_bytes=5000)
    for number in range(100):
        run.relay(number, events.speech_started(f"u{number}"))
    run.write()
    entries = run.entries()
    assert entries[-1]["type"] == "log.full"
    assert sum(len(str(one)) for one in entries) < 8000
    assert [one["n"] for one in entries] == list(range(1, len(entries) + 1))


def test_what_the_database_did_not_take_is_written_with_what_came_later(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = TracedRun(conversation)
    run.relay(0, events.speech_started("u1"))
    with monkeypatch.context() as away:
        away.setattr(writer, "put", raises(OperationalError("away")))
        with pytest.raises(OperationalError):
            run.write()
    run.relay(1000, events.speech_started("u2"))
    run.write()
    run.relay(2000, events.speech_started("u3"))
    run.write()
    items = [one["event"]["item_id"] for one in run.entries() if one["direction"] == FROM_PROVIDER]
    assert items == ["u1", "u2", "u3"]


def raises(error: Exception) -> Callable[..., None]:
    def fail(*_arguments: object) -> None:
        raise error

    return fail


def test_what_nests_too_deeply_is_cut_and_what_follows_is_kept(conversation: Conversation) -> None:
    run = TracedRun(conversation)
    run.tap.from_client('{"type": "deep", "x": ' + "[" * 900 + "]" * 900 + "}")
    run.relay(2, events.speech_started("u1"))
    run.write()
    entries = run.entries()
    assert [entry["type"] for entry in entries[:2]] == ["deep", "input_audio_buffer.speech_started"]
    assert "[nested deeper]" in str(entries[0]["event"])


@pytest.mark.parametrize(
    "said",
    [
        '{"type":"x","Authorization" : "secret"}',
        '{"type":"x","\\u0061uthorization":"secret"}',
        '{"type":"x","item":{"headers":[{"name":"secret"}]}}',
        '{"type":"x","image_url":["https://example.org/' + "secret/" * 20 + '"]}',
        '{"type":"x","text":"' + "secret" * 50 + '"}',
        '{"type":"x","error":{"message":"Server secret. it said"}}',
        '{"type":"x",\n"instructions":"Server secret."}',
    ],
)
def test_no_way_of_writing_an_event_passes_the_reader(
    conversation: Conversation, said: str
) -> None:
    run = TracedRun(conversation)
    for show in (run.tap.from_client, run.tap.to_provider, run.tap.from_provider):
        show(said)
    run.write()
    entries = run.entries()
    assert [entry["type"] for entry in entries] == ["x"] * 3
    assert "secret" not in str(entries[1:])


def test_what_is_kept_as_it_was_written_needed_no_change(conversation: Conversation) -> None:
    reader = TracedRun(conversation).log._reader
    read = [reader._read(said) for said in generated(provider_frames, 300)]
    plain = [frame.body for frame in read if frame.is_plain]
    assert len(plain) > 30
    assert [reader._shown(body, hides=True) for body in plain] == plain


def test_whatever_both_sides_say_a_log_is_read_and_written(
    conversation: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    run = TracedRun(conversation, seed=(SeedItem("t1", Role.USER, "Hi"),))
    run.tap.to_provider('{"type":"session.update","session":{"instructions":"\\u0000"}}')
    for said in generated(provider_frames, 150):
        run.tap.from_provider(said)
        run.tap.to_client(said)
    for asked in generated(client_frames, 150):
        if isinstance(asked, str):
            run.tap.from_client(asked)
            run.tap.to_provider(asked)
    run.write(is_over=True)
    assert caplog.messages == []
    assert len(run.entries()) > 300
    assert SentContext.objects.get().instructions == "\ufffd"
