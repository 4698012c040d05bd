"""What migrations write, put back after a test that emptied every table."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, transaction


class SeededRows:
    """Read when made, before any test has run. In place of what Django keeps for this purpose: that
    is read and written one row at a time, which took a sixth of these suites."""

    def __init__(self) -> None:
        kinds = [
            kind
            for kind in apps.get_models(include_auto_created=True)
            if kind._meta.managed and not kind._meta.proxy
        ]
        self._rows = {kind: [*kind._base_manager.all()] for kind in kinds}

    def stand_in(self) -> None:
        """Have `serialized_rollback` put back these."""
        creation: Any = connection.creation
        creation.deserialize_db_from_string = self._put_back

    def _put_back(self, _serialized: str) -> None:
        with transaction.atomic():  # foreign keys are checked at its end
            for kind, rows in self._rows.items():
                # those that are there: the first test of all finds every one
                kind._base_manager.bulk_create(rows, ignore_conflicts=True)
