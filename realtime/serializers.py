"""What REST takes and gives about sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from realtime import catalogue
from realtime.core.policy import Policy
from realtime.models import RealtimeSession
from realtime.voice_config import SERVER_VAD, MintRequest, default_transcription

SPEED_LEAST, SPEED_MOST = 0.25, 1.5
LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


class TurnDetectionSerializer(serializers.Serializer[dict[str, Any]]):
    """Server VAD or semantic VAD (protocol §5); null is push-to-talk."""

    type = serializers.ChoiceField(choices=["server_vad", "semantic_vad"])
    threshold = serializers.FloatField(min_value=0.0, max_value=1.0, required=False)
    prefix_padding_ms = serializers.IntegerField(min_value=0, max_value=5_000, required=False)
    silence_duration_ms = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    idle_timeout_ms = serializers.IntegerField(
        min_value=5_000, max_value=30_000, required=False, allow_null=True
    )
    eagerness = serializers.ChoiceField(choices=["low", "medium", "high", "auto"], required=False)
    create_response = serializers.BooleanField(required=False)
    interrupt_response = serializers.BooleanField(required=False)

    SERVER_ONLY: ClassVar = {
        "threshold",
        "prefix_padding_ms",
        "silence_duration_ms",
        "idle_timeout_ms",
    }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        foreign = self.SERVER_ONLY if attrs["type"] == "semantic_vad" else {"eagerness"}
        for name in sorted(foreign & attrs.keys()):
            raise serializers.ValidationError({name: f"Not an option of {attrs['type']}."})
        return {**SERVER_VAD, **attrs} if attrs["type"] == "server_vad" else attrs


class TranscriptionSerializer(serializers.Serializer[dict[str, Any]]):
    model = serializers.CharField(max_length=100, required=False)
    language = serializers.RegexField(LANGUAGE_TAG, max_length=35, required=False)
    prompt = serializers.CharField(max_length=4_000, required=False, allow_blank=True)


class MintSerializer(serializers.Serializer[dict[str, Any]]):
    """The body of `POST /api/voice/realtime-session`; every field may be left out.

    `context["policy"]`: what the caller may ask for.
    """

    conversation_id = serializers.CharField(required=False, allow_null=True)
    voice = serializers.CharField(max_length=60, required=False, allow_null=True)
    language = serializers.RegexField(LANGUAGE_TAG, max_length=35, required=False, allow_null=True)
    instructions = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    speed = serializers.FloatField(
        min_value=SPEED_LEAST, max_value=SPEED_MOST, required=False, allow_null=True
    )
    modalities = serializers.ListField(
        child=serializers.ChoiceField(choices=["text", "audio"]), required=False, allow_null=True
    )
    turn_detection = TurnDetectionSerializer(required=False, allow_null=True)
    input_audio_transcription = TranscriptionSerializer(required=False, allow_null=True)
    greeting = serializers.BooleanField(default=False)
    save_transcript = serializers.BooleanField(default=True)
    transport = serializers.ChoiceField(choices=["websocket", "webrtc"], default="websocket")

    @property
    def _policy(self) -> Policy:
        policy: Policy = self.context["policy"]
        return policy

    def validate_voice(self, value: str | None) -> str | None:
        allowed = self._policy.voices
        if value is not None and value not in allowed:
            listed = [name for name in catalogue.voices() if name in allowed]
            listed += sorted(allowed - set(listed))
            raise serializers.ValidationError(
                f"Unknown voice {value!r}. Allowed: {', '.join(listed)}."
            )
        return value

    def validate_instructions(self, value: str | None) -> str | None:
        most = self._policy.max_instructions_bytes
        if value is not None and len(value.encode()) > most:
            raise serializers.ValidationError(f"At most {most} bytes.")
        return value

    def validate_modalities(self, value: list[str] | None) -> list[str] | None:
        if value is not None and (not value or len(set(value)) != len(value)):
            raise serializers.ValidationError('One of ["text"], ["audio"], ["text", "audio"].')
        answers = {"text"} if value == ["text"] else {"audio"}
        if value is not None and not answers <= self._policy.output_modalities:
            allowed = ", ".join(sorted(self._policy.output_modalities))
            raise serializers.ValidationError(f"Answers may only be: {allowed}.")
        return value

    def mint_request(self) -> MintRequest:
        """Call after `is_valid`."""
        data: Mapping[str, Any] = self.validated_data
        language = data.get("language")
        transcription: Mapping[str, Any] | None = default_transcription(language)
        if "input_audio_transcription" in data:
            asked = data["input_audio_transcription"]
            transcription = None if asked is None else {**default_transcription(language), **asked}
        return MintRequest(
            conversation_id=data.get("conversation_id"),
            voice=data.get("voice"),
            language=language,
            instructions=data.get("instructions") or "",
            speed=data.get("speed"),
            is_text_only=data.get("modalities") == ["text"],
            turn_detection=data.get("turn_detection", SERVER_VAD),
            transcription=transcription,
            greeting=data["greeting"],
            save_transcript=data["save_transcript"],
            transport=data["transport"],
        )


class VoiceConfigSerializer(serializers.Serializer[dict[str, Any]]):
    voice = serializers.CharField()
    modalities = serializers.ListField(child=serializers.CharField())
    input_audio_format = serializers.CharField()
    output_audio_format = serializers.CharField()
    input_audio_transcription = TranscriptionSerializer(allow_null=True)
    turn_detection = TurnDetectionSerializer(allow_null=True)


class IceServerSerializer(serializers.Serializer[dict[str, Any]]):
    """One of `RTCPeerConnection`'s `iceServers`."""

    urls = serializers.ListField(child=serializers.CharField())
    username = serializers.CharField(required=False)
    credential = serializers.CharField(required=False)


class MintedSerializer(serializers.Serializer[dict[str, Any]]):
    """`api_key` is our client secret; `expires_at` is unix seconds."""

    url = serializers.CharField()
    model = serializers.CharField()
    api_key = serializers.CharField()
    session_id = serializers.CharField()
    expires_at = serializers.IntegerField()
    conversation_id = serializers.UUIDField()
    voice_config = VoiceConfigSerializer()
    calls_url = serializers.CharField(
        required=False, help_text="Where its WebRTC call is made; with `transport: webrtc` only."
    )
    ice_servers = IceServerSerializer(
        many=True,
        required=False,
        help_text="For `RTCPeerConnection`; with `transport: webrtc` only.",
    )


class WebRtcSerializer(serializers.Serializer[dict[str, Any]]):
    available = serializers.BooleanField()
    preferred = serializers.BooleanField(help_text="For a client that may choose its transport.")


class StatusSerializer(serializers.Serializer[dict[str, Any]]):
    enabled = serializers.BooleanField()
    provider = serializers.CharField()
    model = serializers.CharField()
    reason = serializers.CharField(required=False)
    code = serializers.CharField(required=False)
    webrtc = WebRtcSerializer()


class SessionSerializer(serializers.ModelSerializer[RealtimeSession]):
    """One of the caller's own sessions."""

    session_id = serializers.CharField(source="public_id")
    conversation_id = serializers.UUIDField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    usage = serializers.SerializerMethodField()

    class Meta:
        model = RealtimeSession
        fields = (
            "session_id",
            "conversation_id",
            "state",
            "end_reason",
            "end_note",
            "transport",
            "provider",
            "model",
            "voice",
            "save_transcript",
            "is_text_only",
            "created_at",
            "started_at",
            "ended_at",
            "duration_ms",
            "turns",
            "interruptions",
            "usage",
            "cost_usd",
        )

    def get_usage(self, session: RealtimeSession) -> dict[str, int]:
        return {
            f"{kind}_{modality}_tokens": getattr(session, f"{kind}_{modality}_tokens")
            for kind, modality in (
                ("input", "text"),
                ("input", "audio"),
                ("input", "image"),
                ("cached", "text"),
                ("cached", "audio"),
                ("cached", "image"),
                ("output", "text"),
                ("output", "audio"),
            )
        }
