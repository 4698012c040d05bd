from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class ConversationPages(PageNumberPagination):
    """`?page=` from 1, `?page_size=` up to 100; the body is {count, next, previous, results}."""

    page_size = 30
    page_size_query_param = "page_size"
    max_page_size = 100
