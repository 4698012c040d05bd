from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import APIException


class ConversationNotFound(Exception):
    """No such conversation, or none that the asking person may know of. Answered 404."""

    def __init__(self) -> None:
        super().__init__("No conversation with this id.")


class ReasonRequired(APIException):
    """This server asks why before it shows somebody else's words."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "reason_required"
    default_detail = "Say why you look, in the header X-Access-Reason."
