"""One voice session as a pure machine: events and time in, effects out. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Sequence

from realtime.core.effects import Effect, EndReason
from realtime.core.errors import VoiceError
from realtime.core.session_config import SessionSetup


class Session:
    """Relays Realtime GA between one client and one provider, and records what was said.

    Call `open` first and perform every list of effects a method returns, in order. Times are
    monotonic seconds of one clock. After an `EndSession` effect every method returns [].
    """

    def __init__(self, setup: SessionSetup, now: float) -> None:
        self.setup = setup

    @property
    def ended(self) -> bool:
        raise NotImplementedError

    @property
    def busy(self) -> bool:
        """A response is in the air: a drain lets it finish."""
        raise NotImplementedError

    @property
    def held_bytes(self) -> int:
        """Client frames waiting for the provider. Stop reading the client while this is large."""
        raise NotImplementedError

    def open(self) -> list[Effect]:
        raise NotImplementedError

    def upstream_opened(self, now: float) -> list[Effect]:
        raise NotImplementedError

    def upstream_failed(self, error: VoiceError, now: float) -> list[Effect]:
        raise NotImplementedError

    def upstream_closed(
        self, code: int, reason: str, now: float, unsent: Sequence[str] = ()
    ) -> list[Effect]:
        """The provider closed. `unsent`: SendUpstream frames that never left, oldest first."""
        raise NotImplementedError

    def receive_from_client(self, raw: str | bytes, now: float) -> list[Effect]:
        raise NotImplementedError

    def client_wait_s(self, now: float) -> float:
        """Seconds to wait before reading the client again (contract §8: read more slowly)."""
        raise NotImplementedError

    def receive_from_upstream(self, raw: str, now: float) -> list[Effect]:
        raise NotImplementedError

    def client_closed(self, now: float, code: int = 1000) -> list[Effect]:
        """The client went away; 1000, 1001 and 1005 count as hanging up, others as lost."""
        raise NotImplementedError

    def end(self, reason: EndReason, now: float) -> list[Effect]:
        raise NotImplementedError

    def tick(self, now: float) -> list[Effect]:
        raise NotImplementedError

    def next_deadline(self) -> float | None:
        raise NotImplementedError
