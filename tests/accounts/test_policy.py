"""Which policy holds for whom, and how an administrator edits it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Policy, User
from accounts.policy import policy_of

pytestmark = pytest.mark.django_db
POLICIES = "/admin/accounts/policy/"


@pytest.fixture
def browser(admin: User, client: Client) -> Client:
    client.force_login(admin)
    return client


def row_for(user: User, name: str, **fields: Any) -> Policy:
    group = Group.objects.create(name=name)
    user.groups.add(group)
    return Policy.objects.create(group=group, **fields)


def form(**fields: Any) -> dict[str, Any]:
    return {"priority": "100", "allow_system_items": "on", **fields}


def test_everybody_is_held_to_the_row_without_a_group(alice: User) -> None:
    row = policy_of(alice)
    assert row == Policy.objects.get(group=None)
    assert (row.models, row.max_tools, row.allow_mcp, row.allow_system_items) == (
        [],
        None,
        False,
        True,
    )


def test_a_group_has_a_row_of_its_own(alice: User, bob: User) -> None:
    row = row_for(alice, "interns", max_tools=0)
    assert policy_of(alice) == row
    assert policy_of(bob).group is None


def test_of_several_groups_the_lowest_priority_wins(alice: User) -> None:
    row_for(alice, "interns", priority=50)
    testers = row_for(alice, "testers", priority=10)
    row_for(alice, "everyone", priority=90)
    alice.groups.add(Group.objects.create(name="without a policy"))
    assert policy_of(alice) == testers


def test_a_server_without_any_row_has_its_settings_alone(alice: User) -> None:
    Policy.objects.all().delete()
    assert policy_of(alice).allow_mcp is False


def test_there_is_one_row_per_group_and_one_for_everybody_else(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.create(group=None)
    with pytest.raises(ValidationError, match="already"):
        Policy(group=None).full_clean()


def test_lists_are_edited_one_name_per_line(browser: Client) -> None:
    group = Group.objects.create(name="interns")
    fields = form(group=group.pk, models="gpt-realtime-2.1-mini\n", voices="cedar, marin")
    assert browser.post(f"{POLICIES}add/", fields).status_code == 302
    row = Policy.objects.get(group=group)
    assert (row.models, row.voices) == (["gpt-realtime-2.1-mini"], ["cedar", "marin"])
    page = browser.get(f"{POLICIES}{row.pk}/change/").content.decode()
    assert "cedar\nmarin" in page
    assert "one per line" in page
    assert browser.get(POLICIES).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("output_modalities", "video", "neither audio nor text"),
        ("voices", "cedar\ncedar", "Give each name once."),
        ("models", "x" * 101, "is no name"),
        ("max_output_tokens", "0", "greater than or equal to 1"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(
    browser: Client, field: str, value: str, sentence: str
) -> None:
    group = Group.objects.create(name="interns")
    page = browser.post(f"{POLICIES}add/", form(group=group.pk, **{field: value}))
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not Policy.objects.filter(group=group).exists()


def test_a_value_that_is_no_list_of_names_is_no_value() -> None:
    for wrong in ("cedar", [7], [""]):
        with pytest.raises(ValidationError):
            Policy(group=None, voices=wrong).clean_fields()


def test_the_row_for_everybody_else_stays_theirs(browser: Client) -> None:
    row = Policy.objects.get(group=None)
    assert browser.post(f"{POLICIES}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    group = Group.objects.create(name="interns")
    changed = browser.post(f"{POLICIES}{row.pk}/change/", form(group=group.pk, max_tools="3"))
    assert changed.status_code == 302
    row.refresh_from_db()
    assert (row.group, row.max_tools) == (None, 3)
    other = Policy.objects.create(group=group)
    browser.post(f"{POLICIES}{other.pk}/delete/", {"post": "yes"})
    assert not Policy.objects.filter(pk=other.pk).exists()
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    browser.post(POLICIES, chosen)
    assert Policy.objects.filter(pk=row.pk).exists()
