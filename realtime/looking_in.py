"""What goes on in this process's sessions, told to a process whose reviewers look in.

A process is asked once a second while somebody looks, and reads the answer off its sessions then;
it keeps nothing, and while nobody looks it does nothing.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any, Final

from realtime import server_group
from realtime.live import LiveSession

ASK: Final = "glances.ask"
TELL: Final = "glances.tell"


def question(channel: str, opened: Collection[str]) -> server_group.Message:
    """Ask all processes. They answer on `channel`, with the words of the `opened` sessions."""
    return {"type": ASK, "channel": channel, "opened": list(opened)}


async def answer(asked: server_group.Message, running: Iterable[LiveSession]) -> None:
    """Answer a `question`; a process without sessions need not."""
    opened = frozenset(asked["opened"])
    glances = [glance(session, with_words=session.public_id in opened) for session in running]
    if glances:
        await server_group.answer(asked["channel"], {"type": TELL, "glances": glances})


def glance(session: LiveSession, *, with_words: bool) -> dict[str, Any]:
    """{session_id, activity, lines?}; lines are those of `realtime.core.glance`."""
    machine = session.runner.session
    seen: dict[str, Any] = {
        "session_id": session.public_id,
        "activity": machine.activity(time.monotonic()).value,
    }
    if with_words:
        seen["lines"] = [asdict(line) for line in machine.latest_lines()]
    return seen
