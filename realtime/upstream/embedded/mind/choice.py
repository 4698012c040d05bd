"""Which mind a provider gets."""

from __future__ import annotations

from realtime.upstream.embedded.mind.chat import ChatMind
from realtime.upstream.embedded.mind.rules import RuleMind
from realtime.upstream.embedded.ports import Mind


def choose_mind(base_url: str = "", api_key: str = "", model: str = "") -> Mind:
    """A chat endpoint when `base_url` names one, else the rules."""
    return ChatMind(base_url, api_key=api_key, model=model) if base_url else RuleMind()
