from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConversationsConfig(AppConfig):
    name = "conversations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_keep_search_index, sender=self)


def _keep_search_index(using: str, plan: Any = None, **_: Any) -> None:
    """A later migration may have rebuilt the table of items, and so lost what keeps the index."""
    from django.db import connections

    from conversations.models import Item
    from conversations.search import index_of

    database = connections[using]
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
    if Item._meta.db_table in tables:
        index_of(database).install(database)
