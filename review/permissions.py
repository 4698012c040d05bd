"""Who may use which part of the review. Asked before anything is looked up: a refusal says nothing
about what exists. While reading is switched off, nobody may use any."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from conversations.access import (
    END_SESSION,
    EXPORT_CONVERSATION,
    REVIEW_CONVERSATION,
    may_review,
)


class MayReview(BasePermission):
    permission: ClassVar[str] = REVIEW_CONVERSATION

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, AbstractUser) and may_review(request.user, self.permission)


class MayExport(MayReview):
    permission = EXPORT_CONVERSATION


class MayEndSession(MayReview):
    permission = END_SESSION
