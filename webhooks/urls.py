from __future__ import annotations

from django.urls import path

from webhooks import views

urlpatterns = [
    path("", views.EndpointListView.as_view(), name="webhooks"),
    path("<uuid:endpoint_id>/", views.EndpointView.as_view(), name="webhook"),
    path("<uuid:endpoint_id>/secret/", views.SecretView.as_view(), name="webhook-secret"),
    path("<uuid:endpoint_id>/test/", views.TestEventView.as_view(), name="webhook-test"),
    path(
        "<uuid:endpoint_id>/deliveries/",
        views.DeliveryListView.as_view(),
        name="webhook-deliveries",
    ),
    path("deliveries/<uuid:delivery_id>/", views.DeliveryView.as_view(), name="webhook-delivery"),
    path(
        "deliveries/<uuid:delivery_id>/replay/",
        views.ReplayView.as_view(),
        name="webhook-replay",
    ),
]
