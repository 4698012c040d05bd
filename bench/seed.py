"""People for the benchmark, made in the database of the server under test; run as a program with
that server's environment. Prints an access token per person, one a line."""

from __future__ import annotations

import sys

import django


def main(count: int) -> None:
    django.setup()
    from accounts.models import User
    from accounts.tokens import issue_tokens

    names = [f"caller-{number:04d}" for number in range(count)]
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    User.objects.bulk_create(
        User(username=name, email=f"{name}@example.org", password="!")
        for name in names
        if name not in known
    )
    for user in User.objects.filter(username__in=names).order_by("username"):
        print(issue_tokens(user).access)


if __name__ == "__main__":
    main(int(sys.argv[1]))
