"""`POST /api/token/refresh/` and `/logout/`: a refresh token works exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from rest_framework.test import APIClient

from accounts.models import RefreshToken, TokenFamily, User
from accounts.tokens import (
    InvalidToken,
    TokenPair,
    authenticate_access_token,
    issue_tokens,
    rotate_refresh_token,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def refresh(token: str) -> tuple[int, dict[str, str]]:
    answer = APIClient().post("/api/token/refresh/", {"refresh": token})
    return answer.status_code, answer.json()


def let_time_pass(seconds: float) -> None:
    """Age every use of a token, as if it had happened earlier."""
    RefreshToken.objects.update(used_at=F("used_at") - timedelta(seconds=seconds))


def test_refresh_gives_a_new_pair_that_works(alice: User) -> None:
    first = issue_tokens(alice)
    status, second = refresh(first.refresh)
    assert status == 200
    assert second["refresh"] != first.refresh
    assert authenticate_access_token(second["access"]) == alice
    assert refresh(second["refresh"])[0] == 200


def test_loser_within_ten_seconds_is_401_and_the_winner_stays_signed_in(alice: User) -> None:
    pair = issue_tokens(alice)
    _, winner = refresh(pair.refresh)
    let_time_pass(9)
    status, problem = refresh(pair.refresh)
    assert (status, problem["code"]) == (401, "token_superseded")
    assert authenticate_access_token(winner["access"]) == alice
    assert refresh(winner["refresh"])[0] == 200


def test_reuse_after_ten_seconds_ends_the_whole_sign_in(alice: User) -> None:
    pair = issue_tokens(alice)
    _, winner = refresh(pair.refresh)
    let_time_pass(11)
    status, problem = refresh(pair.refresh)
    assert (status, problem["code"]) == (401, "token_reused")
    assert refresh(winner["refresh"])[0] == 401
    with pytest.raises(InvalidToken):
        authenticate_access_token(winner["access"])


def test_used_tokens_are_forgotten_after_a_while_and_still_recognised(alice: User) -> None:
    first = issue_tokens(alice)
    _, second = refresh(first.refresh)
    let_time_pass(2 * 3600)
    _, third = refresh(second["refresh"])
    assert RefreshToken.objects.count() == 2
    status, problem = refresh(first.refresh)
    assert (status, problem["code"]) == (401, "token_reused")
    assert refresh(third["refresh"])[0] == 401


def test_reuse_leaves_other_sign_ins_alone(alice: User) -> None:
    stolen, other = issue_tokens(alice), issue_tokens(alice)
    refresh(stolen.refresh)
    let_time_pass(60)
    refresh(stolen.refresh)
    assert refresh(other.refresh)[0] == 200


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_what_is_no_refresh_token_is_401(db: None, token: str) -> None:
    status, problem = refresh(token)
    assert (status, problem["code"]) == (401, "token_not_valid")


def test_access_token_is_no_refresh_token(alice: User) -> None:
    assert refresh(issue_tokens(alice).access)[0] == 401


def test_missing_token_is_400(stranger: APIClient, db: None) -> None:
    assert stranger.post("/api/token/refresh/", {}).status_code == 400
    assert stranger.post("/api/token/logout/", {}).status_code == 400


def test_deactivated_user_cannot_refresh(alice: User) -> None:
    pair = issue_tokens(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert refresh(pair.refresh)[0] == 401


def test_sign_out_ends_access_and_refresh_of_this_sign_in_alone(
    alice: User, stranger: APIClient
) -> None:
    here, elsewhere = issue_tokens(alice), issue_tokens(alice)
    assert stranger.post("/api/token/logout/", {"refresh": here.refresh}).status_code == 204
    assert refresh(here.refresh)[0] == 401
    with pytest.raises(InvalidToken):
        authenticate_access_token(here.access)
    assert authenticate_access_token(elsewhere.access) == alice


def test_signing_out_twice_is_fine_and_garbage_is_401(alice: User, stranger: APIClient) -> None:
    pair = issue_tokens(alice)
    for _ in range(2):
        answer = stranger.post("/api/token/logout/", {"refresh": pair.refresh})
        assert answer.status_code == 204
    assert stranger.post("/api/token/logout/", {"refresh": "garbage"}).status_code == 401


def test_expired_tokens_are_forgotten_at_the_next_sign_in(alice: User) -> None:
    issue_tokens(alice)
    RefreshToken.objects.update(expires_at=F("expires_at") - timedelta(days=30))
    issue_tokens(alice)
    assert RefreshToken.objects.count() == 1
    assert TokenFamily.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_refreshes_at_once_exactly_one_wins(alice: User) -> None:
    pair = issue_tokens(alice)
    results = at_once([lambda: rotate_refresh_token(pair.refresh)] * 10)
    winners = [result for result in results if isinstance(result, TokenPair)]
    losers = [result.code for result in results if isinstance(result, InvalidToken)]
    assert len(winners) == 1, results
    assert losers == ["token_superseded"] * 9
    assert isinstance(rotate_refresh_token(winners[0].refresh), TokenPair)
