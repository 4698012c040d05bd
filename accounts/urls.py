from __future__ import annotations

from django.urls import path

from accounts import api_key_views, views

urlpatterns = [
    path("token/", views.SignInView.as_view(), name="token"),
    path("token/refresh/", views.RefreshView.as_view(), name="token-refresh"),
    path("token/logout/", views.SignOutView.as_view(), name="token-logout"),
    path("me/", views.MeView.as_view(), name="me"),
    path("me/password/", views.PasswordView.as_view(), name="me-password"),
    path("keys/", api_key_views.ApiKeyListView.as_view(), name="api-keys"),
    path("keys/<uuid:key_id>/", api_key_views.ApiKeyView.as_view(), name="api-key"),
]
