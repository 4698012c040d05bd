"""How a gap in the recording of a call reads."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def gap_text(began_at: datetime, ended_at: datetime | None) -> str:
    """One sentence; the clock is the server's TIME_ZONE. `ended_at` None: it lasted to the end."""
    if ended_at is None:
        return f"Recording gap from {_clock(began_at)} on: what was said then was not recorded."
    length_s = max(0.0, (ended_at - began_at).total_seconds())
    return (
        f"Recording gap from {_clock(began_at)} to {_clock(ended_at)} ({length_s:.1f} s): what was"
        " said in between was not recorded."
    )


def _clock(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")
