from __future__ import annotations

from django.urls import path, re_path

from review import views

urlpatterns = [
    path("conversations/", views.ReviewListView.as_view(), name="review-conversations"),
    path(
        "conversations/<str:conversation_id>/",
        views.ReviewConversationView.as_view(),
        name="review-conversation",
    ),
    path(
        "conversations/<str:conversation_id>/export/",
        views.ReviewExportView.as_view(),
        name="review-conversation-export",
    ),
    path("sessions/<str:session_id>/end", views.EndSessionView.as_view(), name="review-end"),
    re_path(r"^.*$", views.NothingHereView.as_view()),
]
