"""Which policy holds for somebody."""

from __future__ import annotations

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
