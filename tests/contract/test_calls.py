"""WebRTC calls through the gateway, against a provider that answers as the recordings do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.gateway import Gateway
from tests.fakes import events
from tests.fakes.calls_server import FakeCall, FakeCallsProvider, fake_calls_provider, form_part
from tests.fakes.recordings import SHARED_DIR, read_recording, recorded_call

OWN_KEY = "sk-the-operators-own-key"
TURN_SECRET = "shared-with-the-turn-server"
CALLS = "/v1/realtime/calls"


def recorded_offer() -> str:
    return form_part(recorded_call()["request"]["body"].encode(), "sdp").decode()


OFFER = recorded_offer()


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeCallsProvider]:
    with fake_calls_provider() as fake:
        yield fake


@pytest.fixture(scope="module")
def gateway(
    provider: FakeCallsProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    with Gateway(
        tmp_path_factory.mktemp("calls"),
        REALTIME_PROVIDER="openai",
        REALTIME_BASE_URL=provider.url,
        OPENAI_API_KEY=OWN_KEY,
        LIMIT_SESSIONS_PER_USER="20",
        LIMIT_RESPONSES_PER_SESSION="3",
        ICE_SERVERS='[{"urls": "stun:stun.example.org"}]',
        TURN_URLS="turn:turn.example.org:3478",
        TURN_SECRET=TURN_SECRET,
    ) as shared:
        yield shared


@pytest.fixture(autouse=True)
def _as_recorded(provider: FakeCallsProvider) -> None:
    provider.refuse_with = None
    provider.not_ready = 0
    provider.requests.clear()


def post(
    gateway: Gateway, key: str, body: Any = OFFER, kind: str = "application/sdp", query: str = ""
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    return gateway.http.post(CALLS + query, headers=headers, content=body)


def post_form(gateway: Gateway, key: str, **parts: Any) -> httpx.Response:
    """As the SDKs send it: parts without file names."""
    kinds = {"sdp": "application/sdp", "session": "application/json"}
    files = {name: (None, part, kinds.get(name)) for name, part in parts.items()}
    return gateway.http.post(CALLS, headers={"Authorization": f"Bearer {key}"}, files=files)


def hang_up(gateway: Gateway, key: str, call_id: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return gateway.http.post(f"{CALLS}/{call_id}/hangup", headers=headers)


class OpenedCall:
    """A call of ours with its other end at the provider; leaving the block hangs up."""

    def __init__(self, gateway: Gateway, provider: FakeCallsProvider, **wishes: Any) -> None:
        self.gateway, self.provider = gateway, provider
        self.minted = gateway.mint(transport="webrtc", **wishes)
        self.answer = post(gateway, self.minted["api_key"])
        assert self.answer.status_code == 201, self.answer.text
        self.id = self.answer.headers["location"].rpartition("/")[2]
        self.there: FakeCall = provider.wait_attached()

    def __enter__(self) -> OpenedCall:
        return self

    def __exit__(self, *_: object) -> None:
        if self.session["state"] != "ended":
            hang_up(self.gateway, self.minted["api_key"], self.id)
            self.ended()

    @property
    def session(self) -> dict[str, Any]:
        return self.gateway.session(self.id)

    def ended(self, within_s: float = 10.0) -> dict[str, Any]:
        self.provider.wait(lambda: self.session["state"] == "ended", within_s)
        return self.session

    def items(self) -> list[dict[str, Any]]:
        return self.gateway.items(self.minted["conversation_id"])

    def tell(self, *told: events.Event) -> None:
        self.provider.emit(*told)

    def say(self, number: int, words: str = "What time is it?") -> None:
        user, item, response = f"item_u{number}", f"item_a{number}", f"resp_{number}"
        self.tell(
            events.speech_started(user),
            events.committed(user),
            events.item_event("added", events.user_speech(user)),
            events.item_event("done", events.user_speech(user)),
            *events.answer_begins(response, item, user),
            {"type": "output_audio_buffer.started", "event_id": "e", "response_id": response},
            events.transcription_completed(user, words),
            *events.answer_ends(response, item, f"Answer {number}."),
        )

    def played(self, number: int) -> None:
        response = f"resp_{number}"
        stopped = {"type": "output_audio_buffer.stopped", "response_id": response}
        self.tell({**stopped, "event_id": "e"})


# What goes to the provider, and what comes back.


def test_the_recorded_exchange_is_reproduced(gateway: Gateway, provider: FakeCallsProvider) -> None:
    recorded = recorded_call()
    session = form_part(recorded["request"]["body"].encode(), "session").decode()
    answer = post_form(gateway, gateway.access(), sdp=OFFER, session=session)
    assert answer.status_code == 201, answer.text
    assert answer.text == recorded["response"]["body"]["string"]
    assert answer.headers["content-type"] == "application/sdp"
    assert answer.headers["location"].startswith("/v1/realtime/calls/rtc_")
    assert "Location" in answer.headers["access-control-expose-headers"]
    (request,) = [made for made in provider.requests if made.path == CALLS]
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
    assert hang_up(gateway, gateway.access(), call_id).status_code == 200


def test_our_sideband_talks_as_the_recorded_one(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    (path,) = (SHARED_DIR / "recordings").glob("*sideband*")
    received = [message.event for message in read_recording(path) if not message.sent]
    with OpenedCall(gateway, provider) as call:
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
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider, instructions="Rhyme.", voice="cedar") as call:
        assert call.id == call.minted["session_id"]
        assert OWN_KEY not in call.answer.text + str(call.answer.headers)
        assert call.there.call_id not in str(call.answer.headers)
        sent = json.loads(form_part(provider.requests[-1].body, "session"))
        assert sent["audio"]["output"]["voice"] == "cedar"
        assert sent["audio"]["input"]["transcription"]["model"]
        assert sent["instructions"].endswith("Rhyme.")
        session = call.session
        assert (session["state"], session["transport"]) == ("live", "webrtc")


def test_a_sideband_that_is_not_ready_is_tried_again(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    provider.not_ready = 2
    with OpenedCall(gateway, provider) as call:
        call.say(1)
        provider.wait(lambda: call.session["turns"] == 1)


def test_a_mint_for_webrtc_names_where_to_call_and_how_to_get_through(gateway: Gateway) -> None:
    minted = gateway.mint(transport="webrtc")
    assert minted["calls_url"] == f"{gateway.process.url}{CALLS}"
    stun, turn = minted["ice_servers"]
    assert stun == {"urls": "stun:stun.example.org"}
    assert turn["urls"] == ["turn:turn.example.org:3478"]
    expires_at_s = int(turn["username"].partition(":")[0])
    assert 0 < expires_at_s - time.time() <= 7200
    digest = hmac.new(TURN_SECRET.encode(), turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(digest).decode()
    assert "ice_servers" not in gateway.mint()


# Refusals.


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        ((400, b'{"error":{"message":"m","code":"invalid_offer"}}'), 400, "invalid_offer"),
        ((429, b'{"error":{"message":"m","code":"rate_limit_exceeded"}}'), 429, None),
        ((401, b'{"error":{"message":"sk-th...key","code":"x"}}'), 502, "upstream_auth"),
        ((403, b"no"), 502, "upstream_auth"),
        ((200, b'{"sdp": "v=0"}'), 502, "upstream_bad_answer"),
        ((201, b"<html>"), 502, "upstream_bad_answer"),
    ],
)
def test_what_the_provider_refuses_comes_back_in_openais_shape(
    gateway: Gateway,
    provider: FakeCallsProvider,
    refusal: tuple[int, bytes],
    status: int,
    code: str | None,
) -> None:
    provider.refuse_with = (refusal[0], "application/json", refusal[1])
    key = gateway.mint()["api_key"]
    answer = post(gateway, key)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert code in (None, answer.json()["error"]["code"])
    assert "sk-" not in answer.text
    provider.refuse_with = None
    again = post(gateway, key)  # a failed dial uses up no secret, and holds no slot
    assert again.status_code == 201
    provider.wait_attached()
    hang_up(gateway, key, again.headers["location"].rpartition("/")[2])


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
    gateway: Gateway,
    provider: FakeCallsProvider,
    body: str | bytes,
    kind: str,
    status: int,
    code: str,
) -> None:
    answer = post(gateway, gateway.access(), body, kind)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code
    assert provider.requests == []


@pytest.mark.parametrize(
    ("session", "param"),
    [
        ("{", "session"),
        ("[]", "session"),
        ('{"model": "x"}', "session.type"),
        ('{"type": "realtime", "tools": [{"type": "mcp"}]}', "session.tools[0].type"),
        ('{"type": "realtime", "audio": {"output": {"voice": "eve"}}}', "audio.output.voice"),
    ],
)
def test_a_forbidden_session_is_refused_and_named(
    gateway: Gateway, provider: FakeCallsProvider, session: str, param: str
) -> None:
    answer = post_form(gateway, gateway.access(), sdp=OFFER, session=session)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"].endswith(param)
    assert provider.requests == []


def test_parts_that_are_missing_or_unknown_are_named(gateway: Gateway) -> None:
    missing = post_form(gateway, gateway.access(), session='{"type": "realtime"}')
    assert missing.json()["error"]["param"] == "sdp"
    unknown = post_form(gateway, gateway.access(), sdp=OFFER, offer=OFFER)
    assert unknown.json()["error"]["code"] == "unknown_parameter"
    bound = post_form(gateway, gateway.mint()["api_key"], sdp=OFFER, session='{"type": "realtime"}')
    assert (bound.status_code, bound.json()["error"]["param"]) == (400, "session")


def test_without_a_credential_there_is_no_call(gateway: Gateway) -> None:
    assert gateway.http.post(CALLS, content=OFFER).status_code == 401
    assert post(gateway, "ek_made_up").json()["error"]["code"] == "invalid_client_secret"
    assert hang_up(gateway, "ek_made_up", "rtc_1_x").status_code == 401


def test_a_call_without_a_session_gets_the_defaults_and_its_model_is_a_wish(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    answer = post(gateway, gateway.access(), query="?model=gpt-4o-realtime-preview")
    assert answer.status_code == 201
    sent = json.loads(form_part(provider.requests[-1].body, "session"))
    assert sent["model"] == "gpt-realtime-2.1"
    provider.wait_attached()
    hang_up(gateway, gateway.access(), answer.headers["location"].rpartition("/")[2])


# The end.


def test_its_owner_hangs_up_and_nobody_else(gateway: Gateway, provider: FakeCallsProvider) -> None:
    with OpenedCall(gateway, provider) as call:
        other = gateway.mint()["api_key"]
        for stranger in (other, gateway.access("admin")):
            refused = hang_up(gateway, stranger, call.id)
            assert (refused.status_code, refused.json()["error"]["code"]) == (
                404,
                "call_id_not_found",
            )
        assert hang_up(gateway, call.minted["api_key"], call.id).status_code == 200
        provider.wait(lambda: call.there.is_hung_up)
        assert call.ended()["end_reason"] == "user_hangup"
        assert hang_up(gateway, gateway.access(), call.id).status_code == 404


def test_a_caller_who_leaves_ends_the_session(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider) as call:
        provider.cut(1000)
        assert call.ended()["end_reason"] == "user_hangup"


def test_an_administrator_ends_a_call_in_under_a_second(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider) as call:
        path = f"/api/review/sessions/{call.id}/end"
        asked_at = time.monotonic()
        answer = gateway.request("POST", path, person="admin", json={"reason": "a test"})
        assert answer.status_code < 300, answer.text
        provider.wait(lambda: call.there.is_hung_up)
        assert time.monotonic() - asked_at < 1.0
        assert call.ended()["end_reason"] == "admin_ended"


def test_signing_out_ends_the_call(gateway: Gateway, provider: FakeCallsProvider) -> None:
    tokens = gateway.sign_in()
    answer = post(gateway, tokens["access"])
    call = provider.wait_attached()
    gateway.http.post("/api/token/logout/", json={"refresh": tokens["refresh"]})
    provider.wait(lambda: call.is_hung_up)
    session_id = answer.headers["location"].rpartition("/")[2]
    provider.wait(lambda: gateway.session(session_id)["end_reason"] == "auth_expired")


def test_a_quota_of_three_answers_has_no_fourth(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider) as call:
        for number in (1, 2):
            call.say(number)
            call.played(number)
        provider.wait(lambda: call.session["turns"] == 2)
        assert not call.there.is_hung_up
        call.say(3)
        silenced = provider.wait(lambda: call.there.received[-1:])[0]
        provider.wait(lambda: len(call.there.received) == 2)
        silenced = call.there.received[-1]["session"]["audio"]["input"]["turn_detection"]
        assert silenced["create_response"] is False
        call.played(3)
        assert call.ended()["end_reason"] == "budget_exhausted"
        assert call.there.is_hung_up
        assert call.session["turns"] == 3


def test_a_fourth_answer_is_cut_before_it_speaks(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider) as call:
        for number in (1, 2, 3):
            call.say(number)
        call.tell(events.response_created("resp_4"))
        assert call.ended()["end_reason"] == "budget_exhausted"
        assert call.session["turns"] == 3


def test_a_secret_that_calls_again_moves_the_call(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider) as call:
        answer = post(gateway, call.minted["api_key"])
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"].endswith(call.id)
        provider.wait(lambda: call.there.is_hung_up)
        newer = provider.wait_attached()
        assert not newer.is_hung_up
        assert call.session["state"] == "live"
    assert newer.is_hung_up
    refused = post(gateway, call.minted["api_key"])
    assert refused.json()["error"]["code"] == "client_secret_used"


async def test_a_secret_that_falls_back_to_the_socket_takes_its_session_along(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider) as call:
        call.say(1)
        provider.wait(lambda: call.session["turns"] == 1)
        socket = await gateway.dial(call.minted["api_key"])
        provider.wait(lambda: call.there.is_hung_up)
        await socket.connection.close()


# What policy forbids, and what was missed.


def test_a_forbidden_change_is_undone_and_repeated_ends_the_call(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    forbidden = {"tools": [{"type": "mcp", "server_label": "x", "server_url": "https://x"}]}
    with OpenedCall(gateway, provider) as call:
        for times in (2, 3):
            provider.update_by_client(forbidden)
            provider.wait_attached(times=times)
            assert call.there.session["tools"] == []
        provider.update_by_client(forbidden)
        assert call.ended()["end_reason"] == "policy_blocked"
        assert call.there.is_hung_up


def test_a_line_that_breaks_is_shown_as_a_gap(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider) as call:
        call.say(1, "Before.")
        provider.wait(lambda: call.session["turns"] == 1)
        provider.cut(1011)
        provider.wait_attached(times=2)
        call.say(2, "After.")
        provider.wait(lambda: call.session["turns"] == 2)
        kinds = [item["kind"] for item in call.items()]
        assert kinds == ["message", "message", "recording_gap", "message", "message"]
        gap = call.items()[2]
        assert gap["text"].startswith("Recording gap from ")
        assert gap["status"] == "completed"


def test_a_call_that_cannot_be_heard_is_hung_up_and_says_so(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    provider.not_ready = 1000
    minted = gateway.mint(transport="webrtc")
    assert post(gateway, minted["api_key"]).status_code == 201
    call = provider.calls[-1]
    provider.wait(lambda: call.is_hung_up)
    provider.wait(lambda: gateway.session(minted["session_id"])["state"] == "ended")
    assert gateway.session(minted["session_id"])["end_reason"] == "upstream_error"
    (gap,) = gateway.items(minted["conversation_id"])
    assert (gap["kind"], gap["status"]) == ("recording_gap", "incomplete")


def test_the_log_knows_the_call_and_its_lengths_and_none_of_its_words(
    gateway: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(gateway, provider) as call:
        call.say(1, "A sentence for no log.")
        provider.wait(lambda: call.session["turns"] == 1)
        log = gateway.process.log()
    assert f"call {call.id}: offer of {len(OFFER)} bytes" in log
    assert "a=ice-ufrag" not in log
    assert "no log" not in log
    assert OWN_KEY not in log
    assert call.minted["api_key"] not in log
