"""What the headless addresses take and give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from realtime.headless.errors import Unprocessable
from realtime.serializers import MintSerializer
from realtime.voice_config import MintRequest

TRANSPORT = "rest"


class StartSerializer(MintSerializer):
    """The body of `POST /api/voice/sessions/`; every field may be left out. `turn_detection` is
    null by default: who posts audio says itself when a turn is over."""

    transport = None  # type: ignore[assignment]

    def mint_request(self) -> MintRequest:
        """Call after `is_valid`."""
        data: dict[str, Any] = self.validated_data
        data.setdefault("transport", TRANSPORT)
        return replace(super().mint_request(), turn_detection=data.get("turn_detection"))


class TurnWishSerializer(StartSerializer):
    """The query of `POST /api/voice/turns`; a list is a name given several times."""

    greeting = None  # type: ignore[assignment]
    turn_detection = None  # type: ignore[assignment]
    input_audio_transcription = None  # type: ignore[assignment]

    @classmethod
    def fields_of(cls, query: QueryDict) -> dict[str, object]:
        """The query as data. A QueryDict itself passes for an HTML form, where a switch that is not
        mentioned is off: `save_transcript` would be."""
        lists = {"modalities"}
        return {name: query.getlist(name) if name in lists else query[name] for name in query}

    def mint_request(self) -> MintRequest:
        self.validated_data.setdefault("greeting", False)
        return super().mint_request()


class StartedSerializer(serializers.Serializer[dict[str, Any]]):
    """`events_url`, `transcript_url` and `audio_url` carry a stream token, which opens them until
    `expires_at` (unix seconds)."""

    session_id = serializers.CharField()
    conversation_id = serializers.UUIDField()
    model = serializers.CharField()
    voice = serializers.CharField()
    events_url = serializers.CharField()
    transcript_url = serializers.CharField()
    audio_url = serializers.CharField()
    expires_at = serializers.IntegerField()


class AcceptedSerializer(serializers.Serializer[dict[str, Any]]):
    """A command that is in line. What comes of it is told by `/events`."""

    session_id = serializers.CharField()
    status = serializers.CharField(default="accepted")
    audio_ms = serializers.IntegerField(required=False)


class StoppedSerializer(serializers.Serializer[dict[str, Any]]):
    session_id = serializers.CharField()
    conversation_id = serializers.UUIDField(allow_null=True)
    state = serializers.CharField()
    end_reason = serializers.CharField()


class TextSerializer(serializers.Serializer[dict[str, Any]]):
    text = serializers.CharField(
        allow_blank=True, allow_null=True, trim_whitespace=False, required=False
    )

    def checked_text(self) -> str:
        """Call after `is_valid`. Raises Unprocessable for a text that says nothing."""
        text = self.validated_data.get("text") or ""
        if not text.strip():
            raise Unprocessable("'text' is empty.", code="empty_text")
        return str(text)


class Base64AudioSerializer(serializers.Serializer[dict[str, Any]]):
    """PCM16 24 kHz mono (or a WAV file) as base64."""

    audio = serializers.CharField()


class TurnSerializer(serializers.Serializer[dict[str, Any]]):
    """One spoken turn: what was heard, and what was answered."""

    session_id = serializers.CharField()
    conversation_id = serializers.UUIDField()
    transcript = serializers.CharField()
    text = serializers.CharField()
    item_id = serializers.CharField(allow_null=True)
    audio_ms = serializers.IntegerField()
    status = serializers.CharField()
