"""What is told about a transcript beside its words: usage and certainty (protocol §4.2, §4.6)."""

from __future__ import annotations

import math
from typing import Any

from realtime.upstream.embedded.ports import Heard, Origin
from realtime.upstream.embedded.usage import USER_AUDIO_MS_PER_TOKEN, text_tokens

# The measured share of right words per decoder: the ears know no certainty word by word.
_WORD_ACCURACY = {Origin.PHRASEBOOK: 0.992, Origin.OPEN: 0.70}
# Billed by tokens; the streaming models and whisper are billed by time.
_TOKEN_MODELS = ("gpt-4o-", "gpt-transcribe")


def transcription_usage(model: str, heard: Heard) -> dict[str, Any]:
    """As recorded: whole seconds, rounded up, or tokens for the models that are sold by them."""
    if not model.startswith(_TOKEN_MODELS):
        return {"type": "duration", "seconds": math.ceil(heard.audio_ms / 1000)}
    audio, output = heard.audio_ms // USER_AUDIO_MS_PER_TOKEN, text_tokens(heard.text)
    return {
        "type": "tokens",
        "total_tokens": audio + output,
        "input_tokens": audio,
        "input_token_details": {"text_tokens": 0, "audio_tokens": audio},
        "output_tokens": output,
    }


def logprob(word: str, origin: Origin) -> dict[str, Any]:
    """One token's entry for `item.input_audio_transcription.logprobs`."""
    accuracy = _WORD_ACCURACY.get(origin, 1.0)
    return {"token": word, "logprob": math.log(accuracy), "bytes": list(word.encode())}
