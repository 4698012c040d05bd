"""The caller's policy as sessions know it: the row of their group over this server's settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

from accounts.models import User
from accounts.policy import policy_of
from accounts.policy_row import Policy as PolicyRow
from realtime import catalogue
from realtime.core.errors import Unavailable
from realtime.core.policy import MODALITIES, Policy
from realtime.core.session_config import clamp_transcription, merge_session
from realtime.voice_settings import VoiceInEffect, voice_in_effect


def policy_for(user: User) -> Policy:
    """What this person may ask of a session now. Read it anew for each that opens."""
    row, voice = policy_of(user), voice_in_effect()
    transcription = _transcription_models(row, voice)
    configured = voice.transcription_model
    return _shared(
        Policy(
            models=_models(row, voice),
            transcription_model=configured if configured in transcription else transcription[0],
            transcription_models=frozenset(transcription),
            voices=frozenset(row.voices or catalogue.voices(voice)),
            default_voice=_default_voice(row, voice),
            output_modalities=frozenset(row.output_modalities) or MODALITIES,
            max_instructions_bytes=_or(
                row.max_instructions_bytes, settings.LIMIT_INSTRUCTIONS_BYTES
            ),
            max_tools=_or(row.max_tools, settings.LIMIT_TOOLS),
            max_output_tokens=row.max_output_tokens,
            allow_mcp=row.allow_mcp,
            allow_stored_prompts=row.allow_stored_prompts,
            allow_system_items=row.allow_system_items,
            may_read_server_instructions=row.may_read_server_instructions,
        )
    )


@lru_cache(maxsize=256)
def _shared(policy: Policy) -> Policy:
    """The one of all that are equal: sessions hold theirs for as long as they run."""
    return policy


def effective_model(policy: Policy, asked: object = None) -> str:
    """The model a session speaks with: the one asked for if policy allows it, else the default.

    Raises Unavailable when policy allows none that this server can speak with.
    """
    if isinstance(asked, str) and asked in policy.models:
        return asked
    if not policy.models:
        raise Unavailable(
            "None of the models that you may use is available on this server.",
            code="realtime_not_configured",
        )
    return policy.models[0]


def within_policy(config: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """A conversation's GA session object with our own defaults brought within policy.

    What the client asked for explicitly must be within it already (`clamp_session`).
    """
    settled = dict(config)
    if not set(config.get("output_modalities") or ["audio"]) <= policy.output_modalities:
        settled["output_modalities"] = [policy.default_modality]
    most, asked = policy.max_output_tokens, config.get("max_output_tokens")
    if most is not None and (not isinstance(asked, int) or asked > most):
        settled["max_output_tokens"] = most
    voice = config.get("audio", {}).get("output", {}).get("voice")
    if isinstance(voice, str) and policy.voices and voice not in policy.voices:
        settled = merge_session(settled, {"audio": {"output": {"voice": policy.default_voice}}})
    heard = config.get("audio", {}).get("input", {}).get("transcription")
    if heard is not None:
        clamped = clamp_transcription(heard, policy)
        settled = merge_session(settled, {"audio": {"input": {"transcription": clamped}}})
    return settled


def _models(row: PolicyRow, voice: VoiceInEffect) -> tuple[str, ...]:
    offered = catalogue.models(voice)
    named = [name for name in row.models if not catalogue.is_transcription_model(name, voice)]
    return tuple(name for name in named if name in offered) if named else tuple(offered)


def _transcription_models(row: PolicyRow, voice: VoiceInEffect) -> list[str]:
    offered = catalogue.transcription_models(voice)
    named = [name for name in row.models if catalogue.is_transcription_model(name, voice)]
    # History is made of transcripts: where none of those named is at hand, the server's is used.
    return [name for name in named if name in offered] or (offered[:1] if named else offered)


def _default_voice(row: PolicyRow, voice: VoiceInEffect) -> str:
    if not row.voices or voice.voice in row.voices:
        return voice.voice
    return str(row.voices[0])


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
