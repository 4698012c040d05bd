from __future__ import annotations

from django.urls import path, re_path

from review import views
from review.calls import trace_views as traces
from review.calls import views as calls
from review.exports import views as exports
from review.live import views as live
from review.marks import views as marks
from review.usage.views import UsageBoardView

urlpatterns = [
    path("calls/", calls.CallListView.as_view(), name="review-calls"),
    path("calls/summary/", calls.CallSummaryView.as_view(), name="review-call-summary"),
    path("calls/choices/", calls.CallChoicesView.as_view(), name="review-call-choices"),
    path("calls/export/", exports.ExportNowView.as_view(), name="review-calls-export"),
    path("exports/", exports.ExportListView.as_view(), name="review-exports"),
    path("exports/<uuid:export_id>/", exports.ExportView.as_view(), name="review-export"),
    path(
        "exports/<uuid:export_id>/file",
        exports.ExportFileView.as_view(),
        name="review-export-file",
    ),
    path("calls/bulk/", marks.BulkView.as_view(), name="review-calls-bulk"),
    path("calls/<str:session_id>/", calls.CallView.as_view(), name="review-call"),
    path("calls/<str:session_id>/review/", marks.ReviewStatusView.as_view(), name="review-status"),
    path("calls/<str:session_id>/tags/", marks.CallTagsView.as_view(), name="review-call-tags"),
    path(
        "calls/<str:session_id>/tags/<int:tag_id>/",
        marks.CallTagView.as_view(),
        name="review-call-tag",
    ),
    path("calls/<str:session_id>/comments/", marks.CommentsView.as_view(), name="review-comments"),
    path("comments/<int:comment_id>/", marks.CommentView.as_view(), name="review-comment"),
    path("tags/", marks.TagListView.as_view(), name="review-tags"),
    path("views/", marks.SavedViewListView.as_view(), name="review-views"),
    path("views/<int:view_id>/", marks.SavedViewView.as_view(), name="review-view"),
    path(
        "calls/<str:session_id>/neighbours/",
        calls.CallNeighboursView.as_view(),
        name="review-call-neighbours",
    ),
    path("live/", live.LiveFloorView.as_view(), name="review-live"),
    path("live/<str:session_id>/", live.LiveCallView.as_view(), name="review-live-call"),
    path(
        "calls/<str:session_id>/latency/",
        traces.CallLatencyView.as_view(),
        name="review-call-latency",
    ),
    path(
        "calls/<str:session_id>/events/", traces.CallEventsView.as_view(), name="review-call-events"
    ),
    path(
        "calls/<str:session_id>/events/export/",
        traces.CallEventsExportView.as_view(),
        name="review-call-events-export",
    ),
    path("usage/", UsageBoardView.as_view(), name="review-usage"),
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
