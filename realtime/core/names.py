"""Event names of Realtime GA (protocol §4.1, §4.2), and which of them we treat specially."""

from __future__ import annotations

from typing import Final

# Client events.
SESSION_UPDATE: Final = "session.update"
INPUT_AUDIO_APPEND: Final = "input_audio_buffer.append"
INPUT_AUDIO_COMMIT: Final = "input_audio_buffer.commit"
INPUT_AUDIO_CLEAR: Final = "input_audio_buffer.clear"
OUTPUT_AUDIO_CLEAR: Final = "output_audio_buffer.clear"
ITEM_CREATE: Final = "conversation.item.create"
ITEM_RETRIEVE: Final = "conversation.item.retrieve"
ITEM_TRUNCATE: Final = "conversation.item.truncate"
ITEM_DELETE: Final = "conversation.item.delete"
RESPONSE_CREATE: Final = "response.create"
RESPONSE_CANCEL: Final = "response.cancel"
# The beta's word for a `session.update` of a transcription session.
TRANSCRIPTION_SESSION_UPDATE: Final = "transcription_session.update"

CLIENT_EVENTS: Final = (
    SESSION_UPDATE,
    INPUT_AUDIO_APPEND,
    INPUT_AUDIO_COMMIT,
    INPUT_AUDIO_CLEAR,
    OUTPUT_AUDIO_CLEAR,
    ITEM_CREATE,
    ITEM_RETRIEVE,
    ITEM_TRUNCATE,
    ITEM_DELETE,
    RESPONSE_CREATE,
    RESPONSE_CANCEL,
)

# Server events.
ERROR: Final = "error"
SESSION_CREATED: Final = "session.created"
SESSION_UPDATED: Final = "session.updated"
CONVERSATION_CREATED: Final = "conversation.created"  # the beta's; GA has no use for it
ITEM_ADDED: Final = "conversation.item.added"
ITEM_DONE: Final = "conversation.item.done"
ITEM_RETRIEVED: Final = "conversation.item.retrieved"
ITEM_TRUNCATED: Final = "conversation.item.truncated"
ITEM_DELETED: Final = "conversation.item.deleted"
TRANSCRIPTION_DELTA: Final = "conversation.item.input_audio_transcription.delta"
TRANSCRIPTION_COMPLETED: Final = "conversation.item.input_audio_transcription.completed"
TRANSCRIPTION_FAILED: Final = "conversation.item.input_audio_transcription.failed"
SPEECH_STARTED: Final = "input_audio_buffer.speech_started"
SPEECH_STOPPED: Final = "input_audio_buffer.speech_stopped"
INPUT_AUDIO_COMMITTED: Final = "input_audio_buffer.committed"
INPUT_AUDIO_CLEARED: Final = "input_audio_buffer.cleared"
OUTPUT_AUDIO_STARTED: Final = "output_audio_buffer.started"
OUTPUT_AUDIO_STOPPED: Final = "output_audio_buffer.stopped"
OUTPUT_AUDIO_CLEARED: Final = "output_audio_buffer.cleared"
RESPONSE_CREATED: Final = "response.created"
RESPONSE_DONE: Final = "response.done"
OUTPUT_ITEM_ADDED: Final = "response.output_item.added"
OUTPUT_ITEM_DONE: Final = "response.output_item.done"
CONTENT_PART_ADDED: Final = "response.content_part.added"
CONTENT_PART_DONE: Final = "response.content_part.done"
OUTPUT_TEXT_DELTA: Final = "response.output_text.delta"
OUTPUT_TEXT_DONE: Final = "response.output_text.done"
OUTPUT_TRANSCRIPT_DELTA: Final = "response.output_audio_transcript.delta"
OUTPUT_TRANSCRIPT_DONE: Final = "response.output_audio_transcript.done"
OUTPUT_AUDIO_DELTA: Final = "response.output_audio.delta"
OUTPUT_AUDIO_DONE: Final = "response.output_audio.done"
ARGUMENTS_DELTA: Final = "response.function_call_arguments.delta"
ARGUMENTS_DONE: Final = "response.function_call_arguments.done"

# Events that show that somebody is there, besides sound that is on its way.
SPEECH_ENDS: Final = frozenset({SPEECH_STOPPED, INPUT_AUDIO_COMMITTED, INPUT_AUDIO_CLEARED})
SIGNS_OF_LIFE: Final = SPEECH_ENDS | {
    SPEECH_STARTED,
    RESPONSE_CREATED,
    RESPONSE_DONE,
    OUTPUT_TEXT_DELTA,
    ITEM_ADDED,
    TRANSCRIPTION_DELTA,
}

# Private events, sent only to clients that offered `voiceassist.v1` (contract §7).
NOTICE: Final = "voiceassist.notice"
RATE_LIMITS_UPDATED: Final = "rate_limits.updated"
QUOTA_NOTICE: Final = "voiceassist.quota.notice"
RESUMED: Final = "voiceassist.session.resumed"
# From such a client: how long it took until an answer sounded, or that its sound ran dry.
PLAYOUT: Final = "voiceassist.playout"
