"""Models and the servers that have them, what they cost, and voices: data that an admin edits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from realtime.upstream_addresses import check_base_url, check_key_name, is_openai
from realtime.voice_settings import Provider


class KeyHeader(models.TextChoices):
    """How a Realtime server is shown our key."""

    BEARER = "bearer", "Authorization: Bearer … (OpenAI and most others)"
    API_KEY = "api-key", "api-key: … (Azure OpenAI)"
    NONE = "none", "no key"


class RealtimeModel(models.Model):
    """A model, and the server that speaks with it.

    The configured model (REALTIME_MODEL) works without a row, but has no price then; any other can
    be asked for only while its row is enabled.
    """

    class Kind(models.TextChoices):
        REALTIME = "realtime", "speech to speech"
        TRANSCRIPTION = "transcription", "transcription"

    name = models.CharField(max_length=100, unique=True)
    provider = models.CharField(max_length=20, choices=Provider.choices, default=Provider.OPENAI)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.REALTIME)
    enabled = models.BooleanField(
        default=True, help_text="Clients whose policy allows it may ask for this model by its name."
    )
    base_url = models.CharField(
        "address",
        max_length=300,
        blank=True,
        validators=[check_base_url],
        help_text=(
            "Of the Realtime server that has this model, for example"
            " wss://NAME.openai.azure.com/openai/v1/realtime. Empty: this server's own provider."
        ),
    )
    upstream_name = models.CharField(
        "name there",
        max_length=100,
        blank=True,
        help_text="What that server calls the model, such as a deployment. Empty: the same name.",
    )
    key_header = models.CharField(
        max_length=10,
        choices=KeyHeader.choices,
        blank=True,
        help_text="Empty: as usual for that address; without a key reference none is sent.",
    )
    key_name = models.CharField(
        "key reference",
        max_length=100,
        blank=True,
        validators=[check_key_name],
        help_text=(
            "The NAME of the environment variable that holds the key (or whose name with _FILE"
            " names its file), such as AZURE_OPENAI_API_KEY. Never the key itself."
        ),
    )
    context_tokens = models.PositiveIntegerField(null=True, blank=True)
    max_output_tokens = models.PositiveIntegerField(null=True, blank=True)
    retires_on = models.DateField(
        null=True, blank=True, help_text="From this day on the provider refuses the model."
    )
    note = models.TextField(blank=True)
    source = models.CharField(max_length=200, help_text="Where these facts were read.")
    as_of = models.DateField(help_text="The day on which they were read.")

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = "model"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A key goes nowhere but to the address it is meant for."""
        if self.key_name and not self.base_url:
            raise ValidationError(
                {"key_name": "A key reference belongs to an address of the model's own."}
            )
        if self.key_name == "OPENAI_API_KEY" and not is_openai(self.base_url):
            raise ValidationError({"key_name": "OPENAI_API_KEY is sent to OpenAI alone."})
        if self.key_header == KeyHeader.NONE and self.key_name:
            raise ValidationError({"key_name": "No key is sent where the header is `no key`."})

    def is_retired(self, on: dt.date) -> bool:
        return self.retires_on is not None and self.retires_on <= on


class ModelPrice(models.Model):
    """US dollars per million tokens (or per minute of audio) from one day on."""

    CHARGED = "Calls were charged by this price. Add a new one from a later day on instead."

    model = models.ForeignKey(RealtimeModel, on_delete=models.CASCADE, related_name="prices")
    valid_from = models.DateField()
    text_input = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    text_cached = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    text_output = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    audio_input = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    audio_cached = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    audio_output = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    image_input = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    image_cached = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    audio_minute = models.DecimalField(
        max_digits=10,
        decimal_places=6,
        default=Decimal(0),
        help_text="For models billed by the minute of audio.",
    )
    source = models.CharField(max_length=200)
    as_of = models.DateField()

    class Meta:
        ordering: ClassVar = ["model", "-valid_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "valid_from"], name="one_price_per_day")
        ]
        verbose_name = "price"

    def __str__(self) -> str:
        return self.version

    @property
    def version(self) -> str:
        """The word kept with each cost, so that it can be recomputed: `<model>@<valid from>`."""
        return f"{self.model.name}@{self.valid_from.isoformat()}"

    def has_charged(self) -> bool:
        """Whether something was paid by this version as it is stored."""
        stored = ModelPrice.objects.select_related("model").filter(pk=self.pk).first()
        if stored is None:
            return False
        charged = apps.get_model("realtime", "ResponseUsage")._default_manager
        return charged.filter(price_version=stored.version).exists()

    def clean(self) -> None:
        """What was paid can be recomputed: its price stays as it was."""
        stored = ModelPrice.objects.filter(pk=self.pk).first()
        if stored is None or not stored.has_charged():
            return
        fields = [field.attname for field in self._meta.concrete_fields]
        if any(getattr(stored, name) != getattr(self, name) for name in fields):
            raise ValidationError(self.CHARGED)


class Voice(models.Model):
    """A voice that may be asked for when a session is minted."""

    name = models.CharField(max_length=60, unique=True)
    enabled = models.BooleanField(default=True)
    recommended = models.BooleanField(default=False)
    source = models.CharField(max_length=200)
    as_of = models.DateField()

    class Meta:
        ordering: ClassVar = ["-recommended", "name"]

    def __str__(self) -> str:
        return self.name
