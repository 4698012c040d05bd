"""What the database asks of the runs of this process: to end, to give way, to find a home."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from realtime.core.effects import EndReason
from realtime.models import RealtimeSession, SessionState

# Asked twice a second of all that run, and nearly always answered by nothing: one statement that is
# made once.
_AMONG = {
    "sqlite": "(SELECT value FROM json_each(%s))",
    "postgresql": "(SELECT value::bigint FROM json_array_elements_text(%s::json))",
}
_AS_WE_KNOW_IT = (
    "SELECT id, connection_id FROM {table} WHERE id IN {among}"
    " AND end_requested = %s AND conversation_id IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What the database asks of one of our connections; `reason` None: its conversation is gone."""

    connection_id: str
    reason: EndReason | None
    note: str = ""


def read_orders(connections: Sequence[tuple[int, str]]) -> list[Order]:
    """What was asked of these (session pk, connection id) pairs."""
    ours = [pk for pk, _ in connections]
    sql = _AS_WE_KNOW_IT.format(
        table=RealtimeSession._meta.db_table, among=_AMONG[connection.vendor]
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(ours), ""])
        undisturbed = dict(cursor.fetchall())
    return _orders([pair for pair in connections if undisturbed.get(pair[0]) != pair[1]])


def _orders(connections: Sequence[tuple[int, str]]) -> list[Order]:
    """The same for those of which something is asked."""
    if not connections:
        return []
    rows = {
        row[0]: row
        for row in RealtimeSession.objects.filter(pk__in=[pk for pk, _ in connections]).values_list(
            "pk", "connection_id", "end_requested", "conversation_id", "state", "end_note"
        )
    }
    orders = []
    for pk, connection_id in connections:
        row = rows.get(pk)
        if row is None:
            orders.append(Order(connection_id, EndReason.ADMIN_ENDED))
            continue
        _, owner, end_requested, conversation_id, state, end_note = row
        if owner != connection_id:
            ended = state == SessionState.ENDED
            reason = EndReason.SERVER_LOST if ended else EndReason.MOVED_DEVICE
            orders.append(Order(connection_id, reason))
        elif end_requested:
            orders.append(Order(connection_id, EndReason(end_requested), end_note))
        elif conversation_id is None:
            orders.append(Order(connection_id, None))
    return orders
