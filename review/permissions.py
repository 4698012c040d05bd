"""Who may use which part of the review. Asked before anything is looked up: a refusal says nothing
about what exists."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from conversations.access import END_SESSION, EXPORT_CONVERSATION, REVIEW_CONVERSATION


class MayReview(BasePermission):
    permission: ClassVar[str] = REVIEW_CONVERSATION

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.user.is_authenticated and request.user.has_perm(self.permission)


class MayExport(MayReview):
    permission = EXPORT_CONVERSATION


class MayEndSession(MayReview):
    permission = END_SESSION
