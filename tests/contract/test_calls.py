"""Opening WebRTC calls, against a provider that answers as the recordings do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from http.client import HTTPConnection

import pytest

from tests.contract.calling import (
    CALLS,
    OFFER,
    OWN_KEY,
    TURN_SECRET,
    OpenedCall,
    hang_up,
    post,
    post_form,
)
from tests.contract.gateway import Gateway
from tests.fakes import events
from tests.fakes.calls_server import FakeCallsProvider, form_part
from tests.fakes.recordings import SHARED_DIR, read_recording, recorded_call

# What goes to the provider, and what comes back.


def test_the_recorded_exchange_is_reproduced(calling: Gateway, provider: FakeCallsProvider) -> None:
    recorded = recorded_call()
    session = form_part(recorded["request"]["body"].encode(), "session").decode()
    answer = post_form(calling, calling.access(), sdp=OFFER, session=session)
    assert answer.status_code == 201, answer.text
    assert answer.text == recorded["response"]["body"]["string"]
    assert answer.headers["content-type"] == "application/sdp"
    assert answer.headers["location"].startswith("/v1/realtime/calls/rtc_")
    assert "Location" in answer.headers["access-control-expose-headers"]
    (request,) = provider.offers
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert request.headers["accept"] == "application/sdp"
    assert request.headers["authorization"] == f"Bearer {OWN_KEY}"
    assert len(request.headers["openai-safety-identifier"]) == 64
    assert form_part(request.body, "sdp").decode() == OFFER
    sent, wanted = json.loads(form_part(request.body, "session")), json.loads(session)
    assert sent["type"] == "realtime"
    assert sent["audio"]["output"]["voice"] == wanted["audio"]["output"]["voice"]
    assert sent["instructions"].endswith(wanted["instructions"])
    call_id = answer.headers["location"].rpartition("/")[2]
    provider.wait_attached()
    assert hang_up(calling, calling.access(), call_id).status_code == 200


def test_our_sideband_talks_as_the_recorded_one(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    (path,) = (SHARED_DIR / "recordings").glob("*sideband*")
    received = [message.event for message in read_recording(path) if not message.sent]
    with OpenedCall(calling, provider) as call:
        assert [event["type"] for event in call.there.received] == ["session.update"]
        handshake = provider.sockets[-1]
        assert handshake.body == f"call_id={call.there.call_id}".encode()
        assert handshake.headers["authorization"] == f"Bearer {OWN_KEY}"
        call.tell(*received[1:])
        provider.wait(lambda: call.session["turns"] == 1)
        said = [(item["role"], item["text"], item["source"]) for item in call.items()]
        assert said == [("user", "Say hello.", "text"), ("assistant", "Hello there.", "voice")]
        usage = call.session["usage"]
        assert (usage["input_text_tokens"], usage["output_audio_tokens"]) == (12, 61)


def test_a_browser_with_a_client_secret_gets_a_call_of_its_own_session(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider, instructions="Rhyme.", voice="cedar") as call:
        assert call.id == call.minted["session_id"]
        assert OWN_KEY not in call.answer.text + str(call.answer.headers)
        assert call.there.call_id not in str(call.answer.headers)
        sent = json.loads(form_part(provider.offers[-1].body, "session"))
        assert sent["audio"]["output"]["voice"] == "cedar"
        assert sent["audio"]["input"]["transcription"]["model"]
        assert sent["instructions"].endswith("Rhyme.")
        session = call.session
        assert (session["state"], session["transport"]) == ("live", "webrtc")


def test_a_call_is_given_the_history_of_its_conversation(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as earlier:
        earlier.say(1, "My name is Alice.")
        provider.wait(lambda: earlier.session["turns"] == 1)
    conversation_id = earlier.minted["conversation_id"]
    with OpenedCall(calling, provider, conversation_id=conversation_id) as call:
        provider.wait(lambda: len(call.there.received) == 3)
        given = call.there.received[1:]
        assert [event["type"] for event in given] == ["conversation.item.create"] * 2
        said = [event["item"]["content"][0]["text"] for event in given]
        assert said == ["My name is Alice.", "Answer 1."]
        assert [event["previous_item_id"] for event in given] == ["root", given[0]["item"]["id"]]
        for event in given:  # the provider tells everybody of them
            call.tell(events.item_event("added", event["item"]))
        call.say(2, "What is my name?")
        provider.wait(lambda: call.session["turns"] == 1)
        assert len(call.items()) == 4


def test_a_sideband_that_is_not_ready_is_tried_again(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    provider.not_ready = 2
    with OpenedCall(calling, provider) as call:
        call.say(1)
        provider.wait(lambda: call.session["turns"] == 1)


def test_a_mint_for_webrtc_names_where_to_call_and_how_to_get_through(calling: Gateway) -> None:
    minted = calling.mint(transport="webrtc")
    assert minted["calls_url"] == f"{calling.process.url}{CALLS}"
    stun, turn = minted["ice_servers"]
    assert stun == {"urls": ["stun:stun.example.org"]}
    assert turn["urls"] == ["turn:turn.example.org:3478"]
    expires_at_s = int(turn["username"].partition(":")[0])
    assert 0 < expires_at_s - time.time() <= 7200
    digest = hmac.new(TURN_SECRET.encode(), turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(digest).decode()
    assert "ice_servers" not in calling.mint()


# Refusals.


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        ((400, b'{"error":{"message":"m","code":"invalid_offer"}}'), 400, "invalid_offer"),
        ((429, b'{"error":{"message":"m","code":"rate_limit_exceeded"}}'), 429, None),
        ((503, b'{"error":{"message":"m","code":"server_overloaded"}}'), 503, "server_overloaded"),
        ((500, b"oops"), 500, "upstream_refused"),
        ((401, b'{"error":{"message":"sk-th...key","code":"x"}}'), 502, "upstream_auth"),
        ((403, b"no"), 502, "upstream_auth"),
        ((200, b'{"sdp": "v=0"}'), 502, "upstream_bad_answer"),
        ((201, b"<html>"), 502, "upstream_bad_answer"),
    ],
)
def test_what_the_provider_refuses_comes_back_in_openais_shape(
    calling: Gateway,
    provider: FakeCallsProvider,
    refusal: tuple[int, bytes],
    status: int,
    code: str | None,
) -> None:
    provider.refuse_with = (refusal[0], "application/json", refusal[1])
    key = calling.mint()["api_key"]
    answer = post(calling, key)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert code in (None, answer.json()["error"]["code"])
    assert "sk-" not in answer.text
    assert answer.headers.get("retry-after") == ("7" if status == refusal[0] else None)
    provider.refuse_with = None
    again = post(calling, key)  # a failed dial uses up no secret, and holds no slot
    assert again.status_code == 201
    provider.wait_attached()
    hang_up(calling, key, again.headers["location"].rpartition("/")[2])


def test_a_refusal_is_logged_by_call_with_lengths_and_status(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    provider.refuse_with = (200, "application/json", b'{"sdp": "v=0"}')
    minted = calling.mint()
    assert post(calling, minted["api_key"]).status_code == 502
    line = f"call {minted['session_id']}: offer of {len(OFFER)} bytes refused: 200"
    assert f"{line} upstream_bad_answer, answer of 14 bytes" in calling.process.log()


def test_a_caller_who_does_not_wait_for_the_answer_leaves_no_call_behind(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    minted = calling.mint()
    provider.answer_after_s = 1.0
    answered = len(provider.calls)
    impatient = HTTPConnection("127.0.0.1", calling.process.port)
    authorization = {"Authorization": f"Bearer {minted['api_key']}"}
    headers = {"Content-Type": "application/sdp", **authorization}
    impatient.request("POST", CALLS, OFFER, headers)
    provider.wait(lambda: provider.offers)
    impatient.close()
    provider.wait(lambda: len(provider.calls) > answered and provider.calls[-1].is_hung_up)
    assert provider.calls[-1].attached == 0
    provider.answer_after_s = 0.0
    again = post(calling, minted["api_key"])
    assert again.status_code == 201, again.text
    provider.wait_attached()
    hang_up(calling, minted["api_key"], again.headers["location"].rpartition("/")[2])


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("", "application/sdp", 400, "missing_required_parameter"),
        ("hello", "application/sdp", 400, "invalid_offer"),
        (b"v=\xff", "application/sdp", 400, "invalid_offer"),
        ("v=0\r\n" + "a" * 70_000, "application/sdp", 400, "string_above_max_length"),
        ('{"sdp": "v=0"}', "application/json", 415, "unsupported_media_type"),
        ("v=0", "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_a_wrong_offer_never_reaches_the_provider(
    calling: Gateway,
    provider: FakeCallsProvider,
    body: str | bytes,
    kind: str,
    status: int,
    code: str,
) -> None:
    answer = post(calling, calling.access(), body, kind)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code
    assert provider.offers == []


@pytest.mark.parametrize(
    ("session", "param"),
    [
        ("{", "session"),
        ("[]", "session"),
        (r'{"type": "realtime", "instructions": "\ud800"}', "session"),
        ('{"model": "x"}', "session.type"),
        ('{"type": "realtime", "tools": [{"type": "mcp"}]}', "session.tools[0].type"),
        ('{"type": "realtime", "audio": {"output": {"voice": "eve"}}}', "audio.output.voice"),
    ],
)
def test_a_forbidden_session_is_refused_and_named(
    calling: Gateway, provider: FakeCallsProvider, session: str, param: str
) -> None:
    answer = post_form(calling, calling.access(), sdp=OFFER, session=session)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"].endswith(param)
    assert provider.offers == []


def test_parts_that_are_missing_or_unknown_are_named(calling: Gateway) -> None:
    missing = post_form(calling, calling.access(), session='{"type": "realtime"}')
    assert missing.json()["error"]["param"] == "sdp"
    unknown = post_form(calling, calling.access(), sdp=OFFER, offer=OFFER)
    assert unknown.json()["error"]["code"] == "unknown_parameter"
    bound = post_form(calling, calling.mint()["api_key"], sdp=OFFER, session='{"type": "realtime"}')
    assert (bound.status_code, bound.json()["error"]["param"]) == (400, "session")


def test_without_a_credential_there_is_no_call(calling: Gateway) -> None:
    assert calling.http.post(CALLS, content=OFFER).status_code == 401
    assert post(calling, "ek_made_up").json()["error"]["code"] == "invalid_client_secret"
    assert hang_up(calling, "ek_made_up", "rtc_1_x").status_code == 401


def test_a_call_without_a_session_gets_the_defaults_and_its_model_is_a_wish(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    answer = post(calling, calling.access(), query="?model=gpt-4o-realtime-preview")
    assert answer.status_code == 201
    sent = json.loads(form_part(provider.offers[-1].body, "session"))
    assert sent["model"] == "gpt-realtime-2.1"
    provider.wait_attached()
    hang_up(calling, calling.access(), answer.headers["location"].rpartition("/")[2])
