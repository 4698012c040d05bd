"""One call as it might have been: turns, interruptions, tools, usage and an end."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.models import User
from conversations.models import Conversation, Item
from realtime.models import (
    EventLogPart,
    RealtimeSession,
    ResponseUsage,
    SentContext,
    SessionState,
    TurnTime,
)
from tests.seeding import dialogues
from tests.seeding.generated_log import GeneratedLog

DAYS = 60
END_REASONS = {
    "user_hangup": 70,
    "idle_timeout": 10,
    "client_lost": 6,
    "max_duration": 3,
    "budget_exhausted": 2,
    "admin_ended": 2,
    "upstream_error": 3,
    "upstream_closed": 2,
    "server_lost": 1,
    "moved_device": 1,
}
MODELS = {"gpt-realtime-2.1": 6, "gpt-realtime-mini": 3, "gpt-realtime": 1}
TRANSPORTS = {"websocket": 6, "webrtc": 3, "rest": 1}
LANGUAGES = {"en": 6, "de": 2, "fr": 1, "": 1}


@dataclass
class Seeded:
    """Rows to be written, in the order of their foreign keys."""

    conversations: list[Conversation] = field(default_factory=list)
    sessions: list[RealtimeSession] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    usages: list[ResponseUsage] = field(default_factory=list)
    logs: list[EventLogPart] = field(default_factory=list)
    times: list[TurnTime] = field(default_factory=list)
    contexts: list[SentContext] = field(default_factory=list)


class GeneratedCall:
    """Call `write` once."""

    def __init__(
        self,
        chance: random.Random,
        user: User,
        number: int,
        now: dt.datetime,
        *,
        is_traced: bool = True,
    ) -> None:
        self._chance = chance
        self._number = number
        self._clock = now - dt.timedelta(minutes=chance.uniform(1, DAYS * 24 * 60))
        self._conversation = Conversation(owner=user, is_private=number % 97 == 96)
        self._session = RealtimeSession(
            public_id=f"rtc_{user.pk}_seeded{number}",
            user=user,
            conversation=self._conversation,
            state=SessionState.ENDED,
            end_reason=self._pick(END_REASONS),
            transport=self._pick(TRANSPORTS),
            model=self._pick(MODELS),
            voice="marin",
            language=self._pick(LANGUAGES),
            is_api_client=chance.random() < 0.2,
            config={"type": "realtime", "instructions": "Answer briefly."},
            created_at=self._clock - dt.timedelta(seconds=2),
            started_at=self._clock,
        )
        self._began_at = self._clock
        self._log = GeneratedLog(chance, self._session, f"run{number}", keeps=is_traced)
        self._items: list[Item] = []
        self._usages: list[ResponseUsage] = []

    def write(self, rows: Seeded) -> None:
        self._conversation.created_at = self._clock
        for turn in range(self._chance.randint(1, 6)):
            self._turn(turn)
        self._conversation.title = self._items[0].text[:60]
        self._conversation.updated_at = self._clock
        self._session.ended_at = self._session.last_seen_at = self._clock
        rows.conversations.append(self._conversation)
        rows.sessions.append(self._session)
        rows.items += self._items
        rows.usages += self._usages
        if self._log.keeps and not self._conversation.is_private:
            rows.logs.append(self._log.part(self._began_at))
            rows.contexts.append(self._log.context(self._began_at))
        rows.times += self._log.times

    def _turn(self, turn: int) -> None:
        chance = self._chance
        is_hostile = chance.random() < 0.03
        asked = dialogues.hostile(chance) if is_hostile else dialogues.question(chance)
        began_ms = self._now_ms()
        said = self._say("user", asked, seconds=chance.randint(1000, 6000) / 1000)
        committed = self._log.speech(began_ms, self._now_ms(), said.item_id)
        self._go_to(committed)
        tool = self._use_tool(turn, committed) if chance.random() < 0.12 else None
        first_audio_ms = int(chance.lognormvariate(6.3, 0.4))
        self._clock += dt.timedelta(milliseconds=first_audio_ms)
        audio_ms = chance.randint(2000, 12_000)
        item = self._say("assistant", dialogues.answer(chance), seconds=audio_ms / 1000)
        self._log.answer(
            f"resp_{self._number}_{turn}",
            item.item_id,
            first_audio_ms,
            audio_ms,
            committed=committed,
            tool=tool,
        )
        is_interrupted = chance.random() < 0.15
        if is_interrupted:
            item.status = Item.Status.INCOMPLETE
            item.heard_text = item.text[: len(item.text) // 2]
            item.heard_ms = chance.randint(300, 4000)
        self._count(f"resp_{self._number}_{turn}", item, first_audio_ms, is_interrupted)

    def _use_tool(self, turn: int, committed: float) -> tuple[float, float, float]:
        """An answer that calls a tool; moments as `GeneratedLog.call_tool` tells them."""
        response_id = f"resp_{self._number}_{turn}_tool"
        called, output_at, asked = self._log.call_tool(response_id, committed)
        self._go_to(called)
        call = self._say("assistant", '{"city": "Paris"}', kind=Item.Kind.FUNCTION_CALL, seconds=0)
        call.name = self._chance.choice(("look_up_invoice", "weather", "refund_order"))
        call.call_id = f"call_{turn}"
        self._count(response_id, call, None, is_interrupted=False)
        body = {"error": "timed out"} if self._chance.random() < 0.2 else {"ok": True}
        self._go_to(output_at)
        kind = Item.Kind.FUNCTION_CALL_OUTPUT
        output = self._say("tool", json.dumps(body), kind=kind, seconds=0)
        output.call_id = call.call_id
        self._go_to(asked)
        return called, output_at, asked

    def _now_ms(self) -> float:
        """Since the call began."""
        return round((self._clock - self._began_at).total_seconds() * 1000, 2)

    def _go_to(self, at_ms: float) -> None:
        self._clock = self._began_at + dt.timedelta(milliseconds=at_ms)

    def _say(
        self, role: str, text: str, kind: str = Item.Kind.MESSAGE, seconds: float = 0.2
    ) -> Item:
        item = Item(
            conversation=self._conversation,
            session_id=self._session.public_id,
            item_id=f"item_{self._number}_{len(self._items)}",
            role=role,
            kind=kind,
            status=Item.Status.COMPLETED,
            source=Item.Source.VOICE,
            text=text,
            position=len(self._items),
            created_at=self._clock,
        )
        self._clock += dt.timedelta(seconds=seconds)
        item.completed_at = self._clock
        self._items.append(item)
        return item

    def _count(
        self, response_id: str, item: Item, first_audio_ms: int | None, is_interrupted: bool
    ) -> None:
        tokens = {
            "input_text_tokens": self._chance.randint(50, 900),
            "input_audio_tokens": self._chance.randint(20, 400),
            "output_text_tokens": self._chance.randint(10, 120),
            "output_audio_tokens": self._chance.randint(40, 600),
        }
        cost = Decimal(sum(tokens.values())) / 50_000
        self._usages.append(
            ResponseUsage(
                session=self._session,
                reference=response_id,
                status="cancelled" if is_interrupted else "completed",
                item_ids=[item.item_id],
                first_audio_ms=first_audio_ms,
                is_interrupted=is_interrupted,
                cost_usd=cost,
                price_version=f"{self._session.model}@2026-01-01",
                created_at=self._clock,
                **tokens,
            )
        )
        self._session.turns += 1
        self._session.interruptions += is_interrupted
        self._session.cost_usd += cost
        for name, count in tokens.items():
            setattr(self._session, name, getattr(self._session, name) + count)

    def _pick(self, weights: dict[str, int]) -> str:
        return self._chance.choices(list(weights), weights=list(weights.values()))[0]
