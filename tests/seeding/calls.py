"""Thousands of calls of realistic shape in seconds: `python -m tests.seeding.calls --calls 5000`.

The same seed gives the same calls. They begin within the 60 days before now, in the database of the
settings, which must hold no calls of an earlier seeding.
"""

from __future__ import annotations

import argparse
import os
import time

import django


def main() -> None:
    parser = argparse.ArgumentParser(description="Write generated calls into the database.")
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    wished = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceassist.settings")
    django.setup()
    from tests.seeding.writing import seed_calls

    began = time.monotonic()
    seeded = seed_calls(wished.calls, wished.seed)
    print(
        f"{len(seeded.sessions)} calls with {len(seeded.items)} items"
        f" in {time.monotonic() - began:.1f} s"
    )


if __name__ == "__main__":
    main()
