"""What was said. Only `conversations.actions` writes it; `conversations.access` reads it by id."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Conversation(models.Model):
    """A thread of items that several sessions may have added to.

    seq grows by one with every visible change; a reader that holds a smaller one refetches.
    hidden: made by a mint that has not heard anything yet; in no list, swept when it stays empty.
    is_private: its owner keeps it from reviewers; for them it does not exist.
    """

    TITLE_MAX_CHARS = 200

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    title = models.CharField(max_length=TITLE_MAX_CHARS, blank=True)
    hidden = models.BooleanField(default=False)
    is_private = models.BooleanField("private", default=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    seq = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-updated_at"], name="conversation_owner_recent"),
            models.Index(fields=["hidden", "created_at"], name="conversation_hidden_age"),
        ]
        permissions = [
            ("review_conversation", "Can read other people's conversations"),
            ("export_conversation", "Can export other people's conversations"),
            ("end_session", "Can end other people's live sessions"),
        ]

    def __str__(self) -> str:
        return self.title or f"Conversation {self.id}"


class Item(models.Model):
    """One message, function call or function output of a conversation, or a gap in its recording
    (nothing that was said: a stretch of a call from `created_at` to `completed_at`, of which we
    know nothing).

    position: order within the conversation from 0, without gaps (deleted items keep their place).
    previous_item_id: the neighbour this item was last placed after, as the provider named it.
    heard_text, heard_ms: set when the answer was interrupted: the part of `text` that was played,
    and for how long. Null when it was not.
    deleted_at: taken out of the conversation by its client; read by nobody afterwards.
    seq: of the last change that a reader could see; at most what the conversation's was raised to
    by it, and more than that was before. Null: stored before items had one.
    """

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"
        SYSTEM = "system"
        TOOL = "tool"

    class Kind(models.TextChoices):
        MESSAGE = "message"
        FUNCTION_CALL = "function_call"
        FUNCTION_CALL_OUTPUT = "function_call_output"
        RECORDING_GAP = "recording_gap"

    class Status(models.TextChoices):
        IN_PROGRESS = "in_progress"
        COMPLETED = "completed"
        INCOMPLETE = "incomplete"
        FAILED = "failed"

    class Source(models.TextChoices):
        VOICE = "voice"
        TEXT = "text"
        API = "api"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="items")
    session_id = models.CharField(max_length=128, db_index=True)
    item_id = models.CharField(max_length=255)
    previous_item_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    role = models.CharField(max_length=16, choices=Role.choices)
    kind = models.CharField(max_length=32, choices=Kind.choices, default=Kind.MESSAGE)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.IN_PROGRESS)
    source = models.CharField(max_length=16, choices=Source.choices)
    text = models.TextField(blank=True)
    heard_text = models.TextField(null=True, blank=True)  # noqa: DJ001  (null: not interrupted)
    heard_ms = models.PositiveIntegerField(null=True, blank=True)
    call_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    name = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    position = models.PositiveIntegerField()
    # Null, so that a large table takes the column at once, and on SQLite keeps its triggers.
    seq = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "session_id", "item_id"], name="item_once_per_session"
            )
        ]
        indexes = [models.Index(fields=["conversation", "position"], name="item_order")]

    def __str__(self) -> str:
        return f"{self.item_id} ({self.role}, {self.status})"


class AccessLogEntry(models.Model):
    """One visit of a reviewer to somebody else's transcript.

    It outlives the conversation and the accounts it names: the plain copies stay when those go.
    """

    REASON_MAX_CHARS = 500

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reviewer_username = models.CharField(max_length=150)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="access_log_entries",
    )
    owner_username = models.CharField(max_length=150)
    conversation_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=REASON_MAX_CHARS, blank=True)
    visited_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "access log entry"
        verbose_name_plural = "access log"
        ordering = ["-visited_at"]
        indexes = [
            models.Index(
                fields=["conversation_id", "reviewer", "-visited_at"], name="access_latest_visit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_username} read {self.conversation_id}"


class ReadingSwitch(models.Model):
    """Whether anybody reads other people's conversations on this server at all. One row, or none
    while nobody has changed it."""

    THE_ROW = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ROW, editable=False)
    is_on = models.BooleanField(
        "reading is allowed",
        default=True,
        help_text="Off: nobody reviews, searches or exports, superusers included.",
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "review of conversations"
        verbose_name_plural = "review of conversations"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_reading_switch"),
        ]

    def __str__(self) -> str:
        return "Reading is allowed" if self.is_on else "Reading is switched off"
