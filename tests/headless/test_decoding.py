"""Every format a client may send becomes the same sound; everything else is named and refused."""

from __future__ import annotations

import base64
import io
import struct
import time
import zipfile

import numpy as np
import pytest
from pytest_django import Settings

from realtime.core.audio import wav_header
from realtime.core.errors import VoiceError
from realtime.headless.decoding import decode_base64, decode_body
from tests.headless.recordings import FORMATS, NARROW_FORMATS, Pcm, encode, in_format, spoken

RAW = "audio/pcm;rate=24000"


def sameness(pcm: bytes, expected: Pcm) -> float:
    """The greatest correlation of both, wherever an encoder's delay has put it."""
    heard = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    length = 1 << int(np.ceil(np.log2(len(heard) + len(expected))))
    spectrum = np.fft.rfft(heard, length) * np.conj(np.fft.rfft(expected.astype(float), length))
    peak = np.max(np.fft.irfft(spectrum, length))
    return float(peak / (np.linalg.norm(heard) * np.linalg.norm(expected.astype(float))))


@pytest.mark.parametrize("name", [*FORMATS, *NARROW_FORMATS])
def test_a_recording_in_any_format_is_the_same_sound(name: str) -> None:
    pcm = decode_body(*in_format(name))
    assert abs(len(pcm) / 2 - len(spoken())) < 24_000 * 0.1
    assert sameness(pcm, spoken()) > 0.95


def test_pcm_at_24_khz_is_heard_sample_for_sample() -> None:
    raw = spoken().tobytes()
    assert decode_body(raw, RAW) == raw
    assert decode_body(raw, "audio/pcm") == raw
    assert decode_body(wav_header(len(raw)) + raw, "audio/wav") == raw


@pytest.mark.parametrize("parameter", ["rate=8000", 'rate="8000"', "Rate = 8000"])
def test_pcm_at_another_rate_says_so_in_its_content_type(parameter: str) -> None:
    pcm = decode_body(spoken(rate_hz=8_000).tobytes(), f"audio/pcm; {parameter}")
    assert sameness(pcm, spoken()) > 0.95


def test_a_streamed_wav_of_unknown_length_is_read_to_its_end() -> None:
    raw = spoken().tobytes()
    assert decode_body(wav_header(None) + raw, "audio/wav") == raw


def test_json_brings_pcm_or_a_wav_file_as_base64() -> None:
    raw = spoken().tobytes()
    assert decode_base64(base64.b64encode(raw).decode()) == raw
    assert decode_base64(base64.b64encode(wav_header(len(raw)) + raw).decode()) == raw


def refusal(body: bytes, content_type: str) -> tuple[int, str]:
    with pytest.raises(VoiceError) as refused:
        decode_body(body, content_type)
    return refused.value.http_status, refused.value.code


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "words")
    return target.getvalue()


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"", "audio/wav", (422, "empty_audio")),
        (b"", RAW, (422, "empty_audio")),
        (b"Dear diary, today I named a text .wav", "audio/wav", (422, "invalid_audio")),
        (zipped(), "audio/ogg", (422, "invalid_audio")),
        (wav_header(100), "audio/wav", (422, "empty_audio")),
        (b"RIFF\xff\xff\xff\xffWAVE", "audio/wav", (422, "invalid_audio")),
        (b"\x00\x01\x02", RAW, (422, "invalid_audio")),
        (b"words", "text/plain", (415, "unsupported_audio")),
        (b"words", "application/x-www-form-urlencoded", (415, "unsupported_audio")),
        (b"words", "", (415, "unsupported_audio")),
        (b"\x00\x00", "audio/pcm;rate=5", (415, "unsupported_audio")),
        (b"\x00\x00", "audio/pcm;rate=fast", (415, "unsupported_audio")),
        (b"\x00\x00", "audio/pcm;rate=²", (415, "unsupported_audio")),
        (b"\x00\x00", "audio/L16", (415, "unsupported_audio")),
    ],
)
def test_what_is_no_audio_is_named(
    body: bytes, content_type: str, expected: tuple[int, str]
) -> None:
    assert refusal(body, content_type) == expected


def test_a_codec_outside_the_list_is_named() -> None:
    adpcm = encode(spoken(rate_hz=16_000), 16_000, "wav", "adpcm_ms")
    assert refusal(adpcm, "audio/wav") == (415, "unsupported_audio")


def test_a_playlist_reaches_no_other_file() -> None:
    """FFmpeg would open what a playlist or a concat script names."""
    assert refusal(b"#EXTM3U\n/etc/passwd\n", "audio/mpeg") == (422, "invalid_audio")
    assert refusal(b"ffconcat version 1.0\nfile /etc/passwd\n", "audio/wav") == (
        422,
        "invalid_audio",
    )


def test_hours_in_a_small_file_are_refused_without_being_decoded_to_the_end(
    settings: Settings,
) -> None:
    settings.LIMIT_AUDIO_SEC = 2
    quiet = encode(np.zeros(16_000 * 600, dtype=np.int16), 16_000, "flac", "flac")
    assert len(quiet) < 300_000
    started = time.monotonic()
    assert refusal(quiet, "audio/flac") == (413, "audio_too_large")
    assert time.monotonic() - started < 2


def test_more_bytes_than_one_request_may_bring_are_refused(settings: Settings) -> None:
    settings.LIMIT_AUDIO_BODY_BYTES = 1024
    assert refusal(bytes(1026), RAW) == (413, "audio_too_large")
    with pytest.raises(VoiceError) as refused:
        decode_base64(base64.b64encode(bytes(1026)).decode())
    assert refused.value.code == "audio_too_large"


@pytest.mark.parametrize("audio", [None, 5, "???", "AAA"])
def test_what_is_no_base64_is_refused(audio: object) -> None:
    with pytest.raises(VoiceError) as refused:
        decode_base64(audio)
    assert (refused.value.http_status, refused.value.code) == (422, "invalid_audio")


def test_broken_files_never_end_in_anything_but_a_refusal() -> None:
    """Cut and flipped at many places: some can still be read, none may break the server."""
    dice = np.random.default_rng(7)
    for name in FORMATS:
        whole, content_type = in_format(name)
        for _ in range(12):
            broken = bytearray(whole[: dice.integers(20, len(whole))])
            for at in dice.integers(0, len(broken), 20):
                broken[at] ^= int(dice.integers(1, 256))
            assert outcome(bytes(broken), content_type) in (200, 413, 415, 422)


def outcome(body: bytes, content_type: str) -> int:
    try:
        decode_body(body, content_type)
    except VoiceError as refused:
        return refused.http_status
    return 200


def test_a_wav_header_that_lies_about_its_rate_is_refused() -> None:
    lying = bytearray(wav_header(4))
    struct.pack_into("<I", lying, 24, 1)
    assert refusal(bytes(lying) + b"\0\0\0\0", "audio/wav") == (422, "invalid_audio")
