"""What others may wish to know of sessions without `realtime` knowing them."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with `session` (a RealtimeSession) in the transaction in which it ends for good. A receiver
# that writes opens a savepoint of its own: its failure must not keep a session from ending.
session_ended = Signal()
