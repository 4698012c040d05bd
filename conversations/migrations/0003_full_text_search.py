from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from conversations.search import index_of


def install(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    index_of(schema_editor.connection).install(schema_editor.connection)


def remove(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    index_of(schema_editor.connection).remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("conversations", "0002_recording_gap")]

    operations = [migrations.RunPython(install, remove)]
