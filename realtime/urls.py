"""The HTTP addresses of sessions: ours under `api/`, OpenAI's under `v1/`."""

from __future__ import annotations

from django.urls import path

from realtime import beta_views, openai_views, views

urlpatterns = [
    path("api/voice/realtime-session", views.MintView.as_view(), name="realtime-session"),
    path("api/voice/status", views.StatusView.as_view(), name="voice-status"),
    path("api/voice/sessions/", views.SessionListView.as_view(), name="voice-sessions"),
    path(
        "api/voice/sessions/<str:public_id>/",
        views.SessionView.as_view(),
        name="voice-session",
    ),
    path("api/limits", views.LimitsView.as_view(), name="limits"),
    path(
        "v1/realtime/client_secrets",
        openai_views.ClientSecretsView.as_view(),
        name="client-secrets",
    ),
    path("v1/realtime/sessions", beta_views.BetaSessionsView.as_view(), name="beta-sessions"),
    path(
        "v1/realtime/transcription_sessions",
        beta_views.BetaTranscriptionSessionsView.as_view(),
        name="beta-transcription-sessions",
    ),
    path(
        "v1/realtime/translations/client_secrets",
        openai_views.TranslationSecretsView.as_view(),
        name="translation-secrets",
    ),
    path("v1/models/<str:name>", openai_views.ModelView.as_view(), name="model"),
    path("v1/models", openai_views.ModelsView.as_view(), name="models"),
]
