"""A spoken turn by plain HTTP: say a recording, print the captions, save the answer.

    pip install httpx
    VOICEASSIST_KEY=va_… python headless.py question.wav answer.wav

The key is an API key with the scope "headless" (made in the settings), or an access token.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

BASE_URL = os.environ.get("VOICEASSIST_URL", "http://127.0.0.1:8000")
SESSIONS = "/api/voice/sessions/"


def server_events(client: httpx.Client, url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(id, event) of a stream of server-sent events; a line that breaks is taken up again."""
    last_id = ""
    while True:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        try:
            with client.stream("GET", url, headers=headers, timeout=30) as answer:
                answer.raise_for_status()
                if answer.status_code == 204:  # nothing more will come
                    return
                for line in answer.iter_lines():
                    name, _, value = line.partition(": ")
                    if name == "id":
                        last_id = value
                    elif name == "data":
                        yield last_id, json.loads(value)
        except (httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError):
            continue


def main(recording: Path, target: Path) -> None:
    headers = {"Authorization": f"Bearer {os.environ['VOICEASSIST_KEY']}"}
    with httpx.Client(base_url=BASE_URL, headers=headers, timeout=30) as client:
        started = client.post(SESSIONS, json={}).raise_for_status().json()
        at = SESSIONS + started["session_id"]
        try:
            client.post(
                f"{at}/audio", content=recording.read_bytes(), headers={"Content-Type": "audio/wav"}
            ).raise_for_status()
            client.post(f"{at}/commit").raise_for_status()
            item_id = ""
            for _id, caption in server_events(client, f"{at}/transcript"):
                if not caption["final"]:
                    continue
                print(f"{caption['role']}: {caption['text']}")
                if caption["role"] == "assistant":
                    item_id = caption["item_id"]
                    break
            sound = client.get(f"{at}/audio.wav", params={"item_id": item_id}).raise_for_status()
            target.write_bytes(sound.content)
        finally:
            client.post(f"{at}/stop")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "answer.wav"))
