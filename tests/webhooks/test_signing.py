"""Signatures that receivers' own libraries take, and secrets that a database does not tell."""

from __future__ import annotations

import base64
import time

import pytest
from openai import InvalidWebhookSignatureError, OpenAI
from pytest_django.fixtures import Settings

from webhooks import sealing, signing

BODY = b'{"test": 2432232314}'


def test_the_example_of_the_reference_libraries_is_signed_as_they_do() -> None:
    signed = signing.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        BODY,
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_another_makers_verifier_takes_both_secrets_of_a_rotation_and_no_third() -> None:
    new, old = signing.new_secret(), signing.new_secret()
    headers = signing.signed_headers([new, old], signing.new_message_id(), int(time.time()), BODY)
    with OpenAI(api_key="unused") as client:
        for secret in (new, old):
            client.webhooks.verify_signature(BODY, headers, secret=secret)
        for body, secret in ((BODY + b" ", new), (BODY, signing.new_secret())):
            with pytest.raises(InvalidWebhookSignatureError):
                client.webhooks.verify_signature(body, headers, secret=secret)


def test_secrets_are_long_and_message_ids_hold_no_full_stop() -> None:
    secret = signing.new_secret()
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) >= 24
    assert "." not in signing.new_message_id()


def test_a_sealed_secret_opens_under_its_own_secret_key_alone(settings: Settings) -> None:
    secret = signing.new_secret()
    sealed = sealing.seal(secret)
    assert secret not in sealed
    assert sealing.unseal(sealed) == secret
    settings.SECRET_KEY = "another key, " * 5
    with pytest.raises(sealing.SecretUnreadable):
        sealing.unseal(sealed)
