from __future__ import annotations

from django.urls import path, re_path

from review import views
from review.calls import views as calls

urlpatterns = [
    path("calls/", calls.CallListView.as_view(), name="review-calls"),
    path("calls/summary/", calls.CallSummaryView.as_view(), name="review-call-summary"),
    path("calls/choices/", calls.CallChoicesView.as_view(), name="review-call-choices"),
    path(
        "calls/<str:session_id>/neighbours/",
        calls.CallNeighboursView.as_view(),
        name="review-call-neighbours",
    ),
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
