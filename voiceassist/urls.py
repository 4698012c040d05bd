"""Every HTTP address of the product."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from realtime.metrics_view import metrics_page
from voiceassist import pages
from voiceassist.schema_view import SchemaView

urlpatterns = [
    # Browsers ask for this on pages that name no icon, the Django admin's for one.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}favicon.svg")),
    path("healthz", pages.healthz),
    path("readyz", pages.readyz),
    path("metrics", metrics_page),
    path("admin/", admin.site.urls),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/", include("accounts.urls")),
    path("api/", include("conversations.urls")),
    path("api/me/", include("review.own.urls")),
    path("api/review/", include("review.urls")),
    path("api/admin/webhooks/", include("webhooks.urls")),
    path("api/admin/", include("administration.urls")),
    path("", include("realtime.urls")),
    re_path(r"^(?:login|settings(?:/admin)?|voice-test)?/?$", pages.app),
    path("c/<uuid:conversation_id>", pages.app),
    re_path(r"^review(?:/.*)?$", pages.app),
]

handler404 = "voiceassist.errors.not_found"
handler500 = "voiceassist.errors.server_error"
