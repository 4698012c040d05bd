"""Whether what the latency tab shows of a call is what its event log says."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from tests.contract.gateway import Gateway, ended
from tests.review.stages_from_log import stages_of

Turn = dict[str, Any]


async def turns_that_equal_the_log(gateway: Gateway, session_id: str) -> list[Turn]:
    """The turns that REST shows of a call that is over, each held against the exported log."""
    await ended(gateway, session_id)
    call = f"/api/review/calls/{session_id}/"

    def log() -> list[dict[str, Any]]:
        told = gateway.request("GET", f"{call}events/export/", person="admin")
        assert told.status_code == 200, told.text
        return [json.loads(line) for line in told.text.splitlines()]

    deadline = time.monotonic() + 30
    while not any(entry["type"] == "session.ended" for entry in log()):
        assert time.monotonic() < deadline, "the log was not written"
        await asyncio.sleep(0.1)
    seen = log()
    answer = gateway.request("GET", f"{call}latency/", person="admin")
    assert answer.status_code == 200, answer.text
    turns: list[Turn] = answer.json()["turns"]
    computed = stages_of(seen)
    assert [turn["response_id"] for turn in turns] == list(computed)
    for turn in turns:
        ours = computed[turn["response_id"]]
        shown = {name: turn["stages"][name] for name in ours}
        assert shown == ours, f"shown {shown}, the log says {ours}"
    return turns
