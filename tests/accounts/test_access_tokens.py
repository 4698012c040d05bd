"""Which bearer credentials open the API, and when they stop to."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import TokenFamily, User
from accounts.tokens import InvalidToken, authenticate_access_token, issue_tokens
from tests.people import access_token_of

pytestmark = pytest.mark.django_db


def status_with(authorization: str) -> int:
    return APIClient().get("/api/me/", HTTP_AUTHORIZATION=authorization).status_code


def resigned(token: str, key: str, **changes: object) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode({**claims, **changes}, key, algorithm="HS256")


def test_access_token_lives_five_minutes(alice: User) -> None:
    claims = jwt.decode(access_token_of(alice), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 300
    assert claims["token_type"] == "access"


def test_access_token_speaks_for_its_user(alice: User, bob: User) -> None:
    assert authenticate_access_token(access_token_of(bob)) == bob


def test_anonymous_caller_is_401_with_a_challenge(stranger: APIClient, db: None) -> None:
    answer = stranger.get("/api/me/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Bearer two words",
        "Bearer ek_0123456789abcdef",
        "Bearer va_0123456789abcdef",
        "Bearer \xff\xfe",
    ],
)
def test_credentials_that_open_nothing_are_401(db: None, authorization: str) -> None:
    assert status_with(authorization) == 401


def test_refresh_token_is_no_access_token(alice: User) -> None:
    assert status_with(f"Bearer {issue_tokens(alice).refresh}") == 401


def test_token_signed_with_another_key_is_401(alice: User) -> None:
    assert status_with(f"Bearer {resigned(access_token_of(alice), 'k' * 64)}") == 401


def test_unsigned_token_is_401(alice: User) -> None:
    claims = jwt.decode(access_token_of(alice), options={"verify_signature": False})
    assert status_with(f"Bearer {jwt.encode(claims, '', algorithm='none')}") == 401


def test_token_whose_user_was_exchanged_is_401(alice: User, bob: User) -> None:
    forged = resigned(access_token_of(alice), settings.SECRET_KEY, user_id=str(bob.pk))
    assert status_with(f"Bearer {forged}") == 401


def test_expired_token_is_401(alice: User) -> None:
    old = resigned(
        access_token_of(alice),
        settings.SECRET_KEY,
        exp=int((timezone.now() - timedelta(seconds=1)).timestamp()),
    )
    assert status_with(f"Bearer {old}") == 401


def test_token_without_a_family_is_401(alice: User) -> None:
    assert status_with(f"Bearer {AccessToken.for_user(alice)}") == 401


def test_token_of_a_revoked_family_is_401(alice: User) -> None:
    token = access_token_of(alice)
    TokenFamily.objects.update(revoked_at=timezone.now())
    assert status_with(f"Bearer {token}") == 401


def test_token_of_an_earlier_epoch_is_invalid(alice: User) -> None:
    token = access_token_of(alice)
    User.objects.filter(pk=alice.pk).update(token_epoch=7)
    with pytest.raises(InvalidToken):
        authenticate_access_token(token)


def test_token_of_a_user_deactivated_behind_our_back_is_invalid(alice: User) -> None:
    token = access_token_of(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(InvalidToken):
        authenticate_access_token(token)


def test_token_of_a_deleted_user_is_invalid(alice: User) -> None:
    token = access_token_of(alice)
    alice.delete()
    with pytest.raises(InvalidToken):
        authenticate_access_token(token)


def test_checking_a_token_takes_one_query(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token = access_token_of(alice)
    with django_assert_num_queries(1):
        authenticate_access_token(token)
