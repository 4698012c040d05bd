"""The client's edge: the only place where a relayed event is anything but its own bytes.

`session.*` is redacted (id, server instructions, transcription we turned on), beta and flat clients
are translated. Everything else passes byte for byte (design law 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime.core import names
from realtime.core.dialect import (
    Dialect,
    client_event_to_ga,
    flat_param,
    is_flat_session,
    server_event_to_beta,
)
from realtime.core.errors import InvalidEvent, VoiceError
from realtime.core.frames import Frame, dump, mapping_or_empty
from realtime.core.session_config import SessionSetup


class ClientEdge:
    """Knows what the client set and how it speaks.

    client_instructions, transcription_asked_null: what the client itself asked, shown back to it.
    """

    def __init__(self, setup: SessionSetup) -> None:
        self.dialect = setup.dialect
        self.client_instructions = setup.client_instructions
        self.transcription_asked_null = setup.transcription_asked_null
        self._session_id = setup.session_id
        self._hides_instructions = setup.server_instructions_hidden
        self._has_updated = False

    def notice_dialect(self, frame: Frame) -> None:
        """The first `session.update` shows which dialect the client speaks."""
        if frame.type != names.SESSION_UPDATE or self._has_updated:
            return
        self._has_updated = True
        session = frame.body.get("session")
        if isinstance(session, Mapping) and is_flat_session(session):
            self.dialect = Dialect.BETA

    def from_client(self, frame: Frame) -> Frame:
        """The client's event in GA; its own bytes when it was GA already."""
        self.notice_dialect(frame)
        session = frame.body.get("session")
        flat = isinstance(session, Mapping) and is_flat_session(session)
        if self.dialect is Dialect.GA and not flat:
            return frame
        body = client_event_to_ga(frame.body)
        if body == frame.body:
            return frame
        return Frame(dump(body), frame.type, body, frame.event_id)

    def to_client(self, frame: Frame) -> str | None:
        """The text to send for a server event; None for one the client's dialect does not have."""
        body: Mapping[str, Any] = frame.body
        if frame.type.startswith("session.") and isinstance(body.get("session"), dict):
            body = {**body, "session": self._redacted(body["session"])}
        if self.dialect is Dialect.BETA:
            beta = server_event_to_beta(body)
            return None if beta is None else frame.raw if beta == frame.body else dump(beta)
        return frame.raw if body is frame.body else dump(body)

    def as_client_says(self, error: VoiceError) -> VoiceError:
        """`error` with `param` naming the field as the client wrote it."""
        if self.dialect is Dialect.BETA and isinstance(error, InvalidEvent) and error.param:
            return InvalidEvent(
                error.message,
                code=error.code,
                param=flat_param(error.param),
                client_event_id=error.client_event_id,
            )
        return error

    def _redacted(self, session: Mapping[str, Any]) -> dict[str, Any]:
        shown = {**session, "id": self._session_id}
        if self._hides_instructions and "instructions" in shown:
            shown["instructions"] = self.client_instructions
        if self.transcription_asked_null:
            audio = mapping_or_empty(shown.get("audio"))
            audio_input = {**mapping_or_empty(audio.get("input")), "transcription": None}
            shown["audio"] = {**audio, "input": audio_input}
        return shown
