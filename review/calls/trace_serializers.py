"""The JSON of a call's event log and of its waterfall."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from review.calls.events import DIRECTIONS
from review.calls.latency import STAGES, Turn

PAGE_SIZE_MOST = 500


class EventQuerySerializer(serializers.Serializer[Any]):
    """`direction` and `type` may be repeated."""

    direction = serializers.MultipleChoiceField(choices=DIRECTIONS, required=False)
    type = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=100
    )
    find = serializers.CharField(required=False, allow_blank=True, max_length=200)
    page = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    page_size = serializers.IntegerField(min_value=1, max_value=PAGE_SIZE_MOST, default=100)


class EventSerializer(serializers.Serializer[Any]):
    """One entry of the log. Runs of deltas, sound among them, have `count` and `last_ms` instead of
    an `event`; of sound, `audio_bytes` and `audio_ms`. `size` is the length in characters."""

    n = serializers.IntegerField()
    run = serializers.IntegerField()
    at_ms = serializers.FloatField()
    last_ms = serializers.FloatField(required=False)
    direction = serializers.ChoiceField(choices=DIRECTIONS)
    type = serializers.CharField()
    size = serializers.IntegerField()
    count = serializers.IntegerField(required=False)
    audio_bytes = serializers.IntegerField(required=False)
    audio_ms = serializers.FloatField(required=False)
    item_id = serializers.CharField(required=False)
    response_id = serializers.CharField(required=False)
    event = serializers.DictField(required=False, allow_null=True)


class EventPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = EventSerializer(many=True)
    types = serializers.DictField(child=serializers.IntegerField())
    directions = serializers.DictField(child=serializers.IntegerField())
    kept_days = serializers.IntegerField()
    is_on = serializers.BooleanField()


class TurnTimesSerializer(serializers.Serializer[Any]):
    """One answer. Stages in ms, null where one did not happen or cannot be seen from the gateway;
    `answer_ms` is from the request for it to its first sound or word."""

    response_id = serializers.CharField()
    item_ids = serializers.ListField(
        child=serializers.CharField(), source="usage.item_ids", default=list
    )
    status = serializers.CharField(source="usage.status", default="")
    error_code = serializers.CharField(source="usage.error_code", default="")
    is_interrupted = serializers.BooleanField(source="usage.is_interrupted", default=False)
    created_at = serializers.DateTimeField(source="usage.created_at", default=None, allow_null=True)
    answer_ms = serializers.IntegerField(
        source="usage.first_audio_ms", default=None, allow_null=True
    )
    at_ms = serializers.FloatField(source="time.at_ms", default=None, allow_null=True)
    view = serializers.ChoiceField(choices=("client", "gateway"))
    underruns = serializers.IntegerField(source="time.underruns", default=0)
    stages = serializers.SerializerMethodField()

    def get_stages(self, turn: Turn) -> dict[str, float | None]:
        return {name: turn.stage(name) for name in STAGES}


class PercentilesSerializer(serializers.Serializer[Any]):
    p50 = serializers.FloatField()
    p90 = serializers.FloatField()
    p95 = serializers.FloatField()
    count = serializers.IntegerField()


class WaterfallSerializer(serializers.Serializer[Any]):
    target_ms = serializers.IntegerField()
    transport = serializers.CharField()
    turns = TurnTimesSerializer(many=True)
    percentiles = serializers.DictField(child=PercentilesSerializer())
