"""Sign-in, refresh, sign-out, and one's own account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, Throttled, ValidationError
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.client_address import client_address
from accounts.models import User
from accounts.serializers import (
    MeSerializer,
    PasswordChangeSerializer,
    RefreshTokenSerializer,
    SignInSerializer,
    TokenPairSerializer,
)
from accounts.signin_limit import TooManySignIns, count_sign_in
from accounts.tokens import (
    InvalidToken,
    TokenPair,
    issue_tokens,
    revoke_refresh_token,
    rotate_refresh_token,
)
from accounts.web_client import (
    CLIENT_HEADER,
    clear_refresh_cookie,
    is_web_client,
    refresh_cookie,
    set_refresh_cookie,
)

WEB_CLIENT_PARAMETER = OpenApiParameter(
    CLIENT_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    enum=["web"],
    description="From a browser: the refresh token then travels only in an HttpOnly cookie.",
)


class TokenView(APIView):
    """Base of the views that work with refresh tokens; access tokens are not read here."""

    authentication_classes = ()
    permission_classes = ()

    def get_parsers(self) -> list[BaseParser]:
        # Scripts sign in with forms, too (`curl -d`), as simplejwt's own views let them.
        return [*super().get_parsers(), FormParser(), MultiPartParser()]

    def get_authenticate_header(self, request: Request) -> str:
        # Without it DRF would turn our 401 into 403, because no authentication class is in use.
        return 'Bearer realm="api"'


class SignInView(TokenView):
    @extend_schema(
        operation_id="sign_in",
        parameters=[WEB_CLIENT_PARAMETER],
        request={"application/json": SignInSerializer},
        responses={
            200: TokenPairSerializer,
            401: OpenApiResponse(description="`invalid_credentials`"),
            429: OpenApiResponse(description="`rate_limited`, with Retry-After"),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Exchange a user name and password for an access and a refresh token."""
        is_web = is_web_client(request)
        serializer = SignInSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        username = serializer.validated_data["username"]
        try:
            count_sign_in(username, client_address(request))
        except TooManySignIns as error:
            raise Throttled(wait=error.retry_after_s, detail=str(error)) from None
        user = authenticate(
            request, username=username, password=serializer.validated_data["password"]
        )
        if not isinstance(user, User):
            raise AuthenticationFailed(
                "The user name or the password is wrong.", code="invalid_credentials"
            )
        update_last_login(User, user)
        return _token_response(issue_tokens(user), is_web=is_web)


class RefreshView(TokenView):
    @extend_schema(
        operation_id="refresh_token",
        parameters=[WEB_CLIENT_PARAMETER],
        request={"application/json": RefreshTokenSerializer},
        responses={
            200: TokenPairSerializer,
            401: OpenApiResponse(
                description="`token_not_valid`, `token_superseded` or `token_reused`"
            ),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Use up a refresh token for a new pair. Exactly one use of a token wins."""
        is_web = is_web_client(request)
        try:
            pair = rotate_refresh_token(_refresh_token_of(request, is_web=is_web))
        except InvalidToken as error:
            raise AuthenticationFailed(str(error), code=error.code) from None
        return _token_response(pair, is_web=is_web)


class SignOutView(TokenView):
    @extend_schema(
        operation_id="sign_out",
        parameters=[WEB_CLIENT_PARAMETER],
        request={"application/json": RefreshTokenSerializer},
        responses={204: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """End the sign-in this refresh token belongs to; its access tokens die with it."""
        is_web = is_web_client(request)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        if is_web:
            clear_refresh_cookie(response)
        try:
            revoke_refresh_token(_refresh_token_of(request, is_web=is_web))
        except InvalidToken as error:
            # A browser whose cookie is gone or expired is signed out already.
            if not is_web:
                raise AuthenticationFailed(str(error), code=error.code) from None
        return response


class MeView(APIView):
    @extend_schema(operation_id="read_me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who I am and what I may do."""
        assert isinstance(request.user, User)
        return Response(MeSerializer(request.user).data)


class PasswordView(APIView):
    @extend_schema(
        operation_id="change_password",
        parameters=[WEB_CLIENT_PARAMETER],
        request=PasswordChangeSerializer,
        responses={200: TokenPairSerializer},
    )
    def post(self, request: Request) -> Response:
        """Change my password. Every token and live call of mine ends; the answer signs me in anew.

        A browser's old refresh cookie is dead afterwards: it gets a new one in this answer.
        """
        is_web = is_web_client(request)
        user = request.user
        assert isinstance(user, User)
        _count_password_check(request, user)
        serializer = PasswordChangeSerializer(data=request.data, context={"user": user})
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            user.set_password(serializer.validated_data["new_password"])
            user.save(update_fields=["password"])
            pair = issue_tokens(user)
        return _token_response(pair, is_web=is_web)


def _count_password_check(request: Request, user: User) -> None:
    """Guessing the current password with a stolen access token is as limited as signing in."""
    try:
        count_sign_in(user.get_username(), client_address(request))
    except TooManySignIns as error:
        raise Throttled(wait=error.retry_after_s, detail=str(error)) from None


def _refresh_token_of(request: Request, *, is_web: bool) -> str:
    if is_web:
        return refresh_cookie(request)
    serializer = RefreshTokenSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    refresh: str | None = serializer.validated_data.get("refresh")
    if refresh is None:
        raise ValidationError({"refresh": ["This field is required."]}, code="required")
    return refresh


def _token_response(pair: TokenPair, *, is_web: bool) -> Response:
    body: dict[str, Any] = {"access": pair.access}
    if not is_web:
        body["refresh"] = pair.refresh
    response = Response(body, headers={"Cache-Control": "no-store"})
    if is_web:
        set_refresh_cookie(response, pair.refresh)
    return response
