"""A long history for the demo account: 100,000 items, 5,000 of them in one conversation.

Run as a program with the environment of the server under test. Prints the ids of that conversation
and of another.
"""

from __future__ import annotations

import random
from typing import Final

import django

ITEMS: Final = 100_000
LONG_THREAD_ITEMS: Final = 5_000
THREAD_ITEMS: Final = 100
_WORDS: Final = (
    "weather",
    "meeting",
    "tomorrow",
    "report",
    "invoice",
    "garden",
    "recipe",
    "river",
    "train",
    "ticket",
    "budget",
    "question",
    "answer",
    "morning",
    "evening",
    "letter",
    "address",
    "number",
    "colour",
    "music",
    "holiday",
    "doctor",
    "lesson",
    "window",
)


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randint(6, 40))) + "."


def main() -> None:
    django.setup()
    from django.utils import timezone

    from accounts.models import User
    from conversations.models import Conversation, Item

    owner = User.objects.get(username="demo")
    chance, now = random.Random(7), timezone.now()
    others = (ITEMS - LONG_THREAD_ITEMS) // THREAD_ITEMS
    sizes = [LONG_THREAD_ITEMS, *[THREAD_ITEMS] * others]
    threads = Conversation.objects.bulk_create(
        Conversation(owner=owner, title=sentence(chance)[:60], seq=size) for size in sizes
    )
    for thread, size in zip(threads, sizes, strict=True):
        Item.objects.bulk_create(
            Item(
                conversation=thread,
                session_id=f"sess_{thread.pk.hex}",
                item_id=f"item_{position:06d}",
                role=Item.Role.ASSISTANT if position % 2 else Item.Role.USER,
                status=Item.Status.COMPLETED,
                source=Item.Source.VOICE,
                text=sentence(chance),
                position=position,
                seq=position + 1,
                completed_at=now,
            )
            for position in range(size)
        )
    print(threads[0].pk, threads[1].pk)


if __name__ == "__main__":
    main()
