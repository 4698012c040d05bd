from __future__ import annotations

from django.urls import path, re_path

from administration import catalogue_views, limits, retention, views

urlpatterns = [
    path("voice/", views.VoiceSettingsView.as_view(), name="admin-voice"),
    path("provider/check/", views.ProviderCheckView.as_view(), name="admin-provider-check"),
    path("models/", catalogue_views.ModelListView.as_view(), name="admin-models"),
    path("models/<int:model_id>/", catalogue_views.ModelView.as_view(), name="admin-model"),
    path(
        "models/<int:model_id>/prices/",
        catalogue_views.PriceListView.as_view(),
        name="admin-prices",
    ),
    path("prices/<int:price_id>/", catalogue_views.PriceView.as_view(), name="admin-price"),
    path("voices/", catalogue_views.VoiceListView.as_view(), name="admin-voices"),
    path("voices/<int:voice_id>/", catalogue_views.VoiceView.as_view(), name="admin-one-voice"),
    path("limits/", limits.LimitListView.as_view(), name="admin-limits"),
    path("limits/<int:policy_id>/", limits.LimitView.as_view(), name="admin-group-limits"),
    path("retention/", retention.RetentionView.as_view(), name="admin-retention"),
    path(
        "retention/preview/",
        retention.RetentionPreviewView.as_view(),
        name="admin-retention-preview",
    ),
    path("reading/", views.ReadingView.as_view(), name="admin-reading"),
    path("changes/", views.ChangeListView.as_view(), name="admin-changes"),
    re_path(r"^.*$", views.NothingHereView.as_view()),
]
