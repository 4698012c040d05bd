"""A Chromium whose microphone is a WAV file, and whose loudspeaker really plays."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from scripts.test_services import SHELL
from tests.e2e.speech import Line, Speaker

FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
)
FAKE_DEVICE = "--use-fake-device-for-media-stream"
ALLOW_PROMPTS = "--use-fake-ui-for-media-stream"
DENY_PROMPTS = "--use-fake-ui-for-media-stream=deny"


def launch(playwright: Playwright, *flags: str, whole: bool = False) -> Browser:
    """Chromium, headless and not muted. Close it when done.

    whole: as people have it, with prompts (and what is known of their answers before they come) and
    policies; a page of it costs half a second of CPU more.
    """
    chromium = (None if whole else shutil.which(SHELL)) or shutil.which("chromium")
    assert chromium is not None, "chromium is not installed"
    return playwright.chromium.launch(
        executable_path=chromium,
        headless=True,
        args=[*FLAGS, *flags],
        # Muted, Chromium renders no sound at all, and a probe at the output would measure nothing.
        ignore_default_args=["--mute-audio"],
    )


def launch_with_microphone(playwright: Playwright, microphone: Microphone) -> Browser:
    source = f"--use-file-for-fake-audio-capture={microphone.path}%noloop"
    return launch(playwright, ALLOW_PROMPTS, FAKE_DEVICE, source)


class Microphone:
    """The file that the browser reads from its beginning each time a page opens the microphone.

    `say` before the page asks for it; after the script the room is quiet, longer than a test.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "microphone.wav"
        self.speaker = Speaker(folder / "lines")
        self.say()

    def say(self, *script: Line) -> int:
        """Replace what will be heard; returns its length in ms."""
        return self.speaker.write(self.path, script)

    def deliver_zeros(self) -> None:
        """What a microphone gives whose own switch is off."""
        self.speaker.write_zeros(self.path, length_ms=10_000)

    def line_ms(self, line: str | Path) -> int:
        return self.speaker.line_ms(line)
