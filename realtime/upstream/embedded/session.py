"""One Realtime GA session of the embedded provider, without I/O and without a clock.

Give it client events (`receive`), results (`heard`, `thought`, `spoken`…) and time (`tick`); do
the effects it returns, in order. After `receive`, call `work` until `busy` is false.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat, parse_audio_format
from realtime.upstream.embedded.audio_out import AudioEvents
from realtime.upstream.embedded.conversation import Conversation, truncate_item
from realtime.upstream.embedded.effects import Close, Effect
from realtime.upstream.embedded.ids import IdMaker, new_id
from realtime.upstream.embedded.input_audio import InputAudio
from realtime.upstream.embedded.item_parsing import decode_audio, parse_item
from realtime.upstream.embedded.outbox import Outbox
from realtime.upstream.embedded.parameters import (
    expect_integer,
    expect_text,
    invalid,
    missing,
    unknown,
    unsupported,
    wrong_type,
)
from realtime.upstream.embedded.playback import Playback
from realtime.upstream.embedded.ports import Heard, SpokenWord, Thought
from realtime.upstream.embedded.responder import Responder
from realtime.upstream.embedded.response import Pace
from realtime.upstream.embedded.response_options import response_options
from realtime.upstream.embedded.session_config import merge_session, new_session_config
from realtime.upstream.embedded.user_turns import UserTurns

MAX_SESSION_S = 3600.0
MAX_AUDIO_END_MS = 2**31 - 1
MAX_APPEND_BYTES = 15 * 1024 * 1024
DEFAULT_PACE = Pace()

_Handler = Callable[[Mapping[str, Any], float], None]

# What each client event may hold beside `type` and `event_id` (protocol §4.1).
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "session.update": ("session",),
    "input_audio_buffer.append": ("audio",),
    "input_audio_buffer.commit": (),
    "input_audio_buffer.clear": (),
    "conversation.item.create": ("item", "previous_item_id"),
    "conversation.item.truncate": ("item_id", "content_index", "audio_end_ms"),
    "conversation.item.delete": ("item_id",),
    "conversation.item.retrieve": ("item_id",),
    "response.create": ("response",),
    "response.cancel": ("response_id",),
    "output_audio_buffer.clear": (),
}


class EmbeddedSession:
    """`now` is monotonic seconds everywhere; `started_at_unix_s` dates `expires_at` alone."""

    def __init__(
        self,
        model: str,
        now: float,
        started_at_unix_s: int,
        *,
        transcription_only: bool = False,
        pace: Pace = DEFAULT_PACE,
        max_session_s: float = MAX_SESSION_S,
        make_id: IdMaker = new_id,
        on_call: bool = False,
        session_id: str | None = None,
        given_config: Mapping[str, Any] | None = None,
    ) -> None:
        """on_call: sound comes in by `append_media` and is taken out by `play`, not as events.

        given_config: a session object to begin with, of the type it names; its model wins. Raises
        InvalidEvent when it is unacceptable.
        """
        expires_at = started_at_unix_s + int(max_session_s)
        if given_config is None:
            given_config = {"type": "transcription" if transcription_only else "realtime"}
        self._config = new_session_config(
            session_id or make_id("sess"), model, expires_at, given_config
        )
        self._new_id = make_id
        self._max_session_s = max_session_s
        self._ends_at = now + max_session_s
        self._closed = False
        self._outbox = Outbox(make_id)
        self._conversation = Conversation()
        self._playback = Playback(self._outbox) if on_call else None
        audio_out = self._playback or AudioEvents(self._outbox)
        self._responder = Responder(self._conversation, self._outbox, make_id, pace, audio_out)
        self._input = InputAudio()
        self._turns = UserTurns(
            self._input, self._conversation, self._responder, self._outbox, make_id
        )
        self._keep_call_formats(self._config)
        self._turns.configure(self._config)
        self._handlers: dict[str, _Handler] = {
            "session.update": self._update_session,
            "input_audio_buffer.append": self._append_audio,
            "input_audio_buffer.commit": self._commit_audio,
            "input_audio_buffer.clear": self._clear_audio,
            "conversation.item.create": self._create_item,
            "conversation.item.truncate": self._truncate_item,
            "conversation.item.delete": self._delete_item,
            "conversation.item.retrieve": self._retrieve_item,
            "response.create": self._create_response,
            "response.cancel": self._cancel_response,
        }
        if on_call:
            self._handlers["output_audio_buffer.clear"] = self._clear_playback

    @property
    def busy(self) -> bool:
        """Appended audio is still to be listened to: call `work` before the next `receive`."""
        return self._input.waiting and not self._closed

    def open(self) -> list[Effect]:
        """The first effects of a new connection."""
        self._outbox.send("session.created", session=self._config)
        return self._outbox.take()

    def receive(self, raw: str | bytes, now: float) -> list[Effect]:
        """One client frame. Anything unacceptable costs an `error` event, never the session."""
        client_event_id = None
        try:
            event = _parse_event(raw)
            given_id = event.get("event_id")
            client_event_id = given_id if isinstance(given_id, str) else None
            name = event["type"]
            if name not in self._handlers:
                raise unsupported("type", name, tuple(self._handlers))
            _check_fields(event, _FIELDS[name])
            self._handlers[name](event, now)
        except InvalidEvent as error:
            self._outbox.send_error(error, client_event_id)
        return self._outbox.take()

    def work(self, now: float) -> list[Effect]:
        """Listen to at most one more second of appended audio."""
        return self._listen(now)

    def append_media(self, pcm: bytes, now: float) -> list[Effect]:
        """A call's microphone: up to one second of 24 kHz PCM16."""
        self._input.make_room(len(pcm))
        self._input.append(pcm)
        return self._listen(now)

    def play(self, duration_ms: int) -> tuple[bytes, list[Effect]]:
        """The next 24 kHz PCM16 for a call's caller; shorter than asked where there is silence."""
        assert self._playback is not None
        audio = self._playback.take(duration_ms)
        return audio, self._outbox.take()

    def heard(self, item_id: str, result: Heard, now: float) -> list[Effect]:
        self._turns.heard(item_id, result, now)
        return self._outbox.take()

    def not_heard(self, item_id: str, code: str, message: str, now: float) -> list[Effect]:
        self._turns.not_heard(item_id, code, message, now)
        return self._outbox.take()

    def thought(self, response_id: str, thought: Thought, now: float) -> list[Effect]:
        self._responder.thought(response_id, thought, now)
        return self._outbox.take()

    def thinking_ended(self, response_id: str, now: float) -> list[Effect]:
        self._responder.thinking_ended(response_id, now)
        return self._outbox.take()

    def thinking_failed(self, response_id: str, now: float) -> list[Effect]:
        self._responder.failed(response_id, "server_error", "No answer could be made.", now)
        return self._outbox.take()

    def spoken(self, response_id: str, words: Sequence[SpokenWord], now: float) -> list[Effect]:
        self._responder.spoken(response_id, words, now)
        return self._outbox.take()

    def speaking_failed(self, response_id: str, now: float) -> list[Effect]:
        self._responder.failed(response_id, "server_error", "The voice failed to speak.", now)
        return self._outbox.take()

    def tick(self, now: float) -> list[Effect]:
        """Call when `next_deadline` has come."""
        if now >= self._ends_at and not self._closed:
            self._closed = True
            error = InvalidEvent(
                "Your session hit the maximum duration of "
                f"{_spoken_duration(self._max_session_s)}.",
                code="session_expired",
            )
            self._outbox.send_error(error, None)
            self._outbox.do(Close(1001, error.message))
        elif not self._closed:
            self._responder.advance(now)
            with self._reporting():
                self._turns.check_idle(now)
        return self._outbox.take()

    def next_deadline(self, now: float) -> float:
        """When `tick` is due next; never later than the session's end."""
        waiting = (self._responder.next_deadline(now), self._turns.next_deadline())
        return min(at for at in (*waiting, self._ends_at) if at is not None)

    def _listen(self, now: float) -> list[Effect]:
        with self._reporting():
            self._turns.listen(now)
        return self._outbox.take()

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[None]:
        """Nobody's event caused this: a conversation that is full is told without an event id."""
        try:
            yield
        except InvalidEvent as error:
            self._outbox.send_error(error, None)

    def _update_session(self, event: Mapping[str, Any], now: float) -> None:
        merged = merge_session(self._config, _required(event, "session"))
        if self._responder.has_spoken and _voice(merged) != _voice(self._config):
            raise _voice_is_fixed("session.audio.output.voice")
        self._keep_call_formats(merged)
        self._config = merged
        self._turns.configure(merged)
        self._outbox.send("session.updated", session=merged)

    def _keep_call_formats(self, config: Mapping[str, Any]) -> None:
        """A call's media has its own codec, so that there the formats stay what the session works
        with inside."""
        if self._playback is not None:
            for side in config["audio"].values():
                side["format"] = AudioFormat.PCM.as_wire()

    def _append_audio(self, event: Mapping[str, Any], now: float) -> None:
        audio = decode_audio(event.get("audio"), self._input.audio_format, "audio")
        if len(audio) > MAX_APPEND_BYTES:
            raise invalid("audio", "one event carries at most 15 MiB of audio.")
        self._input.append(audio)
        self._turns.listen(now)

    def _commit_audio(self, event: Mapping[str, Any], now: float) -> None:
        self._turns.commit()

    def _clear_audio(self, event: Mapping[str, Any], now: float) -> None:
        self._turns.clear()

    def _create_item(self, event: Mapping[str, Any], now: float) -> None:
        audio_format = parse_audio_format(self._config["audio"]["input"]["format"], "format")
        item = parse_item(_required(event, "item"), self._new_id, audio_format)
        self._turns.add_item(item, event.get("previous_item_id"))

    def _retrieve_item(self, event: Mapping[str, Any], now: float) -> None:
        item = self._conversation.find(expect_text(event.get("item_id"), "item_id"), "retrieve")
        # A data channel's messages are small, and a call's audio went out as media already.
        shown = item.with_audio() if self._playback is None else item.wire
        self._outbox.send("conversation.item.retrieved", item=shown)

    def _truncate_item(self, event: Mapping[str, Any], now: float) -> None:
        item_id = expect_text(event.get("item_id"), "item_id")
        content_index = expect_integer(
            _required(event, "content_index"), "content_index", 0, MAX_AUDIO_END_MS
        )
        audio_end_ms = expect_integer(
            _required(event, "audio_end_ms"), "audio_end_ms", 0, MAX_AUDIO_END_MS
        )
        truncate_item(self._conversation.find(item_id, "truncate"), content_index, audio_end_ms)
        self._outbox.send(
            "conversation.item.truncated",
            item_id=item_id,
            content_index=content_index,
            audio_end_ms=audio_end_ms,
        )

    def _delete_item(self, event: Mapping[str, Any], now: float) -> None:
        item = self._conversation.remove(expect_text(event.get("item_id"), "item_id"))
        self._outbox.send("conversation.item.deleted", item_id=item.item_id)

    def _create_response(self, event: Mapping[str, Any], now: float) -> None:
        if self._config["type"] == "transcription":
            raise InvalidEvent(
                "A transcription session makes no responses.", code="invalid_event", param="type"
            )
        options = response_options(
            self._config, event.get("response"), self._conversation, self._new_id
        )
        fixed = self._responder.has_spoken and options.in_conversation and options.speaks
        if fixed and options.voice != _voice(self._config):
            raise _voice_is_fixed("response.audio.output.voice")
        self._responder.check_free(options)
        for item in options.given_input or ():
            self._turns.hear_if_spoken(item, tell=False)
        self._responder.create(options, now)

    def _cancel_response(self, event: Mapping[str, Any], now: float) -> None:
        response_id = event.get("response_id")
        if response_id is not None:
            expect_text(response_id, "response_id")
        self._responder.cancel(response_id, now)

    def _clear_playback(self, event: Mapping[str, Any], now: float) -> None:
        self._responder.silence(now)


def _voice(config: Mapping[str, Any]) -> object:
    return config["audio"].get("output", {}).get("voice")


def _voice_is_fixed(param: str) -> InvalidEvent:
    return InvalidEvent(
        "Cannot update a conversation's voice if assistant audio is present.",
        code="cannot_update_voice",
        param=param,
    )


def _required(event: Mapping[str, Any], name: str) -> Any:
    if event.get(name) is None:
        raise missing(name)
    return event[name]


def _check_fields(event: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key, value in event.items():
        if key == "event_id":
            if value is not None and not isinstance(value, str):
                raise wrong_type(key, "a string", value)
        elif key != "type" and key not in known:
            raise unknown(str(key))


def _spoken_duration(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"


def _parse_event(raw: str | bytes) -> Mapping[str, Any]:
    if isinstance(raw, bytes):
        raise InvalidEvent("Expected a text WebSocket message; binary frames are not supported.")
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise InvalidEvent("Invalid event: failed to parse JSON value.") from None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise InvalidEvent("A client event is an object with a string 'type'.", param="type")
    return event
