"""What the error tree tells those who handle it."""

from __future__ import annotations

import pytest

from realtime.core.errors import UpstreamRefused


@pytest.mark.parametrize(
    ("provider_status", "retryable"),
    [(400, False), (401, False), (404, False), (408, True), (429, True), (500, True), (503, True)],
)
def test_a_refusal_by_the_provider_says_whether_asking_again_can_help(
    provider_status: int, retryable: bool
) -> None:
    refused = UpstreamRefused("No.", provider_status=provider_status)
    assert refused.retryable is retryable
    assert refused.provider_status == provider_status


def test_a_refusal_by_the_provider_keeps_its_words() -> None:
    refused = UpstreamRefused("Bad SDP.", provider_status=400, code="invalid_offer", param="sdp")
    assert (refused.message, refused.code, refused.param) == ("Bad SDP.", "invalid_offer", "sdp")
    assert UpstreamRefused("No.", provider_status=400).code == "upstream_refused"
