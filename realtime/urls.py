"""The HTTP addresses of sessions: ours under `api/`, OpenAI's under `v1/`."""

from __future__ import annotations

from django.urls import path

from realtime import beta_views, calls_views, openai_views, usage_views, views
from realtime.headless import stream_views, turn_views
from realtime.headless import views as headless_views


class SessionsView(headless_views.StartView, views.SessionListView):
    """Two faces share this address: GET lists, POST starts a headless session."""


urlpatterns = [
    path("api/voice/realtime-session", views.MintView.as_view(), name="realtime-session"),
    path("api/voice/status", views.StatusView.as_view(), name="voice-status"),
    path("api/voice/sessions/", SessionsView.as_view(), name="voice-sessions"),
    path(
        "api/voice/sessions/<str:public_id>/",
        views.SessionView.as_view(),
        name="voice-session",
    ),
    path(
        "api/voice/sessions/<str:public_id>/text",
        headless_views.TextView.as_view(),
        name="voice-session-text",
    ),
    path(
        "api/voice/sessions/<str:public_id>/audio",
        headless_views.AudioView.as_view(),
        name="voice-session-audio",
    ),
    path(
        "api/voice/sessions/<str:public_id>/commit",
        headless_views.CommitView.as_view(),
        name="voice-session-commit",
    ),
    path(
        "api/voice/sessions/<str:public_id>/stop",
        headless_views.StopView.as_view(),
        name="voice-session-stop",
    ),
    path(
        "api/voice/sessions/<str:public_id>/events",
        stream_views.EventsView.as_view(),
        name="voice-session-events",
    ),
    path(
        "api/voice/sessions/<str:public_id>/transcript",
        stream_views.TranscriptView.as_view(),
        name="voice-session-transcript",
    ),
    path(
        "api/voice/sessions/<str:public_id>/audio.wav",
        stream_views.SoundView.as_view(),
        name="voice-session-sound",
    ),
    path("api/voice/turns", turn_views.TurnView.as_view(), name="voice-turns"),
    path("api/me/usage/", usage_views.OwnUsageView.as_view(), name="own-usage"),
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
    path("v1/realtime/calls", calls_views.CallsView.as_view(), name="calls"),
    path(
        "v1/realtime/calls/<str:call_id>/hangup",
        calls_views.HangupView.as_view(),
        name="call-hangup",
    ),
    path("v1/models", openai_views.ModelsView.as_view(), name="models"),
]
