"""Writing large exports in the background: a thread of the server that was asked, no broker.

A thread that dies with its server leaves a row without a sign of life; whoever asks for it next
starts it anew.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.exceptions import APIException

from review.exports.reading import export_pieces
from review.models import Export, ExportPart

logger = logging.getLogger(__name__)

THREAD_NAME = "review-export"
PART_BYTES = 256 * 1024
LOST_AFTER = dt.timedelta(seconds=60)
_one_at_a_time = threading.Lock()


def start(export: Export) -> None:
    """Have a thread write it, once the current transaction is committed."""
    transaction.on_commit(lambda: _in_thread(export.pk))


def restart_if_lost(export: Export) -> None:
    """Call whenever somebody asks how far it is."""
    waits = export.state in {Export.State.QUEUED, Export.State.RUNNING}
    if waits and export.touched_at < timezone.now() - LOST_AFTER:
        start(export)


def forget_expired() -> int:
    """Delete the files whose time is over; returns how many."""
    expired = Export.objects.filter(expires_at__lt=timezone.now())
    count = expired.count()
    expired.delete()
    return count


def run(export_id: uuid.UUID) -> None:
    """Write the file, unless another thread is at it. Never raises: the row says how it ended."""
    now = timezone.now()
    idle = Q(state=Export.State.QUEUED) | Q(
        state=Export.State.RUNNING, touched_at__lt=now - LOST_AFTER
    )
    mine = Export.objects.filter(pk=export_id)
    if not mine.filter(idle).update(state=Export.State.RUNNING, touched_at=now, calls_done=0):
        return
    try:
        _write(mine.select_related("owner").get())
    except (PermissionDenied, APIException) as refusal:
        code = getattr(refusal, "default_code", "forbidden")
        mine.update(state=Export.State.FAILED, error_code=code)
    except Exception:
        logger.exception("export %s failed", export_id)
        mine.update(state=Export.State.FAILED, error_code="internal_error")


def _write(export: Export) -> None:
    row = Export.objects.filter(pk=export.pk)

    def tell(calls_done: int) -> None:
        row.update(calls_done=calls_done, touched_at=timezone.now())

    ExportPart.objects.filter(export=export).delete()
    number, part = 0, bytearray()
    for piece in export_pieces(
        export.owner, export.session_ids, export.format, export.reason, tell
    ):
        part.extend(piece)
        if len(part) >= PART_BYTES:
            number = _keep(export, number, part)
    _keep(export, number, part)
    row.update(state=Export.State.DONE, touched_at=timezone.now(), calls_done=export.calls)


def _keep(export: Export, number: int, part: bytearray) -> int:
    ExportPart.objects.create(export=export, number=number, data=bytes(part))
    part.clear()
    return number + 1


def _in_thread(export_id: uuid.UUID) -> None:
    threading.Thread(target=_take_turn, args=(export_id,), name=THREAD_NAME, daemon=True).start()


def _take_turn(export_id: uuid.UUID) -> None:
    try:
        with _one_at_a_time:
            run(export_id)
    finally:
        connection.close()
