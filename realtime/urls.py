"""The HTTP addresses of sessions: ours under `api/`, OpenAI's under `v1/`."""

from __future__ import annotations

from django.urls import path

from realtime import openai_views, views

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
    path("v1/models", openai_views.ModelsView.as_view(), name="models"),
]
