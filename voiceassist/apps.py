from __future__ import annotations

from django.apps import AppConfig


class VoiceAssistConfig(AppConfig):
    name = "voiceassist"

    def ready(self) -> None:
        from voiceassist import checks  # noqa: F401  (registers the system checks)
