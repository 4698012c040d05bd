from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from webhooks.models import MANAGE_WEBHOOKS


class MayManageWebhooks(BasePermission):
    """Asked before anything is looked up: a refusal says nothing about what exists."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, AbstractUser) and request.user.has_perm(MANAGE_WEBHOOKS)
