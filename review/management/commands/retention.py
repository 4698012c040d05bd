"""`manage.py retention [--dry-run]`: delete what has been kept for its time. For a daily timer."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from review import retention


class Command(BaseCommand):
    help = "Delete data older than the RETENTION_* settings say, or count it with --dry-run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and delete nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        done = "would be deleted" if dry_run else "deleted"
        for swept in retention.sweep(dry_run=dry_run):
            if swept.days:
                self.stdout.write(
                    f"{swept.name}: {swept.rows} {done} (older than {swept.days} days)"
                )
            else:
                self.stdout.write(f"{swept.name}: kept for ever")
