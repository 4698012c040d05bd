"""The row that says what a group of people may ask of a voice session."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db.models import (
    CASCADE,
    BooleanField,
    DecimalField,
    JSONField,
    Model,
    OneToOneField,
    PositiveIntegerField,
    UniqueConstraint,
)
from django.db.models.functions import Coalesce

MODALITIES = ("audio", "text")
NAME_MAX_CHARS = 100


def check_names(names: object) -> None:
    """Raises ValidationError unless this is a list of names, each once."""
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValidationError("Give a list of names.", code="invalid")
    for name in names:
        if len(name) > NAME_MAX_CHARS or name != name.strip():
            raise ValidationError(f"{name[:NAME_MAX_CHARS]!r} is no name.", code="invalid")
    if len(set(names)) != len(names):
        raise ValidationError("Give each name once.", code="invalid")


def check_modalities(modalities: object) -> None:
    """Raises ValidationError unless this is a list of `audio` and `text`."""
    check_names(modalities)
    assert isinstance(modalities, list)
    for modality in modalities:
        if modality not in MODALITIES:
            raise ValidationError(f"{modality!r} is neither audio nor text.", code="invalid")


class Policy(Model):
    """What one group may ask of a session; the row without a group is everybody else's.

    An empty field leaves the matter to the server: its settings, and what is enabled there.
    """

    group = OneToOneField(
        Group,
        null=True,
        blank=True,
        on_delete=CASCADE,
        related_name="voice_policy",
        help_text="Whom this holds for. The one row without a group holds for everybody else.",
    )
    priority = PositiveIntegerField(
        default=100,
        help_text="Who is in several groups is held to the row with the lowest number.",
    )
    models = JSONField(
        default=list,
        blank=True,
        validators=[check_names],
        help_text=(
            "Models these people may use, one per line; the first is theirs when they ask for none"
            " or another. Empty: every enabled one. Transcription models are limited only where one"
            " is named."
        ),
    )
    voices = JSONField(
        default=list,
        blank=True,
        validators=[check_names],
        help_text="Voices they may choose, one per line. Empty: every enabled one.",
    )
    output_modalities = JSONField(
        default=list,
        blank=True,
        validators=[check_modalities],
        help_text="What answers may be: audio, text, one per line. Empty: both.",
    )
    max_instructions_bytes = PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The longest instructions of their own. Empty: LIMIT_INSTRUCTIONS_BYTES.",
    )
    max_tools = PositiveIntegerField(
        null=True, blank=True, help_text="0 forbids tools. Empty: LIMIT_TOOLS."
    )
    max_output_tokens = PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="The longest answer, in tokens. Empty: as long as the model answers.",
    )
    day_minutes = PositiveIntegerField(
        "voice minutes a day",
        null=True,
        blank=True,
        help_text="For each of them. Empty: LIMIT_DAY_SEC, which also bounds what stands here.",
    )
    month_usd = DecimalField(
        "US dollars a month",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="For each of them. Empty: LIMIT_MONTH_USD, which also bounds what stands here.",
    )
    allow_mcp = BooleanField(
        "MCP servers",
        default=False,
        help_text="The provider may call MCP servers that a client names, on our account.",
    )
    allow_stored_prompts = BooleanField(
        "stored prompts",
        default=False,
        help_text="A client may name prompt templates kept in our account at the provider.",
    )
    allow_system_items = BooleanField(
        "system items",
        default=True,
        help_text="A client may add messages with the role `system` to its own conversation.",
    )
    may_read_server_instructions = BooleanField(
        "read the server's instructions",
        default=False,
        help_text="Otherwise a client is shown only what it asked for itself.",
    )

    class Meta:
        ordering: ClassVar = ["priority", "pk"]
        verbose_name_plural = "policies"
        constraints: ClassVar = [
            # Unique columns may hold NULL more than once; this index sees 0 instead.
            UniqueConstraint(
                Coalesce("group", 0),
                name="one_policy_per_group",
                violation_error_message="There is a policy for this group already.",
            )
        ]

    def __str__(self) -> str:
        return "everybody else" if self.group is None else str(self.group)
