from __future__ import annotations

from django.urls import path

from conversations import views

# <str>, not <uuid>: what is no id gets the same answer as an unknown one, after authentication.
urlpatterns = [
    path("conversations/", views.ConversationListView.as_view(), name="conversations"),
    path(
        "conversations/<str:conversation_id>/",
        views.ConversationView.as_view(),
        name="conversation",
    ),
    path(
        "conversations/<str:conversation_id>/items/",
        views.ItemListView.as_view(),
        name="conversation-items",
    ),
    path(
        "conversations/<str:conversation_id>/export/",
        views.ExportView.as_view(),
        name="conversation-export",
    ),
]
