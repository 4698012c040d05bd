"""People for the benchmark, made in the database of the server under test; run as a program with
that server's environment. Prints an access token per person, one a line."""

from __future__ import annotations

import sys
from typing import Final

import django

# A commit for each would take ten seconds; one for all would hold up the calls that run.
AT_ONCE: Final = 25


def main(count: int) -> None:
    django.setup()
    from django.db import transaction

    from accounts.models import User
    from accounts.tokens import issue_tokens

    names = [f"caller-{number:04d}" for number in range(count)]
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    User.objects.bulk_create(
        User(username=name, email=f"{name}@example.org", password="!")
        for name in names
        if name not in known
    )
    people = [*User.objects.filter(username__in=names).order_by("username")]
    for first in range(0, len(people), AT_ONCE):
        with transaction.atomic():
            tokens = [issue_tokens(one).access for one in people[first : first + AT_ONCE]]
        print(*tokens, sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
