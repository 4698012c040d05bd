"""Which policy holds for somebody."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import User
from accounts.policy_row import Policy


def policy_of(user: User) -> Policy:
    """The row of the user's groups with the lowest priority, else everybody's; never None.

    Read it anew for each session that opens: an administrator may have changed it.
    """
    of_groups = Policy.objects.filter(group__user=user).order_by("priority", "pk").first()
    if of_groups is not None:
        return of_groups
    # Its row comes with the tables; without it the server's settings alone hold.
    return Policy.objects.filter(group=None).first() or Policy()


def policies_of(user_ids: Collection[int]) -> dict[int, Policy]:
    """The same for many people at once, in two queries."""
    rows = list(Policy.objects.order_by("-priority", "-pk"))
    everybody = next((row for row in rows if row.group_id is None), None) or Policy()
    policies = dict.fromkeys(user_ids, everybody)
    memberships = User.objects.filter(pk__in=user_ids, groups__isnull=False)
    groups_of: dict[int, set[int]] = {}
    for user_id, group_id in memberships.values_list("pk", "groups"):
        groups_of.setdefault(user_id, set()).add(group_id)
    for row in rows:  # the lowest priority comes last, and stays
        for user_id, groups in groups_of.items():
            if row.group_id in groups:
                policies[user_id] = row
    return policies
