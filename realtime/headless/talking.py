"""One spoken turn with a running server, by its public addresses alone, for `manage.py talk`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from realtime.core import names

SESSIONS: Final = "/api/voice/sessions/"
TURN_TIMEOUT_S: Final = 60.0
READ_TIMEOUT_S: Final = 20.0  # a comment comes every 15 s
CONTENT_TYPES: Final = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".webm": "audio/webm",
}


class TalkFailed(Exception):
    """What went wrong, in a sentence for the operator."""


@dataclass(slots=True)
class Heard:
    """What a turn has brought so far; `wav` is the answer's sound."""

    user: str = ""
    assistant: str = ""
    item_ids: list[str] = field(default_factory=list)
    is_done: bool = False
    is_transcribed: bool = False
    wav: bytes = b""


class Talk:
    """Use `turn` once. `show` is told every server event and what is known after it."""

    def __init__(
        self,
        url: str,
        credential: str,
        show: Callable[[dict[str, Any], Heard], None],
    ) -> None:
        self._url = url
        self._show = show
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {credential}"},
            timeout=httpx.Timeout(30.0, read=READ_TIMEOUT_S + 10),
            trust_env=False,
        )

    def turn(self, recording: Path | None) -> Heard:
        """Say the recording, or (None) have the provider greet; returns the whole answer.

        Raises TalkFailed.
        """
        try:
            with self._http:
                return self._turn(recording)
        except httpx.ConnectError:
            raise TalkFailed(
                f"No server answers at {self._url}. Start one with `make run`, or name it with"
                " --url."
            ) from None
        except httpx.HTTPError as error:
            raise TalkFailed(f"The connection broke: {type(error).__name__}.") from None

    def _turn(self, recording: Path | None) -> Heard:
        started = self._ask("", json={"greeting": recording is None})
        session_id = started["session_id"]
        heard = Heard(is_transcribed=recording is None)
        try:
            if recording is not None:
                kind = CONTENT_TYPES.get(recording.suffix.lower(), "audio/wav")
                sound = recording.read_bytes()
                self._ask(f"{session_id}/audio", content=sound, headers={"Content-Type": kind})
                self._ask(f"{session_id}/commit")
            self._listen(session_id, heard)
            for item_id in heard.item_ids[:1]:
                heard.wav = self._sound(session_id, item_id)
        finally:
            self._http.post(f"{SESSIONS}{session_id}/stop")
        return heard

    def _listen(self, session_id: str, heard: Heard) -> None:
        until = time.monotonic() + TURN_TIMEOUT_S
        for event in self._events(session_id):
            _follow(event, heard)
            self._show(event, heard)
            if heard.is_done and heard.is_transcribed:
                return
            if time.monotonic() > until:
                break
        raise TalkFailed("The answer did not come in time.")

    def _events(self, session_id: str) -> Iterator[dict[str, Any]]:
        with self._http.stream("GET", f"{SESSIONS}{session_id}/events") as answer:
            _check(answer)
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield orjson.loads(line.removeprefix("data: "))

    def _sound(self, session_id: str, item_id: str) -> bytes:
        answer = self._http.get(f"{SESSIONS}{session_id}/audio.wav", params={"item_id": item_id})
        _check(answer)
        return answer.content

    def _ask(self, path: str, **options: Any) -> dict[str, Any]:
        answer = self._http.post(SESSIONS + path, **options)
        _check(answer)
        body: dict[str, Any] = answer.json()
        return body


def _follow(event: dict[str, Any], heard: Heard) -> None:
    """Raises TalkFailed for an event that says that there will be no answer."""
    match event["type"]:
        case names.TRANSCRIPTION_COMPLETED:
            heard.user, heard.is_transcribed = event["transcript"], True
        case names.TRANSCRIPTION_FAILED:
            raise TalkFailed("What was said could not be recognised.")
        case names.OUTPUT_ITEM_ADDED:
            heard.item_ids.append(event["item"]["id"])
        case names.OUTPUT_TRANSCRIPT_DELTA | names.OUTPUT_TEXT_DELTA:
            heard.assistant += event["delta"]
        case names.RESPONSE_DONE:
            heard.is_done = True
            status = event["response"]["status"]
            if status != "completed":
                raise TalkFailed(f"The answer ended as {status!r}: {_cause_of(event)}")
        case names.ERROR:
            raise TalkFailed(f"{event['error']['code']}: {event['error']['message']}")
        case "voiceassist.session.ended":
            raise TalkFailed(f"The session ended: {event['code']} ({event['close_code']}).")


def _cause_of(event: dict[str, Any]) -> str:
    details = event["response"].get("status_details") or {}
    return str((details.get("error") or {}).get("message") or details.get("reason") or "no reason")


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    answer.read()
    try:
        problem = answer.json()
        said = f"{problem['code']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        said = "it does not say why"
    raise TalkFailed(f"The server refused ({answer.status_code}): {said}")
