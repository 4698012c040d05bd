"""How cost grows: a peer that does not carry a crowd has no figure there, and it is said."""

from __future__ import annotations

from typing import Any

import pytest

from bench import crowd
from bench.outcome import NoFigures


def carried_by(peer: Any, sessions: int) -> dict[str, Any]:
    names = ("cores", "cpu_us_per_message", "up_p99_ms", "down_p99_ms", "rss_mb", "opened_per_s")
    if sessions > peer:
        raise NoFigures("7 frames lost")
    return {"sessions": sessions, **dict.fromkeys(names, 0.5)}


def test_a_peer_grows_until_it_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    class Peer:
        name = "ours"

    monkeypatch.setattr(crowd, "_grow", lambda _load, _peer, size: carried_by(600, size))
    grown = {"ours": crowd._grow_until_it_breaks(None, Peer(), (300, 600, 1000))}  # type: ignore[arg-type]
    assert [one["sessions"] for one in crowd.carried(grown["ours"])] == [300, 600]
    assert crowd.rows(grown)[-1] == ["ours", "1000", *["none"] * 6]
    assert crowd.judged(grown) == (
        "MISSED  1000 sessions on one core: no figures at 1000: 7 frames lost"
    )


def test_the_bar_of_a_thousand_is_judged_by_core_and_p99() -> None:
    assert "met" in str(crowd.judged({"ours": [carried_by(1000, 1000)]}))
    slow = {**carried_by(1000, 1000), "down_p99_ms": 10.0}
    assert "MISSED" in str(crowd.judged({"ours": [slow]}))
    assert crowd.judged({"ours": [carried_by(600, 600)]}) is None
