"""The client's edge: the only place where a relayed event is anything but its own bytes.

A session object is redacted (id, server instructions, transcription we turned on), the server's
instructions are shown nowhere else either, beta and flat clients are translated. Everything else
passes byte for byte (design law 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from realtime.core import names
from realtime.core.dialect import (
    BetaFacts,
    Dialect,
    client_event_to_ga,
    in_flat_words,
    server_event_to_beta,
)
from realtime.core.errors import VoiceError
from realtime.core.flat_session import is_flat_session
from realtime.core.frames import Frame, dump, mapping_or_empty
from realtime.core.redaction import WITHHELD, quotes, without_instructions
from realtime.core.session_config import SessionSetup
from realtime.core.session_kind import SessionKind


class ClientEdge:
    """Knows what the client set and how it speaks.

    client_instructions, transcription_asked_null: what the client itself asked, shown back to it.
    """

    __slots__ = (
        "_facts",
        "_has_updated",
        "_hides_instructions",
        "_kind",
        "_secret",
        "_session_id",
        "client_instructions",
        "dialect",
        "transcription_asked_null",
    )

    def __init__(self, setup: SessionSetup) -> None:
        self.dialect = setup.dialect
        self.client_instructions = setup.client_instructions
        self.transcription_asked_null = setup.transcription_asked_null
        self._session_id = setup.session_id
        self._kind = setup.kind
        self._hides_instructions = setup.server_instructions_hidden
        self._secret = setup.server_instructions if self._hides_instructions else ""
        self._has_updated = False
        digest = blake2b(setup.session_id.encode(), digest_size=10).hexdigest()
        self._facts = BetaFacts(conversation_id=f"conv_{digest}")

    def notice_dialect(self, frame: Frame) -> None:
        """The first update of the session shows which dialect the client speaks."""
        only_beta = frame.type == names.TRANSCRIPTION_SESSION_UPDATE
        if self._has_updated or not (only_beta or frame.type == names.SESSION_UPDATE):
            return
        self._has_updated = True
        session = frame.body.get("session")
        if only_beta or (isinstance(session, Mapping) and is_flat_session(session)):
            self.dialect = Dialect.BETA

    def from_client(self, frame: Frame) -> Frame:
        """The client's event in GA; its own bytes when it was GA already.

        Raises InvalidEvent for a flat value that GA has no word for.
        """
        self.notice_dialect(frame)
        session = frame.body.get("session")
        flat = isinstance(session, Mapping) and is_flat_session(session)
        beta_name = frame.type == names.TRANSCRIPTION_SESSION_UPDATE
        if self.dialect is Dialect.GA and not flat and not beta_name:
            return frame
        body = client_event_to_ga(frame.body, self._kind)
        if body == frame.body:
            return frame
        if isinstance(session, Mapping) and session.get("temperature") is not None:
            self._facts = replace(self._facts, temperature=session["temperature"])
        return Frame(dump(body), body["type"], body, frame.event_id)

    def to_client(self, frame: Frame) -> str | None:
        """The text to send for a server event; None for one the client's dialect does not have."""
        body: Mapping[str, Any] = frame.body
        if isinstance(body.get("session"), dict):
            body = {**body, "session": self._redacted(body["session"])}
        if self._secret and frame.type != names.OUTPUT_AUDIO_DELTA:
            body = without_instructions(body, self._secret, self.client_instructions)
        if self.dialect is Dialect.BETA:
            beta = server_event_to_beta(body, self._facts)
            return None if beta is None else frame.raw if beta == frame.body else dump(beta)
        return frame.raw if body is frame.body else dump(body)

    def greeting(self) -> dict[str, Any] | None:
        """What the client's dialect sends behind `session.created`, as a server event without
        `event_id`; None where that is nothing."""
        if self.dialect is not Dialect.BETA or self._kind is not SessionKind.REALTIME:
            return None
        conversation = {"id": self._facts.conversation_id, "object": "realtime.conversation"}
        return {"type": names.CONVERSATION_CREATED, "conversation": conversation}

    def as_client_says(self, error: VoiceError) -> VoiceError:
        """`error` with `param` and sentence naming the field as the client wrote it."""
        return error if self.dialect is Dialect.GA else _in_flat_words(error)

    def as_written(self, error: VoiceError, event: Frame) -> VoiceError:
        """`error` naming the field by the name it has in this event of the client's.

        Who speaks one dialect may still use a word of the other: the beta's `response.create` had
        `max_output_tokens`, and a flat `session.update` may come at any time.
        """
        home, _, field = (error.param or "").partition(".")
        wrote = event.body.get(home)
        if not isinstance(wrote, Mapping):
            return self.as_client_says(error)
        if field.split(".")[0].split("[")[0] in wrote or not is_flat_session(wrote):
            return error
        return _in_flat_words(error)

    def without_quotes(self, sentence: str) -> str:
        """A sentence of the provider's as this client may read it."""
        return WITHHELD if quotes(sentence, self._secret) else sentence

    def _redacted(self, session: Mapping[str, Any]) -> dict[str, Any]:
        shown = {**session, "id": self._session_id}
        if self._hides_instructions and "instructions" in shown:
            shown["instructions"] = self.client_instructions
        if self.transcription_asked_null:
            audio = mapping_or_empty(shown.get("audio"))
            audio_input = {**mapping_or_empty(audio.get("input")), "transcription": None}
            shown["audio"] = {**audio, "input": audio_input}
        return shown


def _in_flat_words(error: VoiceError) -> VoiceError:
    if not error.param:
        return error
    said = copy(error)
    said.message, said.param = in_flat_words(error.message, error.param)
    return said
