"""Calls in the database of a server of the tests, as if they had been made."""

from __future__ import annotations

from tests.e2e.server import ServerProcess

SCRIPT = """
from tests.e2e.review_seed import plant_hostile_call
from tests.seeding.writing import seed_calls
seed_calls({calls})
plant_hostile_call()
"""
HOSTILE_ID = "rtc_hostile"
LONG_LINE_CHARS = 100_000
HOSTILE_LINES = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "\x1b[31mred\x1b[2J\x07 bell",
    "pay \u202eEUR 100\u202c now \u2067and later",
    '=HYPERLINK("http://evil.example/","open")',
    "x" * LONG_LINE_CHARS,
)


def seed(server: ServerProcess, calls: int) -> None:
    """Write generated calls and one hostile one; the server may be running."""
    server.run_python(SCRIPT.format(calls=calls))


def plant_hostile_call() -> None:
    """A call of the demo user in which everything said is an attack."""
    from django.utils import timezone

    from accounts.models import User
    from conversations import actions
    from realtime.models import RealtimeSession, SessionState

    owner = User.objects.get(username="demo")
    conversation = actions.create_conversation(owner, title=HOSTILE_LINES[0][:200])
    now = timezone.now()
    RealtimeSession.objects.create(
        public_id=HOSTILE_ID,
        user=owner,
        conversation=conversation,
        state=SessionState.ENDED,
        end_reason="user_hangup",
        model="gpt-realtime-2.1",
        started_at=now,
        ended_at=now,
    )
    for number, text in enumerate(HOSTILE_LINES):
        item_id = f"item_{number}"
        actions.open_item(
            conversation.pk,
            HOSTILE_ID,
            item_id=item_id,
            role="user",
            source="voice",
            previous_item_id=f"item_{number - 1}" if number else None,
        )
        actions.complete_item(conversation.pk, HOSTILE_ID, item_id=item_id, text=text)
