"""The people of the tests, so that every access rule is tested with the same cast.

alice owns what a test is about, bob is another user who must see none of it, carol reviews (but is
no staff), dave calls the API from a script. They live in the database of the test that makes them.
"""

from __future__ import annotations

from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import issue_tokens

PASSWORD = "correct horse battery staple"
REVIEW_PERMISSIONS = ("review_conversation", "export_conversation", "end_session")


def make_alice() -> User:
    return User.objects.create_user("alice", "alice@example.org", PASSWORD)


def make_bob() -> User:
    return User.objects.create_user("bob", "bob@example.org", PASSWORD)


def make_carol() -> User:
    carol = User.objects.create_user("carol", "carol@example.org", PASSWORD)
    grant(carol, *REVIEW_PERMISSIONS)
    return carol


def make_dave() -> User:
    return User.objects.create_user("dave", "dave@example.org", PASSWORD)


def make_staff() -> User:
    """A member of staff who may enter the admin but holds no permission."""
    return User.objects.create_user("sam", "sam@example.org", PASSWORD, is_staff=True)


def make_admin() -> User:
    return User.objects.create_superuser("root", "root@example.org", PASSWORD)


def grant(user: User, *codenames: str) -> None:
    """Give permissions of conversations by codename."""
    permissions = Permission.objects.filter(
        content_type__app_label="conversations", codename__in=codenames
    )
    assert permissions.count() == len(codenames), codenames
    user.user_permissions.add(*permissions)


def access_token_of(user: User) -> str:
    """A fresh access token (JWT) of a new sign-in."""
    return issue_tokens(user).access


def client_of(user: User) -> APIClient:
    """An HTTP client that sends the user's access token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token_of(user)}")
    return client


def stranger() -> APIClient:
    """An HTTP client that sends no credentials."""
    return APIClient()
