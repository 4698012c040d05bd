"""The provider's voice names as espeak-ng voices: distinct to the ear, none an imitation."""

from __future__ import annotations

from realtime.upstream.embedded.voice.espeak import Timbre

TIMBRES = {
    "alloy": Timbre("en-us+f2", 45),
    "ash": Timbre("en-us+m3", 40),
    "ballad": Timbre("en-gb+m2", 45),
    "cedar": Timbre("en-us+m7", 42),
    "coral": Timbre("en-us+f4", 55),
    "echo": Timbre("en-us+m1", 50),
    "marin": Timbre("en-us+f3", 50),
    "sage": Timbre("en-gb+f1", 45),
    "shimmer": Timbre("en-us+f5", 60),
    "verse": Timbre("en-gb+m4", 50),
}
