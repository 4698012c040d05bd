"""Recorded provider traffic, read in place (`SHARED_DIR`, beside the checkout by default)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED_DIR = Path(os.environ.get("SHARED_DIR") or CHECKOUT / ".." / "shared").resolve()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message. `sent`: by the client."""

    sent: bool
    event: dict[str, Any]


def websocket_recordings() -> list[Path]:
    """The recordings of sockets. Fails where they are missing: nothing is skipped silently."""
    paths = sorted((SHARED_DIR / "recordings").glob("*ws*.yaml"))
    assert paths, f"no recordings under {SHARED_DIR}; set SHARED_DIR"
    return paths


def read_recording(path: Path) -> list[Recorded]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Recorded(message["direction"] == "sent", message["data"])
        for message in document["interactions"]
        if message["kind"] == "message"
    ]


def recorded_call() -> dict[str, Any]:
    """The recorded exchange of `POST /v1/realtime/calls`: {request, response}."""
    path = SHARED_DIR / "recordings" / "test_webrtc__test_answer_webrtc_offer.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    exchange: dict[str, Any] = document["interactions"][0]
    return exchange
