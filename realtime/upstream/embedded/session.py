"""One Realtime GA session of the embedded provider, without I/O and without a clock.

Give it client events (`receive`), results (`heard`, `thought`, `spoken`…) and time (`tick`); do
the effects it returns, in order. After `receive`, call `work` until `busy` is false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import AudioFormat, parse_audio_format
from realtime.upstream.embedded.audio_out import AudioEvents
from realtime.upstream.embedded.conversation import Conversation, Item, truncate_item
from realtime.upstream.embedded.effects import Close, Effect
from realtime.upstream.embedded.ids import IdMaker, new_id
from realtime.upstream.embedded.input_audio import InputAudio
from realtime.upstream.embedded.item_parsing import decode_audio, parse_item
from realtime.upstream.embedded.outbox import Outbox
from realtime.upstream.embedded.playback import Playback
from realtime.upstream.embedded.ports import Heard, SpokenWord, Thought
from realtime.upstream.embedded.responder import Responder
from realtime.upstream.embedded.response import Pace
from realtime.upstream.embedded.response_options import response_options
from realtime.upstream.embedded.session_config import (
    default_session,
    default_transcription_session,
    merge_session,
)
from realtime.upstream.embedded.user_turns import UserTurns

MAX_SESSION_S = 3600.0
DEFAULT_PACE = Pace()

_Handler = Callable[[Mapping[str, Any], float], None]


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
        make_id: IdMaker = new_id,
        on_call: bool = False,
        session_id: str | None = None,
        given_config: Mapping[str, Any] | None = None,
    ) -> None:
        """on_call: sound comes in by `append_media` and is taken out by `play`, not as events.

        given_config: a session object to begin with. Raises InvalidEvent when it is unacceptable.
        """
        expires_at = started_at_unix_s + int(MAX_SESSION_S)
        session_id = session_id or make_id("sess")
        self._config = (
            default_transcription_session(session_id, expires_at)
            if transcription_only
            else default_session(session_id, model, expires_at)
        )
        self._new_id = make_id
        self._ends_at = now + MAX_SESSION_S
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
        if given_config is not None:
            self._config = self._merged(given_config)
        self._turns.configure(self._config)
        self._handlers: dict[str, _Handler] = {
            "session.update": self._update_session,
            "input_audio_buffer.append": self._append_audio,
            "input_audio_buffer.commit": self._commit_audio,
            "input_audio_buffer.clear": self._clear_audio,
            "conversation.item.create": self._create_item,
            "conversation.item.retrieve": self._retrieve_item,
            "conversation.item.truncate": self._truncate_item,
            "conversation.item.delete": self._delete_item,
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
            handler = self._handlers.get(event["type"])
            if handler is None:
                raise InvalidEvent(
                    f"Invalid value: '{event['type'][:64]}'. Supported values are: "
                    + ", ".join(sorted(self._handlers)),
                    code="invalid_value",
                    param="type",
                )
            handler(event, now)
        except InvalidEvent as error:
            self._outbox.send_error(error, client_event_id)
        return self._outbox.take()

    def work(self, now: float) -> list[Effect]:
        """Listen to at most one more second of appended audio."""
        self._turns.listen(now)
        return self._outbox.take()

    def append_media(self, pcm: bytes, now: float) -> list[Effect]:
        """A call's microphone: up to one second of 24 kHz PCM16."""
        self._input.make_room(len(pcm))
        self._input.append(pcm)
        self._turns.listen(now)
        return self._outbox.take()

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
                "Your session hit the maximum duration of 60 minutes.", code="session_expired"
            )
            self._outbox.send_error(error, None)
            self._outbox.do(Close(1001, error.message))
        elif not self._closed:
            self._responder.advance(now)
            self._turns.check_idle(now)
        return self._outbox.take()

    def next_deadline(self, now: float) -> float:
        """When `tick` is due next; never later than the session's end."""
        waiting = (self._responder.next_deadline(now), self._turns.next_deadline())
        return min(at for at in (*waiting, self._ends_at) if at is not None)

    def _update_session(self, event: Mapping[str, Any], now: float) -> None:
        merged = self._merged(event.get("session"))
        if self._responder.has_spoken and _voice(merged) != _voice(self._config):
            raise InvalidEvent(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
                param="session.audio.output.voice",
            )
        self._config = merged
        self._turns.configure(merged)
        self._outbox.send("session.updated", session=merged)

    def _merged(self, patch: object) -> dict[str, Any]:
        """The session with `patch` applied. A call's media has its own codec, so that there the
        formats stay what the session works with inside."""
        merged = merge_session(self._config, patch)
        if self._playback is not None:
            for side in merged["audio"].values():
                side["format"] = AudioFormat.PCM.as_wire()
        return merged

    def _append_audio(self, event: Mapping[str, Any], now: float) -> None:
        self._input.append(decode_audio(event.get("audio"), self._input.audio_format, "audio"))
        self._turns.listen(now)

    def _commit_audio(self, event: Mapping[str, Any], now: float) -> None:
        self._turns.commit()

    def _clear_audio(self, event: Mapping[str, Any], now: float) -> None:
        self._turns.clear()

    def _create_item(self, event: Mapping[str, Any], now: float) -> None:
        audio_format = parse_audio_format(self._config["audio"]["input"]["format"], "format")
        item = parse_item(event.get("item"), self._new_id("item"), audio_format)
        self._turns.add_item(item, event.get("previous_item_id"))

    def _retrieve_item(self, event: Mapping[str, Any], now: float) -> None:
        item = self._conversation.find(event.get("item_id"))
        # A data channel's messages are small, and a call's audio went out as media already.
        shown = item.with_audio() if self._playback is None else item.wire
        self._outbox.send("conversation.item.retrieved", item=shown)

    def _truncate_item(self, event: Mapping[str, Any], now: float) -> None:
        item = self._conversation.find(event.get("item_id"))
        content_index, audio_end_ms = event.get("content_index", 0), event.get("audio_end_ms")
        truncate_item(item, content_index, audio_end_ms)
        self._outbox.send(
            "conversation.item.truncated",
            item_id=item.item_id,
            content_index=content_index,
            audio_end_ms=audio_end_ms,
        )

    def _delete_item(self, event: Mapping[str, Any], now: float) -> None:
        item: Item = self._conversation.remove(event.get("item_id"))
        self._outbox.send("conversation.item.deleted", item_id=item.item_id)

    def _create_response(self, event: Mapping[str, Any], now: float) -> None:
        if self._config["type"] == "transcription":
            raise InvalidEvent("A transcription session makes no responses.", code="invalid_event")
        options = response_options(
            self._config, event.get("response"), self._conversation, self._new_id
        )
        for item in options.given_input or ():
            self._turns.hear_if_spoken(item, tell=False)
        self._responder.create(options, now)

    def _cancel_response(self, event: Mapping[str, Any], now: float) -> None:
        self._responder.cancel(event.get("response_id"), now)

    def _clear_playback(self, event: Mapping[str, Any], now: float) -> None:
        self._responder.silence(now)


def _voice(config: Mapping[str, Any]) -> object:
    return config["audio"].get("output", {}).get("voice")


def _parse_event(raw: str | bytes) -> Mapping[str, Any]:
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise InvalidEvent("The frame is not valid JSON.") from None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise InvalidEvent("A client event is an object with a string 'type'.", param="type")
    return event
