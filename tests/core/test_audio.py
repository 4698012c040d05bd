from __future__ import annotations

import base64
import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core import audio
from realtime.core.audio import G711, PCM16, check_audio
from realtime.core.errors import InvalidEvent


def test_a_millisecond_of_pcm16_is_48_bytes() -> None:
    assert audio.pcm16_bytes(20) == 960
    assert audio.pcm16_duration_ms(960) == 20
    assert audio.pcm16_bytes(20, 48_000) == 1920
    assert PCM16.duration_ms(4799) == 99
    assert G711.duration_ms(80) == 10


@given(st.binary(max_size=200))
def test_base64_is_measured_without_decoding_it(content: bytes) -> None:
    assert audio.base64_byte_count(base64.b64encode(content).decode()) == len(content)


def test_formats_are_read_from_a_session_object() -> None:
    session = {"audio": {"input": {"format": {"type": "audio/pcmu"}}, "output": {}}}
    assert audio.input_format_of(session) is G711
    assert audio.output_format_of(session) is PCM16
    assert audio.input_format_of({"audio": {"input": None}}) is PCM16
    assert audio.output_format_of({"audio": None}) is PCM16
    assert audio.format_of({"type": "audio/pcma"}) is G711
    assert audio.format_of({"type": "audio/opus"}) is PCM16


def test_well_formed_audio_is_counted_in_bytes() -> None:
    assert check_audio(base64.b64encode(b"\0" * 960).decode(), PCM16) == 960
    assert check_audio("", PCM16) == 0
    assert check_audio(base64.b64encode(b"\0").decode(), G711) == 1


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        (None, "missing_required_parameter"),
        (7, "invalid_type"),
        ("not base64!", "invalid_value"),
        ("AAA", "invalid_value"),
        ("ÄÄÄÄ", "invalid_value"),
        ("AAAA====", "invalid_value"),
        ("AAAA\n", "invalid_value"),
    ],
)
def test_malformed_audio_is_refused(encoded: object, code: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        check_audio(encoded, PCM16, client_event_id="c1")
    assert (caught.value.code, caught.value.param) == (code, "audio")
    assert caught.value.client_event_id == "c1"


def test_pcm_that_ends_within_a_sample_is_refused_in_words() -> None:
    with pytest.raises(InvalidEvent, match="3 bytes is not a whole number of 16-bit samples"):
        check_audio("AAAA", PCM16)


def wav_file(channels: int = 1, rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(b"\1\2" * channels * 10)
    return file.getvalue()


def test_a_wav_header_is_read() -> None:
    header = audio.read_wav_header(wav_file(channels=2, rate=44_100))
    assert header == audio.WavHeader(44_100, 2, 16, data_offset=44, data_bytes=40)


def test_chunks_before_the_samples_are_skipped_with_their_padding() -> None:
    wav = wav_file()
    noted = wav[:36] + b"note" + struct.pack("<I", 3) + b"abc\0" + wav[36:]
    assert audio.read_wav_header(noted).data_offset == 56


def test_a_streamed_wav_ends_where_its_bytes_end() -> None:
    wav = audio.wav_header(None) + b"\0" * 10
    assert audio.read_wav_header(wav) == audio.WavHeader(24_000, 1, 16, 44, 10)


def test_an_extensible_wav_is_read_by_its_real_format() -> None:
    layout = struct.pack("<HHIIHHHHIH", 0xFFFE, 1, 24_000, 48_000, 2, 16, 22, 16, 4, 1)
    wav = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<I", len(layout)) + layout + b"data\2\0\0\0ab"
    assert audio.read_wav_header(wav).sample_rate_hz == 24_000


def test_a_wav_header_we_write_is_one_python_reads() -> None:
    with wave.open(io.BytesIO(audio.wav_header(4) + b"\0\0\0\0"), "rb") as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getnframes()) == (24_000, 1, 2)


@pytest.mark.parametrize(
    ("wav", "complaint"),
    [
        (b"", "not a WAV"),
        (b"RIFF\0\0\0\0AVI ", "not a WAV"),
        (b"OggS\0\0\0\0WAVE", "not a WAV"),
        (b"RIFF\0\0\0\0WAVE", "without data"),
        (b"RIFF\0\0\0\0WAVEdata\2\0\0\0ab", "without a format"),
        (b"RIFF\0\0\0\0WAVEfmt \4\0\0\0\1\0\1\0", "cut short"),
        (wav_file().replace(b"fmt \x10\0\0\0\1\0", b"fmt \x10\0\0\0\7\0"), "compressed"),
        (wav_file().replace(b"\1\0\1\0", b"\1\0\0\0", 1), "makes no sense"),
        (wav_file().replace(b"\x80\x3e\0\0", b"\0\0\0\0", 1), "makes no sense"),
        (wav_file().replace(b"\2\0\x10\0", b"\2\0\4\0", 1), "makes no sense"),
    ],
)
def test_a_wav_that_cannot_be_used_says_why(wav: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        audio.read_wav_header(wav)
