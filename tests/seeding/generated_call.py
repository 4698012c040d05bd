"""One call as it might have been: turns, interruptions, tools, usage and an end."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.models import User
from conversations.models import Conversation, Item
from realtime.models import RealtimeSession, ResponseUsage, SessionState
from tests.seeding import dialogues

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


class GeneratedCall:
    """Call `write` once."""

    def __init__(self, chance: random.Random, user: User, number: int, now: dt.datetime) -> None:
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

    def _turn(self, turn: int) -> None:
        chance = self._chance
        is_hostile = chance.random() < 0.03
        asked = dialogues.hostile(chance) if is_hostile else dialogues.question(chance)
        self._say("user", asked, seconds=chance.uniform(1, 6))
        if chance.random() < 0.12:
            self._use_tool(turn)
        first_audio_ms = int(chance.lognormvariate(6.3, 0.4))
        self._clock += dt.timedelta(milliseconds=first_audio_ms)
        item = self._say("assistant", dialogues.answer(chance), seconds=chance.uniform(2, 12))
        is_interrupted = chance.random() < 0.15
        if is_interrupted:
            item.status = Item.Status.INCOMPLETE
            item.heard_text = item.text[: len(item.text) // 2]
            item.heard_ms = chance.randint(300, 4000)
        self._count(turn, item, first_audio_ms, is_interrupted)

    def _use_tool(self, turn: int) -> None:
        call = self._say("assistant", '{"city": "Paris"}', kind=Item.Kind.FUNCTION_CALL)
        call.name = self._chance.choice(("look_up_invoice", "weather", "refund_order"))
        call.call_id = f"call_{turn}"
        body = {"error": "timed out"} if self._chance.random() < 0.2 else {"ok": True}
        output = self._say("tool", json.dumps(body), kind=Item.Kind.FUNCTION_CALL_OUTPUT)
        output.call_id = call.call_id

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

    def _count(self, turn: int, item: Item, first_audio_ms: int, is_interrupted: bool) -> None:
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
                reference=f"resp_{self._number}_{turn}",
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
