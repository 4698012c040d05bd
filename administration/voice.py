"""The voice settings as an administrator sees and sets them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers

from accounts.models import User
from administration.provider import provider_facts
from realtime.availability import voice_status
from realtime.catalogue import EMBEDDED_MODEL
from realtime.models import Provider, RealtimeModel, Voice, VoiceSettings
from realtime.upstream_routes import own_route, route_of
from realtime.voice_settings import voice_defaults, voice_in_effect
from review import audit

NAMES = tuple(asdict(voice_defaults()))
EMPTY: dict[str, Any] = {
    **dict.fromkeys(NAMES, ""),
    "enabled": None,
    "session_s": None,
    "idle_s": None,
    "latency_target_ms": None,
}
DAY_S = 86_400
MINUTE_MS = 60_000


class VoiceChangesSerializer(serializers.Serializer[Any]):
    """What is absent stays; null goes back to what the server was started with."""

    enabled = serializers.BooleanField(required=False, allow_null=True)
    provider = serializers.ChoiceField(choices=Provider.choices, required=False, allow_null=True)
    model = serializers.CharField(max_length=100, required=False, allow_null=True)
    transcription_model = serializers.CharField(max_length=100, required=False, allow_null=True)
    voice = serializers.CharField(max_length=60, required=False, allow_null=True)
    instructions = serializers.CharField(
        max_length=VoiceSettings.INSTRUCTIONS_MAX_CHARS, required=False, allow_null=True
    )
    session_s = serializers.IntegerField(
        min_value=1, max_value=DAY_S, required=False, allow_null=True
    )
    idle_s = serializers.IntegerField(min_value=1, max_value=DAY_S, required=False, allow_null=True)
    latency_target_ms = serializers.IntegerField(
        min_value=1, max_value=MINUTE_MS, required=False, allow_null=True
    )

    def validate_provider(self, value: str | None) -> str | None:
        if value is not None and own_route("", value).lacks_its_key:
            raise serializers.ValidationError(
                "No provider key is configured: set OPENAI_API_KEY first."
            )
        return value

    def validate_model(self, value: str | None) -> str | None:
        return self._known(value, RealtimeModel.Kind.REALTIME, voice_defaults().model)

    def validate_transcription_model(self, value: str | None) -> str | None:
        usual = voice_defaults().transcription_model
        return self._known(value, RealtimeModel.Kind.TRANSCRIPTION, usual)

    def validate_voice(self, value: str | None) -> str | None:
        if value is None or value == voice_defaults().voice:
            return value
        if not Voice.objects.filter(name=value, enabled=True).exists():
            raise serializers.ValidationError("There is no such voice, or it is switched off.")
        return value

    def _known(self, name: str | None, kind: str, usual: str) -> str | None:
        if name is None or name == usual:
            return name
        # The default needs not be enabled: that is whether others may be asked for by name.
        row = RealtimeModel.objects.filter(name=name, kind=kind).first()
        if row is None or row.name == EMBEDDED_MODEL:
            raise serializers.ValidationError("There is no such model.")
        if row.is_retired(timezone.localdate()):
            raise serializers.ValidationError("Its provider has retired this model.")
        if route_of(name).lacks_its_key:
            raise serializers.ValidationError("The key of this model's server is not set.")
        return name


class VoiceInEffectSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField()
    provider = serializers.CharField()
    model = serializers.CharField()
    transcription_model = serializers.CharField()
    voice = serializers.CharField()
    instructions = serializers.CharField()
    session_s = serializers.IntegerField(help_text="How long a session lasts at most.")
    idle_s = serializers.IntegerField(help_text="Without speech or text it ends after this.")
    latency_target_ms = serializers.IntegerField(
        help_text="What reviewers see the waiting for an answer held against."
    )


class ProviderFactsSerializer(serializers.Serializer[Any]):
    server = serializers.CharField(help_text="Its host; empty: in this server itself.")
    key = serializers.ChoiceField(
        choices=["set", "missing", "not_needed"], help_text="Never the key, nor where it is."
    )
    health = serializers.ChoiceField(
        choices=["answers", "fails", "not_asked", "not_configured"],
        help_text="By the sessions of the last 24 hours, on every server process.",
    )
    detail = serializers.CharField(help_text="One sentence; empty where all is well.")
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_failure_at = serializers.DateTimeField(allow_null=True)


class VoiceSerializer(serializers.Serializer[Any]):
    in_effect = VoiceInEffectSerializer()
    defaults = VoiceInEffectSerializer(help_text="What the server was started with.")
    changed = serializers.ListField(
        child=serializers.CharField(), help_text="The names that an administrator has set."
    )
    available = serializers.BooleanField(help_text="Whether a session can be opened now.")
    reason = serializers.CharField(
        allow_null=True, help_text="Why not, or a warning: the model will be retired."
    )
    provider = ProviderFactsSerializer()


def shown_voice() -> dict[str, Any]:
    """The body of GET and PATCH."""
    row = VoiceSettings.objects.filter(pk=VoiceSettings.THE_ROW).first()
    voice, status = voice_in_effect(), voice_status()
    return {
        "in_effect": asdict(voice),
        "defaults": asdict(voice_defaults()),
        "changed": [
            name for name in NAMES if row is not None and getattr(row, name) not in {None, ""}
        ],
        "available": status.enabled,
        "reason": status.reason,
        "provider": provider_facts(voice),
    }


@transaction.atomic
def change_voice(actor: User, changes: dict[str, Any]) -> None:
    """Write validated changes and the audit row; sessions that open from now on are held to them.

    Of the prompt only the length is told.
    """
    VoiceSettings.objects.get_or_create(pk=VoiceSettings.THE_ROW)
    row = VoiceSettings.objects.select_for_update().get(pk=VoiceSettings.THE_ROW)
    for name, value in changes.items():
        setattr(row, name, EMPTY[name] if value is None else value)
    row.save(update_fields=[*changes, "changed_at"])
    told = dict(changes)
    if changes.get("instructions") is not None:
        told["instructions"] = f"{len(changes['instructions'])} characters"
    audit.record(actor, "voice_settings.change", changes=told)
