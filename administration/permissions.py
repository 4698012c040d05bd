"""Who may set what holds for everybody on this server."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User

ADMINISTER_VOICE = "realtime.administer_voice"


class MayAdminister(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        person = request.user
        return isinstance(person, AbstractUser) and person.has_perm(ADMINISTER_VOICE)


class StillNeeded(APIException):
    """What was to be switched off, changed or deleted is what something else stands on."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "still_needed"


def administrator(request: Request) -> User:
    """The signed-in person; the permission class lets no other through."""
    assert isinstance(request.user, User)
    return request.user
