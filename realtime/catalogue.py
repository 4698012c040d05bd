"""Models, voices and prices, as an admin keeps them in the database."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from django.utils import timezone

from accounts.kept_rows import kept
from realtime.core.usage import TokenUsage
from realtime.models import ModelPrice, Provider, RealtimeModel, Voice
from realtime.upstream_addresses import is_azure
from realtime.upstream_routes import own_route, route_of_row, row_of
from realtime.voice_settings import VoiceInEffect, voice_in_effect

EMBEDDED_MODEL = "embedded"  # whatever name is asked for, this row says what it costs
PRICE_KEPT_S = 10.0
TOKENS_PER_PRICE = Decimal(1_000_000)
# What the columns hold; rounded once, so that a session's cost is the sum of its responses'.
SMALLEST_USD = Decimal("0.00000001")

LookUp: TypeAlias = Callable[[str, str, dt.date], ModelPrice | None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a response cost in US dollars, by which price. `version` is "" where none is known."""

    usd: Decimal = Decimal(0)
    version: str = ""


def voices(voice: VoiceInEffect | None = None) -> list[str]:
    """The voices that may be asked for, recommended ones first. `voice` here and below: what is in
    effect, where the caller has read it already."""
    usual = (voice or voice_in_effect()).voice
    names = [row.name for row in kept(Voice) if row.enabled]
    return names if usual in names else [usual, *names]


def models(voice: VoiceInEffect | None = None) -> list[str]:
    """The speech models this server can speak with now, the configured one first.

    An enabled row counts while its provider serves it and its key is at hand.
    """
    voice = voice or voice_in_effect()
    return _offered(RealtimeModel.Kind.REALTIME, voice.model, voice.provider)


def transcription_models(voice: VoiceInEffect | None = None) -> list[str]:
    """The same for the models that turn speech into text.

    On Azure a model is a deployment: OpenAI's names, which every SDK sends, mean nothing there.
    """
    voice = voice or voice_in_effect()
    configured = voice.transcription_model
    if is_azure(own_route("", voice.provider).url):
        return [configured]
    return _offered(RealtimeModel.Kind.TRANSCRIPTION, configured, voice.provider)


def is_transcription_model(name: str, voice: VoiceInEffect) -> bool:
    row = row_of(name)
    is_listed = row is not None and row.kind == RealtimeModel.Kind.TRANSCRIPTION
    return is_listed or name == voice.transcription_model


def _offered(kind: RealtimeModel.Kind, configured: str, provider: str) -> list[str]:
    today = timezone.localdate()
    usable = [
        row.name
        for row in kept(RealtimeModel)
        if row.kind == kind
        and row.enabled
        and row.name != configured
        and not row.is_retired(today)
        and not route_of_row(row.name, row, provider).lacks_its_key
    ]
    return [configured, *usable]


def retirement_warning(name: str, today: dt.date) -> str | None:
    """One sentence while the provider still serves the model but has named its last day."""
    model = row_of(name)
    if model is None or model.retires_on is None or model.is_retired(today):
        return None
    return (
        f"The model {name} will be retired by its provider on {model.retires_on.isoformat()}."
        " Set REALTIME_MODEL to another one before."
    )


def retirement_reason(name: str, today: dt.date) -> str | None:
    """One sentence when the provider no longer serves the model, else None."""
    model = row_of(name)
    if model is None or model.retires_on is None or not model.is_retired(today):
        return None
    return (
        f"The model {name} was retired by its provider on {model.retires_on.isoformat()}."
        " Set REALTIME_MODEL to a current one."
    )


def price_of(provider: str, model: str, on: dt.date) -> ModelPrice | None:
    """What the model costs on that day; None when nobody has said."""
    name = EMBEDDED_MODEL if provider == Provider.EMBEDDED else model
    prices = ModelPrice.objects.select_related("model").filter(model__name=name)
    # Before the first known day the oldest price is a better guess than none.
    return (
        prices.filter(valid_from__lte=on).order_by("-valid_from").first()
        or prices.order_by("valid_from").first()
    )


class PriceBook:
    """Prices as the turns of a server look them up: remembered for ten seconds, so that many turns
    ask once and a new price counts soon. Call it from any database thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str, dt.date], tuple[float, ModelPrice | None]] = {}

    def price_of(self, provider: str, model: str, on: dt.date) -> ModelPrice | None:
        """What the model costs on that day; None when nobody has said."""
        wanted, now = (provider, model, on), self._clock()
        read_at, price = self._known.get(wanted, (-math.inf, None))
        if now - read_at >= PRICE_KEPT_S:
            price = price_of(provider, model, on)
            self._known[wanted] = now, price
        return price


def cost_of(
    provider: str,
    model: str,
    usage: TokenUsage,
    on: dt.date,
    look_up: LookUp = price_of,
) -> Cost:
    """Protocol §1.9: uncached input, cached input and output, each by modality."""
    price = look_up(provider, model, on)
    if price is None:
        return Cost()
    units = (
        (usage.input_text - usage.cached_text) * price.text_input
        + usage.cached_text * price.text_cached
        + usage.output_text * price.text_output
        + (usage.input_audio - usage.cached_audio) * price.audio_input
        + usage.cached_audio * price.audio_cached
        + usage.output_audio * price.audio_output
        + (usage.input_image - usage.cached_image) * price.image_input
        + usage.cached_image * price.image_cached
    )
    return Cost(_rounded(units / TOKENS_PER_PRICE), price.version)


def cost_of_audio(
    provider: str,
    model: str,
    duration_s: float,
    on: dt.date,
    look_up: LookUp = price_of,
) -> Cost:
    """For transcription models billed by the length of the audio.

    duration_s: the seconds billed, as the provider says; it rounds up itself (protocol §4.6).
    """
    price = look_up(provider, model, on)
    if price is None:
        return Cost()
    return Cost(_rounded(Decimal(str(duration_s)) * price.audio_minute / 60), price.version)


def _rounded(usd: Decimal) -> Decimal:
    return usd.quantize(SMALLEST_USD, ROUND_HALF_UP)
