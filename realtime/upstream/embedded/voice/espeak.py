"""espeak-ng through ctypes: text to samples with word positions.

espeak-ng is GPL-3: this module is imported by the voice process alone, which shares nothing with
the server but a socket. The library has global state: one instance per process, one call at a time.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import espeakng_loader

SAMPLE_RATE_HZ = 22_050

_RETRIEVAL = 1
_CHARACTERS = 1
_UTF8 = 1
_END_PAUSE = 0x1000
_WORD_EVENT = 1
_RATE, _PITCH = 1, 3
_NORMAL_WORDS_PER_MINUTE = 165


class _EventId(ctypes.Union):
    _fields_ = [
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    ]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class Timbre:
    """An espeak-ng voice with a variant, and its pitch from 0 to 99."""

    espeak_voice: str
    pitch: int


@dataclass(frozen=True, slots=True)
class WordStart:
    """A word begins at this character of the text and this sample of the audio."""

    character: int
    sample: int


class Synthesiser:
    def __init__(self) -> None:
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data_path = espeakng_loader.get_data_path().encode()
        rate = self._library.espeak_Initialize(_RETRIEVAL, 0, data_path, 0)
        if rate != SAMPLE_RATE_HZ:
            raise RuntimeError(f"espeak-ng could not be initialised ({rate})")
        self._samples = bytearray()
        self._words: list[WordStart] = []
        self._callback = _Callback(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def synthesise(self, text: str, timbre: Timbre, speed: float) -> tuple[bytes, list[WordStart]]:
        """16-bit mono samples at 22,050 Hz and where each word starts, in order."""
        self._samples = bytearray()
        self._words = []
        self._library.espeak_SetVoiceByName(timbre.espeak_voice.encode())
        self._library.espeak_SetParameter(_RATE, round(_NORMAL_WORDS_PER_MINUTE * speed), 0)
        self._library.espeak_SetParameter(_PITCH, timbre.pitch, 0)
        encoded = text.encode() + b"\0"
        error = self._library.espeak_Synth(
            encoded, len(encoded), 0, _CHARACTERS, 0, _UTF8 | _END_PAUSE, None, None
        )
        self._library.espeak_Synchronize()
        if error:
            raise RuntimeError(f"espeak-ng could not speak ({error})")
        return bytes(self._samples), self._words

    def _collect(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._samples += ctypes.string_at(samples, count * 2)
        index = 0
        while events[index].type:
            if events[index].type == _WORD_EVENT:
                start = WordStart(events[index].text_position - 1, events[index].sample)
                self._words.append(start)
            index += 1
        return 0
