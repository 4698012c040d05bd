"""The JSON of what reviewers put on calls."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from review.calls.filters import CallFilterSerializer, named_filters
from review.models import CallReview, LineComment, SavedView, Tag


class ReviewSerializer(serializers.ModelSerializer[CallReview]):
    """How far the review is; 1 to 5 by the rubric, null before anybody rated."""

    reviewer = serializers.CharField(source="reviewer.username", read_only=True, default=None)

    class Meta:
        model = CallReview
        fields = ("status", "rating", "note", "reviewer", "changed_at")
        read_only_fields = ("changed_at",)


class CommentSerializer(serializers.ModelSerializer[LineComment]):
    author = serializers.CharField(source="author.username", read_only=True, default=None)

    class Meta:
        model = LineComment
        fields = ("id", "item_id", "author", "text", "created_at")
        read_only_fields = ("id", "created_at")


class ChosenTagSerializer(serializers.Serializer[Any]):
    tag = serializers.PrimaryKeyRelatedField(queryset=Tag.objects.all())


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    """A filter under a name. `filter` holds the query parameters of the call list."""

    owner = serializers.CharField(source="owner.username", read_only=True)
    is_mine = serializers.SerializerMethodField()
    filter = serializers.DictField()

    class Meta:
        model = SavedView
        fields = ("id", "name", "filter", "is_shared", "owner", "is_mine")

    def get_is_mine(self, view: SavedView) -> bool:
        is_mine: bool = view.owner_id == self.context["request"].user.pk
        return is_mine

    def validate_filter(self, value: dict[str, Any]) -> dict[str, Any]:
        CallFilterSerializer(data=value).is_valid(raise_exception=True)
        return named_filters(value)

    def validate_name(self, value: str) -> str:
        mine = SavedView.objects.filter(owner=self.context["request"].user, name=value)
        if self.instance is not None:
            mine = mine.exclude(pk=self.instance.pk)
        if mine.exists():
            raise serializers.ValidationError("You have a view of this name.")
        return value


class BulkSerializer(serializers.Serializer[Any]):
    """An action on many calls: those named, or all that a filter lets through."""

    ACTIONS = ("tag", "untag", "set_status", "delete")

    action = serializers.ChoiceField(choices=ACTIONS)
    session_ids = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, max_length=1000
    )
    filter = serializers.DictField(
        required=False, help_text="The query parameters of the call list, instead of session_ids."
    )
    tag = serializers.PrimaryKeyRelatedField(queryset=Tag.objects.all(), required=False)
    status = serializers.ChoiceField(choices=CallReview.Status.choices, required=False)
    confirm = serializers.CharField(
        required=False, help_text="For `delete`: the words `delete N`, N being how many calls."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("session_ids" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError("Give either session_ids or filter.")
        needed = {"tag": "tag", "untag": "tag", "set_status": "status", "delete": "confirm"}
        field = needed[attrs["action"]]
        if field not in attrs:
            raise serializers.ValidationError({field: ["This action needs it."]})
        return attrs


class BulkResultSerializer(serializers.Serializer[Any]):
    calls = serializers.IntegerField(help_text="How many were chosen.")
    changed = serializers.IntegerField()
    skipped_live = serializers.ListField(
        child=serializers.CharField(), help_text="Not deleted, because they go on."
    )
