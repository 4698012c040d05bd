"""The short ways through a running session: sound up; pieces of sound and of words down.

Of a hundred frames in a call ninety-six are of these kinds, and all there is to do for one is to
count it and to send it on as the bytes that came. That is done here in one go, without effects to
make and perform. The session decides which frames those are (`Session.hear`, `Session.follow`);
every other frame goes the long way, and so does everything that would have to wait.

What is called is first made a local name: Python calls what an instance holds more slowly.

A deadline never has to be watched for here: what passes moves them to later only, and the alarm of
the session looks again when it rings too early.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from realtime.core import names
from realtime.core.effects import SendClient
from realtime.core.session import Session
from realtime.runtime.downlink import Downlink
from realtime.runtime.tap import NoTap
from realtime.runtime.uplink import Uplink

_SOUND: Final = names.OUTPUT_AUDIO_DELTA


class Passage:
    """Use on one event loop. Texts are UTF-8, one event each. Set `is_open` to False in the end.

    watch: called when the client falls behind.
    """

    __slots__ = ("_clock", "_downlink", "_follow", "_hear", "_tap", "_uplink", "_watch", "is_open")

    def __init__(
        self,
        session: Session,
        uplink: Uplink,
        downlink: Downlink,
        tap: NoTap,
        clock: Callable[[], float],
        watch: Callable[[], None],
    ) -> None:
        self.is_open = True
        self._hear = session.hear
        self._follow = session.follow
        self._uplink = uplink
        self._downlink = downlink
        self._tap = tap
        self._clock = clock
        self._watch = watch

    def up(self, text: bytes) -> bool:
        """A frame of the client. True: it was sound, and is on its way to the provider. False:
        nothing was done."""
        uplink, clock, hear = self._uplink, self._clock, self._hear
        send = uplink.send_now
        if send is None or not self.is_open:
            return False
        now = clock()
        sound_bytes = hear(text, now)
        if sound_bytes is None:
            return False
        if send(text):
            self._tap.sound_passed_up(text, sound_bytes, now)
        else:
            raw = text.decode()
            self._tap.from_client(raw)
            uplink.put(raw)
        return True

    def heard(self, raw: str | bytes) -> bool:
        """`up` for a frame that has been received (bytes: a binary one) and told to the tap, and
        that may have to wait in line."""
        if not isinstance(raw, str) or not self.is_open:
            return False
        if self._hear(raw.encode(errors="surrogatepass"), self._clock()) is None:
            return False
        self._uplink.put(raw)
        return True

    def down(self, text: bytes) -> bool:
        """A frame of the provider. True: it was a piece of sound or of words, and is on its way to
        the client. False: nothing was done."""
        if not self.is_open:
            return False
        clock, follow = self._clock, self._follow
        now = clock()
        body = follow(text, now)
        if body is None:
            return False
        event_id = body.get("event_id")
        name = event_id if isinstance(event_id, str) else ""
        is_sound = body["type"] == _SOUND
        if self._downlink.pass_on(text, name, droppable=is_sound):
            self._tap.piece_passed_down(text, body, now)
            return True
        raw = text.decode()
        self._tap.from_provider(raw)
        self._downlink.put(SendClient(raw, droppable=is_sound, event_id=name))
        if self._downlink.stalled_since is not None:
            self._watch()
        return True
