"""System checks that need the database: models, their servers, and policies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ValidationError
from django.db import Error as DatabaseError
from django.utils import timezone


def register_checks() -> None:
    register(check_model_is_current)
    register(check_model_rows)
    register(check_policies)


def check_model_is_current(**_kwargs: Any) -> list[CheckMessage]:
    """The configured model must not be retired. Silent before the tables exist."""
    from realtime import catalogue
    from realtime.voice_settings import voice_in_effect

    today = timezone.localdate()
    try:
        model = voice_in_effect().model
        reason = catalogue.retirement_reason(model, today)
        warning = catalogue.retirement_warning(model, today)
    except DatabaseError:
        return []
    if warning is not None:
        hint = "Choose its successor and enable it before that day."
        return [Warning(warning, hint=hint, id="realtime.W002")]
    if reason is None:
        return []
    return [
        Warning(
            reason,
            hint="Voice answers 503 until REALTIME_MODEL names a model the provider serves.",
            id="realtime.W001",
        )
    ]


def check_model_rows(**_kwargs: Any) -> list[CheckMessage]:
    """Every enabled model can be reached as its row says, and shows its key to nobody else."""
    from realtime.models import RealtimeModel
    from realtime.upstream_addresses import shows_key_to_the_network
    from realtime.upstream_routes import route_of_row

    try:
        rows = list(RealtimeModel.objects.filter(enabled=True).exclude(base_url=""))
    except DatabaseError:
        return []
    messages: list[CheckMessage] = []
    for row in rows:
        try:
            row.full_clean(validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            sentences = " ".join(error.messages)
            messages.append(
                Error(
                    f"The model {row.name} has an address or key reference that cannot be used.",
                    hint=f"{sentences} Correct its row in the admin.",
                    id="realtime.E001",
                )
            )
            continue
        route = route_of_row(row.name, row)
        if route.lacks_its_key:
            messages.append(
                Warning(
                    f"The model {row.name} is enabled but lacks its key; nobody is offered it.",
                    hint=f"Set {row.key_name or 'a key reference in its row'}, or disable it.",
                    id="realtime.W003",
                )
            )
        if route.key and shows_key_to_the_network(route.url):
            messages.append(
                Warning(
                    f"The address of the model {row.name} is ws:// on another host: its key can be"
                    " read on the way.",
                    hint="Use wss://.",
                    id="realtime.W004",
                )
            )
    return messages


def check_policies(**_kwargs: Any) -> list[CheckMessage]:
    """Policies name models and voices that there are."""
    from accounts.policy_row import Policy
    from realtime.models import RealtimeModel, Voice, VoiceSettings

    try:
        models = {*RealtimeModel.objects.values_list("name", flat=True)}
        voices = {*Voice.objects.values_list("name", flat=True), settings.REALTIME_VOICE}
        policies = list(Policy.objects.select_related("group"))
        set_here = VoiceSettings.objects.first()
    except DatabaseError:
        return []
    models |= {settings.REALTIME_MODEL, settings.REALTIME_TRANSCRIPTION_MODEL}
    if set_here is not None:
        models |= {set_here.model, set_here.transcription_model}
        voices.add(set_here.voice)
    return [
        Warning(
            f"The policy of {policy} names a {kind} that this server does not know: {name}.",
            hint="Correct the name in the admin, or add its row.",
            id="realtime.W005",
        )
        for policy in policies
        for kind, named, known in (
            ("model", policy.models, models),
            ("voice", policy.voices, voices),
        )
        for name in named
        if name not in known
    ]
