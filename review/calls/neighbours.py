"""Previous and next within a filter, without reading the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from review.calls.filters import CallFilters
from review.calls.queries import filtered_calls


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Session ids beside one call; position counts from 1, None where the filter hides the call."""

    previous: str | None = None
    next: str | None = None
    position: int | None = None
    total: int = 0


def neighbours_of(session_id: str, filters: CallFilters) -> Neighbours:
    # The annotation is unknown to the type of the query set.
    calls: Any = filtered_calls(filters)
    total = calls.count()
    here = calls.filter(public_id=session_id).values_list("sort_key", "pk").first()
    if here is None:
        return Neighbours(total=total)
    key, pk = here
    smaller = Q(sort_key__lt=key) | Q(sort_key=key, pk__lt=pk)
    larger = Q(sort_key__gt=key) | Q(sort_key=key, pk__gt=pk)
    before, after = (larger, smaller) if filters.sort.startswith("-") else (smaller, larger)
    ids = calls.values_list("public_id", flat=True)
    return Neighbours(
        previous=ids.filter(before).reverse().first(),
        next=ids.filter(after).first(),
        position=calls.filter(before).count() + 1,
        total=total,
    )
