"""`/api/keys/`: one's own API keys. No key is let in here: a key cannot make or revoke keys."""

from __future__ import annotations

import uuid

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_key_serializers import (
    ApiKeyListSerializer,
    ApiKeySerializer,
    ApiKeyWishSerializer,
    IssuedApiKeySerializer,
)
from accounts.api_keys import TooManyKeys, issue_api_key, keys_of, revoke_api_key
from accounts.models import User


class KeyLimitReached(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "too_many_keys"


class ApiKeyListView(APIView):
    @extend_schema(operation_id="list_api_keys", responses=ApiKeyListSerializer)
    def get(self, request: Request) -> Response:
        """My API keys that are not revoked, the newest first; never the keys themselves."""
        keys = ApiKeySerializer(keys_of(_owner(request)), many=True)
        return Response({"results": keys.data})

    @extend_schema(
        operation_id="create_api_key",
        request=ApiKeyWishSerializer,
        responses={
            201: IssuedApiKeySerializer,
            409: OpenApiResponse(description="`too_many_keys`"),
        },
    )
    def post(self, request: Request) -> Response:
        """Make an API key. Its `key` stands in this answer alone: keep it now."""
        wish = ApiKeyWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        try:
            issued = issue_api_key(_owner(request), **wish.validated_data)
        except TooManyKeys as error:
            raise KeyLimitReached(str(error)) from None
        return Response(
            {**ApiKeySerializer(issued.row).data, "key": issued.value},
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )


class ApiKeyView(APIView):
    @extend_schema(operation_id="revoke_api_key", responses={204: None})
    def delete(self, request: Request, key_id: uuid.UUID) -> Response:
        """Revoke one of my keys: it opens nothing any more, and what it had opened ends."""
        key = keys_of(_owner(request)).filter(pk=key_id).first()
        if key is None:
            raise Http404
        revoke_api_key(key)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _owner(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user
