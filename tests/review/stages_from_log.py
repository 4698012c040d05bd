"""The stages of every answer, computed from a call's exported event log and nothing else.

Written from the definitions in `docs/review.md` (Latency), without a look at how the server does
it: `python -m tests.review.stages_from_log < call-events.jsonl` prints them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

Entry = dict[str, Any]
Stages = dict[str, float | None]
SOUND = {"response.output_audio.delta", "response.audio.delta"}
WORDS = {"response.output_text.delta", "response.text.delta"}


def stages_of(log: Sequence[Entry]) -> dict[str, Stages]:
    """By response id."""
    answers: dict[str, Stages] = {}
    created = positions(log, "from_provider", "response.created")
    for nth, here in enumerate(created):
        since = created[nth - 1] if nth else -1
        answers[log[here]["event"]["response"]["id"]] = one_answer(log, since, here)
    return answers


def positions(log: Sequence[Entry], direction: str, *types: str) -> list[int]:
    return [
        at
        for at, entry in enumerate(log)
        if entry["direction"] == direction and entry["type"] in types
    ]


def last(found: list[int], after: int, before: int) -> int | None:
    within = [at for at in found if after < at < before]
    return within[-1] if within else None


def one_answer(log: Sequence[Entry], since: int, here: int) -> Stages:
    """since: where the response before this one was created; here: this one."""
    commits = positions(log, "from_provider", "input_audio_buffer.committed")
    commit = last(commits, since, here)
    turn_began = last(commits, -1, here)
    asked = last(positions(log, "to_provider", "response.create"), since, here)
    output = last(tool_outputs(log), max(since, -1 if commit is None else commit), here)
    called = None
    if output is not None:
        called = first_call(log, output)
        output = output if called is not None else None
    speech = None
    if turn_began is not None and still_the_turn(log, turn_began, here):
        speech = end_of_speech(log, turn_began)

    def at(position: int | None) -> float | None:
        return None if position is None else float(log[position]["at_ms"])

    result: Stages = {"eou_ms": None if commit is None else between(speech, at(commit))}
    waits_from = at(commit) if output is None else at(output)
    queue = between(waits_from, at(asked))
    result["queue_ms"] = None if queue is None else max(0.0, queue)
    begun = [moment for moment in (at(commit), at(output), at(asked)) if moment is not None]
    result["think_ms"] = between(max(begun), at(here)) if begun else None
    result["tool_ms"] = between(at(called), at(output)) if output is not None else None
    response_id = log[here]["event"]["response"]["id"]
    first, is_sound = first_of(log, "from_provider", response_id)
    sent, _ = first_of(log, "to_client", response_id)
    result["first_audio_ms"] = between(at(here), first)
    result["relay_ms"] = between(first, sent)
    result["playout_ms"] = playout(log, response_id)
    result["v2v_ms"] = None
    heard = first if sent is None else sent
    through = between(speech, heard)
    if through is not None and is_sound:
        result["v2v_ms"] = round(through + (result["playout_ms"] or 0.0), 2)
    return result


def between(earlier: float | None, later: float | None) -> float | None:
    return None if earlier is None or later is None else round(later - earlier, 2)


def tool_outputs(log: Sequence[Entry]) -> list[int]:
    return [
        at
        for at in positions(log, "to_provider", "conversation.item.create")
        if log[at]["event"]["item"].get("type") == "function_call_output"
    ]


def first_call(log: Sequence[Entry], output: int) -> int | None:
    """The first call of those that this output, the last of its round, answers."""
    created = positions(log, "from_provider", "response.created")
    commits = positions(log, "from_provider", "input_audio_buffer.committed")
    begun = last(created, -1, output)  # the response that called
    before = -1 if begun is None else begun
    floor = max([before, *[at for at in commits if before < at < output]])
    calls = positions(log, "from_provider", "response.function_call_arguments.done")
    within = [at for at in calls if floor < at < output]
    return within[0] if within else None


def still_the_turn(log: Sequence[Entry], commit: int, here: int) -> bool:
    """Whether this response is to what was said before the commit: the first after it, or one that
    follows a tool's output, while none of the turn has been spoken to its end."""
    commits = [commit, *tool_outputs(log)]
    before = commit
    for at in positions(log, "from_provider", "response.created"):
        if not commit < at <= here:
            continue
        if not any(before <= cause < at for cause in commits):
            return False
        before = at
        if at < here and spoken_and_done(log, at, here):
            return False
    return True


def spoken_and_done(log: Sequence[Entry], created: int, here: int) -> bool:
    response_id = log[created]["event"]["response"]["id"]
    first, is_sound = first_of(log, "from_provider", response_id)
    for at in positions(log, "from_provider", "response.done"):
        response = log[at]["event"]["response"]
        if created < at < here and response["id"] == response_id:
            calls = [item for item in response["output"] if item["type"] == "function_call"]
            return first is not None and is_sound and not calls
    return False


def first_of(log: Sequence[Entry], direction: str, response_id: str) -> tuple[float | None, bool]:
    """When the first sound or word of a response passed, and whether it was sound."""
    for entry in log:
        if entry["direction"] != direction:
            continue
        if entry["type"] in SOUND | WORDS and entry["response_id"] == response_id:
            return entry["at_ms"], entry["type"] in SOUND
        begins = entry["type"] == "output_audio_buffer.started"
        if begins and entry["event"]["response_id"] == response_id:
            return entry["at_ms"], True
    return None, False


def playout(log: Sequence[Entry], response_id: str) -> float | None:
    items = {
        log[at]["event"]["item"]["id"]
        for at in positions(log, "from_provider", "response.output_item.added")
        if log[at]["event"]["response_id"] == response_id
    }
    for at in positions(log, "from_client", "voiceassist.playout"):
        told = log[at]["event"]
        if told["item_id"] in items and "playout_ms" in told:
            return round(float(told["playout_ms"]), 2)
    return None


def end_of_speech(log: Sequence[Entry], commit: int) -> float | None:
    """When the last of the speech went to the provider."""
    commits = positions(log, "from_provider", "input_audio_buffer.committed")
    before = last(commits, -1, commit)
    connected = last(positions(log, "gateway", "provider.connected"), -1, commit) or -1
    floor = max(-1 if before is None else before, connected)
    voice = "input_audio_buffer.speech_"
    began = last(positions(log, "from_provider", f"{voice}started"), floor, commit)
    stopped = last(positions(log, "from_provider", f"{voice}stopped"), floor, commit)
    runs = [
        log[at]
        for at in positions(log, "to_provider", "input_audio_buffer.append")
        if connected < at < commit
    ]
    detection = turn_detection(log, commit)
    ended: float | None = None
    if stopped is not None and (began is None or began < stopped):
        silence_ms = 0.0
        if detection.get("type") == "server_vad":
            silence_ms = float(detection.get("silence_duration_ms", 0))
        ended = round(log[stopped]["at_ms"] - silence_ms, 2)
        if runs:
            earlier = [run for run in runs if run["at_ms"] <= log[stopped]["at_ms"]]
            ended = moment_of(earlier, log[stopped]["event"]["audio_end_ms"] - silence_ms)
    elif not detection and runs:
        ended = runs[-1]["last_ms"]
    return None if ended is None else min(ended, log[commit]["at_ms"])


def moment_of(runs: Sequence[Entry], position_ms: float) -> float:
    """When the sound at this position of the provider's input went there."""
    begins = 0.0
    placed = []
    for run in runs:
        ends = round(begins + run["audio_ms"], 2)
        placed.append((begins, ends, run["at_ms"], run["last_ms"]))
        begins = ends
    chosen = [one for one in placed if one[0] < position_ms] or placed[:1]
    begins, ends, first, final = chosen[-1]
    share = min(max((position_ms - begins) / max(ends - begins, 0.01), 0.0), 1.0)
    return round(float(first + (final - first) * share), 2)


def turn_detection(log: Sequence[Entry], before: int) -> dict[str, Any]:
    told = positions(log, "from_provider", "session.created", "session.updated")
    latest = last(told, -1, before)
    if latest is None:
        return {}
    audio = log[latest]["event"]["session"].get("audio") or {}
    return (audio.get("input") or {}).get("turn_detection") or {}


if __name__ == "__main__":
    json.dump(stages_of([json.loads(line) for line in sys.stdin]), sys.stdout, indent=1)
