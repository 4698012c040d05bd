"""What reviewers add to calls, and the log of what they and admins did."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from realtime.models import RealtimeSession
from review.retention_classes import RetentionTime as RetentionTime


class Tag(models.Model):
    """A word and its colour, put on calls."""

    name = models.CharField(max_length=40)
    color = models.CharField(
        max_length=7,
        default="#6b7280",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", "A colour is # and six hex digits.")],
        help_text="As #rrggbb.",
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="one_tag_per_word")]

    def __str__(self) -> str:
        return self.name


class CallTag(models.Model):
    session = models.ForeignKey(
        RealtimeSession, on_delete=models.CASCADE, related_name="review_tags"
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="uses")
    tagged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    tagged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "tag"], name="tag_once_per_call")
        ]

    def __str__(self) -> str:
        return f"{self.tag} on {self.session}"


class CallReview(models.Model):
    """How far the review of one call is, and how good the call was. None before anybody began.

    rating: by the rubric of `docs/review.md`, 1 (failed the person) to 5 (nothing to improve).
    words_deleted_at: a reviewer deleted what was said; the call is in no list, its cost is kept.
    """

    class Status(models.TextChoices):
        OPEN = "open", "open"
        IN_REVIEW = "in_review", "in review"
        DONE = "done", "done"

    NOTE_MAX_CHARS = 4000

    session = models.OneToOneField(
        RealtimeSession, on_delete=models.CASCADE, related_name="review", primary_key=True
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    note = models.TextField(blank=True, max_length=NOTE_MAX_CHARS)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now=True)
    words_deleted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"review of {self.session}"


class LineComment(models.Model):
    """A reviewer's remark on one line of a call."""

    TEXT_MAX_CHARS = 2000

    session = models.ForeignKey(
        RealtimeSession, on_delete=models.CASCADE, related_name="review_comments"
    )
    item_id = models.CharField(max_length=255)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField(max_length=TEXT_MAX_CHARS)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"comment on {self.item_id}"


class SavedView(models.Model):
    """A filter under a name; a shared one is offered to every reviewer, and is its owner's alone to
    change."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="review_views"
    )
    name = models.CharField(max_length=80)
    filter = models.JSONField(default=dict, help_text="The query parameters of the call list.")
    is_shared = models.BooleanField("shared", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_view_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class AuditEntry(models.Model):
    """Who did what to which things, and when. Written once, changed by nobody.

    It outlives the account it names; `detail` holds ids, names and numbers, never words of a call.
    """

    ACTION_MAX_CHARS = 40

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_username = models.CharField(max_length=150)
    action = models.CharField(max_length=ACTION_MAX_CHARS)
    targets = models.JSONField(default=list, help_text="Ids, at most 1,000 of them.")
    target_count = models.PositiveIntegerField(default=0)
    detail = models.JSONField(default=dict)
    happened_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering: ClassVar = ["-happened_at", "-pk"]
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"

    def __str__(self) -> str:
        return f"{self.actor_username}: {self.action}"


class Export(models.Model):
    """A file of many calls, written in the background; gone after `expires_at`.

    touched_at: the last sign of life of the thread that writes it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="review_exports"
    )
    format = models.CharField(max_length=10)
    session_ids = models.JSONField(default=list, help_text="The calls, chosen when it was asked.")
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    calls_done = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def calls(self) -> int:
        return len(self.session_ids)


class ExportPart(models.Model):
    """A piece of the file. In the database, so that every server process can hand it out."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export", "number"], name="one_part_per_number")
        ]

    def __str__(self) -> str:
        return f"part {self.number} of export {self.export_id}"
