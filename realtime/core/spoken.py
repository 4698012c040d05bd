"""The text of one spoken item and where in its audio each piece of it was said."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from operator import itemgetter
from typing import Final

from realtime.core.audio import PCM16, AudioFormat, base64_byte_count

# Used only where the audio itself never passes us (WebRTC): English at a common talking speed.
_CHARACTERS_PER_S: Final = 15

# A provider that sends words beside their sound keeps text and audio within this share of each
# other. One whose text runs further ahead tells us nothing about when a word was spoken.
_MAX_SKEW: Final = 0.25


_NO_PART: Final = -1


class SpokenText:
    """Collects transcript and audio deltas of one item, in the order they arrive.

    text: all content parts, in order of their index.
    """

    __slots__ = (
        "_audio_byte_count",
        "_audio_format",
        "_marked_byte_count",
        "_marks",
        "_only_part",
        "_parts",
        "text",
    )

    def __init__(self, audio_format: AudioFormat = PCM16) -> None:
        self.text = ""
        self._audio_format = audio_format
        self._audio_byte_count = 0
        # Nearly every item has one part, whose text is all of it.
        self._only_part = _NO_PART
        self._parts: dict[int, str] | None = None
        # Where words follow sound: the milliseconds and the characters before them. A call has
        # thousands of them; side by side they take a tenth of what pairs in a list do.
        self._marks: array[int] | None = None
        self._marked_byte_count = 0

    @property
    def audio_ms(self) -> int:
        return self._audio_format.duration_ms(self._audio_byte_count)

    def add_audio(self, encoded: str) -> None:
        """Count one base64 audio delta."""
        self._audio_byte_count += base64_byte_count(encoded)

    def add_text(self, content_index: int, delta: str) -> None:
        if self._audio_byte_count != self._marked_byte_count:
            self._mark()
        if content_index == self._only_part:
            self.text += delta
        else:
            before = "" if self._parts is None else self._parts.get(content_index, "")
            self.finish_text(content_index, before + delta)

    def finish_text(self, content_index: int, text: str) -> None:
        """Replace the collected deltas by the final text the provider names."""
        if self._parts is None:
            if self._only_part in (content_index, _NO_PART):
                self._only_part, self.text = content_index, text
                return
            self._parts = {self._only_part: self.text}
            self._only_part = _NO_PART
        self._parts[content_index] = text
        self.text = "\n".join(self._parts[index] for index in sorted(self._parts))

    def forget_marks(self) -> None:
        """Nobody is likely to ask for a part of it any more: one would be told by its share."""
        self._marks = None

    def heard_prefix(self, heard_ms: int) -> str:
        """The words wholly spoken within the first `heard_ms` of audio."""
        text = self.text
        if self._audio_byte_count == 0:
            return cut_at_word(text, heard_ms * _CHARACTERS_PER_S // 1000)
        if heard_ms >= self.audio_ms:
            return text
        return cut_at_word(text, self._character_at(heard_ms, len(text)))

    def _character_at(self, heard_ms: int, length: int) -> int:
        """Index into the text reached after `heard_ms`, which is less than the whole audio."""
        points = self._timeline(length)
        index = bisect_right(points, heard_ms, key=itemgetter(0))
        (before_ms, before), (after_ms, after) = points[index - 1], points[index]
        return before + (after - before) * (heard_ms - before_ms) // (after_ms - before_ms)

    def _timeline(self, length: int) -> list[tuple[int, int]]:
        """Known (ms, characters) pairs, both rising, from (0, 0) to the end of both."""
        total_ms = self.audio_ms
        points = [(0, 0)]
        marks = self._marks or ()
        for mark_ms, characters in zip(marks[::2], marks[1::2], strict=True):
            if points[-1][0] < mark_ms < total_ms and characters <= length:
                if abs(characters / length - mark_ms / total_ms) > _MAX_SKEW:
                    return [(0, 0), (total_ms, length)]
                points.append((mark_ms, characters))
        points.append((total_ms, length))
        return points

    def _mark(self) -> None:
        self._marked_byte_count = self._audio_byte_count
        if self._marks is None:
            self._marks = array("I")
        self._marks.append(self.audio_ms)
        self._marks.append(len(self.text))


def estimated_ms(text: str) -> int:
    """How long these words take to say, for where their audio never passes us."""
    return len(text) * 1000 // _CHARACTERS_PER_S


def cut_at_word(text: str, length: int) -> str:
    """The longest prefix of `text` within `length` characters that ends with a whole word.

    Scripts that write no spaces are cut at the character.
    """
    if length >= len(text):
        return text
    end = length
    if not text[end].isspace():
        while end > 0 and not text[end - 1].isspace():
            end -= 1
        if end == 0 and not text.isascii() and not any(character.isspace() for character in text):
            end = length
    return text[:end].rstrip()
