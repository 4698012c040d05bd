"""Writes what one session says, and keeps its page of the conversation for what is said next."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from django.db import transaction

from conversations.changes import Change
from conversations.page import LockNeeded, Page


class Scribe:
    """One for each run of a session. Safe on several threads: who finds no page reads it anew."""

    def __init__(self, conversation_id: uuid.UUID, session_id: str) -> None:
        self._conversation_id = conversation_id
        self._session_id = session_id
        self._page: Page | None = None

    def write(self, what: Sequence[Change]) -> None:
        """Make these changes, in order; call within a transaction. Raises ConversationNotFound."""
        page, self._page = self._page, None
        if page is None or not self._written(page, what):
            page = Page.locked(self._conversation_id, self._session_id)
            self._written(page, what)
        transaction.on_commit(partial(self._keep, page))

    def _written(self, page: Page, what: Sequence[Change]) -> bool:
        """False: the page is not what it was, or not enough."""
        try:
            for change in what:
                change(page)
        except LockNeeded:
            return False
        return page.write()

    def _keep(self, page: Page) -> None:
        page.keep()
        self._page = page
