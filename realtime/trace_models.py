"""What passed in a session and how long it took: the event log, the stages of each answer, and what
the model was told at the start."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models
from django.utils import timezone

SESSION = "realtime.RealtimeSession"
# Without a constraint of the database: checking one would lock rows that a call and its end lock in
# another order. They are deleted with what they belong to all the same; `realtime.tracing.writer`
# looks after those that were written meanwhile.
UNCHECKED: Final = False


class EventLogPart(models.Model):
    """A stretch of a run's event log: JSON lines, compressed (`realtime.tracing.parts`).

    A session whose server died, or that moved to another one, has more than one run; times count
    from `began_at`. It holds words, so it goes with the conversation.
    """

    session = models.ForeignKey(
        SESSION, on_delete=models.CASCADE, related_name="event_parts", db_constraint=UNCHECKED
    )
    conversation = models.ForeignKey(
        "conversations.Conversation",
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=UNCHECKED,
    )
    run_id = models.CharField(max_length=32)
    began_at = models.DateTimeField(help_text="The beginning of the run.")
    first_number = models.PositiveIntegerField(help_text="Of its first entry; they count from 1.")
    entry_count = models.PositiveIntegerField()
    lines = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering: ClassVar = ["began_at", "run_id", "first_number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "run_id", "first_number"], name="one_event_log_part"
            )
        ]

    def __str__(self) -> str:
        return f"events {self.first_number} of session {self.session_id}"


class TurnTime(models.Model):
    """The stages of one answer in ms (`realtime.tracing.stages`), None where one did not happen or
    cannot be seen from here. `at_ms` is when it was created, since the run's `began_at`."""

    session = models.ForeignKey(
        SESSION, on_delete=models.CASCADE, related_name="turn_times", db_constraint=UNCHECKED
    )
    response_id = models.CharField(max_length=80)
    began_at = models.DateTimeField()
    at_ms = models.FloatField()
    is_clients_view = models.BooleanField(
        default=False, help_text="The client told when it began to play."
    )
    eou_ms = models.FloatField(null=True)
    queue_ms = models.FloatField(null=True)
    think_ms = models.FloatField(null=True)
    first_audio_ms = models.FloatField(null=True)
    relay_ms = models.FloatField(null=True)
    playout_ms = models.FloatField(null=True)
    v2v_ms = models.FloatField(null=True)
    tool_ms = models.FloatField(null=True)
    reconnect_ms = models.FloatField(null=True)
    underruns = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["began_at", "at_ms"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "response_id"], name="one_time_per_response")
        ]

    def __str__(self) -> str:
        return f"times of {self.response_id}"


class SentContext(models.Model):
    """What the model was given when a run of a session began. history: the ids of the items that
    were sent, in order; their words stand where they were said, and go when those go."""

    session = models.ForeignKey(
        SESSION, on_delete=models.CASCADE, related_name="contexts", db_constraint=UNCHECKED
    )
    run_id = models.CharField(max_length=32)
    sent_at = models.DateTimeField(default=timezone.now)
    instructions = models.TextField()
    voice = models.CharField(max_length=60, blank=True)
    output_modalities = models.JSONField(default=list)
    tools = models.JSONField(default=list, help_text="Their names.")
    history = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["sent_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "run_id"], name="one_context_per_run")
        ]

    def __str__(self) -> str:
        return f"context of session {self.session_id}"
