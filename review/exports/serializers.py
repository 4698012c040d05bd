"""The JSON of exports."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from review.exports.formats import FILE_FORMATS
from review.exports.links import link_to
from review.models import Export


class ExportWishSerializer(serializers.Serializer[Any]):
    """Which calls, and as what."""

    format = serializers.ChoiceField(
        choices=list(FILE_FORMATS),
        help_text="csv: one line per call; csv-lines: one line per item, with its words.",
    )
    session_ids = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, max_length=1000
    )
    filter = serializers.DictField(
        required=False, help_text="The query parameters of the call list; absent: every call."
    )


class ExportSerializer(serializers.ModelSerializer[Export]):
    """`download_url` opens the file without a header, for a few minutes; null before it is done."""

    calls = serializers.IntegerField()
    download_url = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=Export.State.choices)

    class Meta:
        model = Export
        fields = (
            "id",
            "format",
            "state",
            "calls",
            "calls_done",
            "error_code",
            "created_at",
            "expires_at",
            "download_url",
        )

    def get_download_url(self, export: Export) -> str | None:
        return link_to(export)
