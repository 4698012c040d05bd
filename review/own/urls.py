"""Below `/api/me/`."""

from __future__ import annotations

from django.urls import path, re_path

from review.own import views

urlpatterns = [
    path("access-log/", views.OwnAccessLogView.as_view(), name="own-access-log"),
    re_path(r"^export/?$", views.OwnArchiveView.as_view(), name="own-archive"),
    re_path(r"^conversations/?$", views.OwnConversationsView.as_view(), name="own-conversations"),
]
