"""Models with their prices, and voices, as an administrator sees and sets them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.utils import timezone
from rest_framework import serializers

from administration.provider import key_state
from realtime.models import ModelPrice, RealtimeModel, Voice
from realtime.upstream_routes import route_of_row
from realtime.voice_settings import VoiceInEffect

AMOUNTS = (
    "text_input",
    "text_cached",
    "text_output",
    "audio_input",
    "audio_cached",
    "audio_output",
    "image_input",
    "image_cached",
    "audio_minute",
)


class PriceSerializer(serializers.ModelSerializer[ModelPrice]):
    """US dollars per million tokens, `audio_minute` per minute; costs are kept with `version`."""

    version = serializers.CharField(read_only=True)

    class Meta:
        model = ModelPrice
        fields = ("id", "version", "valid_from", *AMOUNTS, "source", "as_of")
        read_only_fields = ("id", "as_of")
        extra_kwargs: ClassVar = {
            **{name: {"min_value": Decimal(0)} for name in AMOUNTS},
            "source": {"required": False},
        }


class ModelSerializer(serializers.ModelSerializer[RealtimeModel]):
    """`server` is the host of a model with an address of its own; where its key is, is not told.

    Needs `context["voice"]`: what is in effect.
    """

    server = serializers.SerializerMethodField(help_text="Empty: this server's own provider.")
    key = serializers.SerializerMethodField()
    is_default = serializers.SerializerMethodField()
    is_retired = serializers.SerializerMethodField()
    price = serializers.SerializerMethodField(
        help_text="The version that holds today; null: it costs nothing as far as we know."
    )
    prices = PriceSerializer(many=True, read_only=True)

    class Meta:
        model = RealtimeModel
        fields = (
            "id",
            "name",
            "kind",
            "enabled",
            "server",
            "key",
            "is_default",
            "retires_on",
            "is_retired",
            "context_tokens",
            "max_output_tokens",
            "note",
            "source",
            "as_of",
            "price",
            "prices",
        )
        read_only_fields = ("id", "context_tokens", "max_output_tokens", "as_of")
        extra_kwargs: ClassVar = {"source": {"required": False}}

    @property
    def _voice(self) -> VoiceInEffect:
        voice: VoiceInEffect = self.context["voice"]
        return voice

    def get_server(self, model: RealtimeModel) -> str:
        return urlsplit(model.base_url).hostname or ""

    def get_key(self, model: RealtimeModel) -> str:
        return key_state(route_of_row(model.name, model, self._voice.provider))

    def get_is_default(self, model: RealtimeModel) -> bool:
        return model.name in {self._voice.model, self._voice.transcription_model}

    def get_is_retired(self, model: RealtimeModel) -> bool:
        return model.is_retired(timezone.localdate())

    def get_price(self, model: RealtimeModel) -> str | None:
        today = timezone.localdate()
        rows = sorted(model.prices.all(), key=lambda row: row.valid_from)
        held = [row for row in rows if row.valid_from <= today]
        chosen = held[-1] if held else (rows[0] if rows else None)
        return chosen.version if chosen is not None else None


class ModelChangesSerializer(serializers.ModelSerializer[RealtimeModel]):
    class Meta:
        model = RealtimeModel
        fields = ("enabled", "retires_on", "note")


class VoiceRowSerializer(serializers.ModelSerializer[Voice]):
    """Needs `context["voice"]`: what is in effect."""

    is_default = serializers.SerializerMethodField()

    class Meta:
        model = Voice
        fields = ("id", "name", "enabled", "recommended", "is_default", "source", "as_of")
        read_only_fields = ("id", "as_of")
        extra_kwargs: ClassVar = {"source": {"required": False}}

    def get_is_default(self, voice: Voice) -> bool:
        usual: VoiceInEffect = self.context["voice"]
        return voice.name == usual.voice


class VoiceRowChangesSerializer(serializers.ModelSerializer[Voice]):
    class Meta:
        model = Voice
        fields = ("enabled", "recommended")


def told(changes: dict[str, Any]) -> dict[str, Any]:
    """Validated changes as the audit log can hold them; of notes only the length."""
    shown = {}
    for name, value in changes.items():
        if name == "note":
            value = f"{len(value)} characters"
        is_plain = isinstance(value, bool | int | list) or value is None
        shown[name] = value if is_plain else str(value)
    return shown
