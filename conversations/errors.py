from __future__ import annotations


class ConversationNotFound(Exception):
    """No such conversation, or none that the asking person may know of. Answered 404."""

    def __init__(self) -> None:
        super().__init__("No conversation with this id.")
