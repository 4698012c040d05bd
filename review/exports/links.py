"""Links to finished exports: for one file, for a few minutes, for as long as its owner may export.

A page cannot send a header with a download, so the link itself is the credential.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse
from rest_framework.exceptions import PermissionDenied

from conversations.access import EXPORT_CONVERSATION, REVIEW_CONVERSATION, may_review
from review.models import Export

_SALT = "review.export"


class LinkNotValid(PermissionDenied):
    default_code = "link_not_valid"
    default_detail = "This link opens no export."


class LinkExpired(PermissionDenied):
    default_code = "link_expired"
    default_detail = "This link was good for a few minutes. Ask for the export again."


def link_to(export: Export) -> str | None:
    """The path of a finished export, with a fresh token; None while there is nothing to fetch."""
    if export.state != Export.State.DONE:
        return None
    path = reverse("review-export-file", kwargs={"export_id": export.pk})
    return f"{path}?token={TimestampSigner(salt=_SALT).sign(_subject(export))}"


def export_behind(export_id: uuid.UUID, token: str) -> Export:
    """Raises LinkNotValid and LinkExpired, both 403: a link says nothing about what exists."""
    try:
        subject = TimestampSigner(salt=_SALT).unsign(token, max_age=settings.EXPORT_LINK_SEC)
    except SignatureExpired:
        raise LinkExpired from None
    except BadSignature:
        raise LinkNotValid from None
    export = Export.objects.select_related("owner").filter(pk=export_id).first()
    if export is None or subject != _subject(export) or export.state != Export.State.DONE:
        raise LinkNotValid
    owner = export.owner
    if not (
        owner.is_active
        and owner.has_perm(REVIEW_CONVERSATION)
        and may_review(owner, EXPORT_CONVERSATION)
    ):
        raise LinkNotValid
    return export


def _subject(export: Export) -> str:
    """A new password or a deactivation ends every link, as it ends every token."""
    return f"{export.pk}.{export.owner_id}.{export.owner.token_epoch}"
