"""Which policy holds for somebody."""

from __future__ import annotations

from collections.abc import Collection

from accounts.kept_rows import kept
from accounts.models import User
from accounts.policy_row import Policy


def policy_of(user: User) -> Policy:
    """The row of the user's groups with the lowest priority, else everybody's; never None.

    For reading alone. Ask anew for each session that opens: an administrator may have changed it.
    """
    return policies_of([user.pk])[user.pk]


def policies_of(user_ids: Collection[int]) -> dict[int, Policy]:
    """The same for many people at once, in one query, or none while no group has a policy."""
    rows = kept(Policy)
    # Its row comes with the tables; without it the server's settings alone hold.
    everybody = next((row for row in rows if row.group_id is None), None) or Policy()
    policies = dict.fromkeys(user_ids, everybody)
    group_ids = [row.group_id for row in rows if row.group_id is not None]
    if not group_ids:
        return policies
    members = User.groups.through._default_manager.filter(
        user_id__in=user_ids, group_id__in=group_ids
    )
    groups_of: dict[int, set[int]] = {}
    for user_id, group_id in members.values_list("user_id", "group_id"):
        groups_of.setdefault(user_id, set()).add(group_id)
    for user_id, groups in groups_of.items():  # the rows with the lowest priority come first
        policies[user_id] = next(row for row in rows if row.group_id in groups)
    return policies
