"""How WebRTC calls end, what they may not do, and what was missed of them."""

from __future__ import annotations

import time

from tests.contract.administrator import Administrator
from tests.contract.calling import OFFER, OWN_KEY, OpenedCall, hang_up, post
from tests.contract.gateway import Gateway
from tests.fakes import events
from tests.fakes.calls_server import FakeCallsProvider

# The end.


def test_its_owner_hangs_up_and_nobody_else(calling: Gateway, provider: FakeCallsProvider) -> None:
    with OpenedCall(calling, provider) as call:
        other = calling.mint()["api_key"]
        for stranger in (other, calling.access("admin")):
            refused = hang_up(calling, stranger, call.id)
            assert (refused.status_code, refused.json()["error"]["code"]) == (
                404,
                "call_id_not_found",
            )
        assert hang_up(calling, call.minted["api_key"], call.id).status_code == 200
        provider.wait(lambda: call.there.is_hung_up)
        assert call.ended()["end_reason"] == "user_hangup"
        for key in (call.minted["api_key"], calling.access()):  # both sides may hang up
            assert hang_up(calling, key, call.id).status_code == 200
        assert calling.session(call.id)["end_reason"] == "user_hangup"
        by_socket = calling.mint()["session_id"]
        assert hang_up(calling, calling.access(), by_socket).status_code == 404


def test_a_caller_who_leaves_ends_the_session(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        provider.cut(1000)
        assert call.ended()["end_reason"] == "user_hangup"


def test_an_administrator_ends_a_call_in_under_a_second(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        path = f"/api/review/sessions/{call.id}/end"
        calling.access("admin")  # signing in is no part of it
        asked_at = time.monotonic()
        answer = calling.request("POST", path, person="admin", json={"reason": "a test"})
        assert answer.status_code < 300, answer.text
        provider.wait(lambda: call.there.is_hung_up)
        assert time.monotonic() - asked_at < 1.0
        assert call.ended()["end_reason"] == "admin_ended"


def test_signing_out_ends_the_call(calling: Gateway, provider: FakeCallsProvider) -> None:
    tokens = calling.sign_in()
    answer = post(calling, tokens["access"])
    call = provider.wait_attached()
    calling.http.post("/api/token/logout/", json={"refresh": tokens["refresh"]})
    provider.wait(lambda: call.is_hung_up)
    session_id = answer.headers["location"].rpartition("/")[2]
    provider.wait(lambda: calling.session(session_id)["end_reason"] == "auth_expired")


def test_a_quota_of_three_answers_has_no_fourth(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
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
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        for number in (1, 2, 3):
            call.say(number)
        call.tell(events.response_created("resp_4"))
        assert call.ended()["end_reason"] == "budget_exhausted"
        assert call.session["turns"] == 3


def test_minutes_used_up_hang_the_call_up_once_its_answer_was_played(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    administrator = Administrator(calling)
    try:
        with OpenedCall(calling, provider) as call:
            call.say(1)
            provider.wait(lambda: call.session["turns"] == 1)
            administrator.set_policy(day_minutes="0")
            refused = calling.request("POST", "/api/voice/realtime-session", json={})
            assert refused.json()["code"] == "quota_exhausted"
            assert not call.there.is_hung_up
            call.played(1)
            assert call.ended()["end_reason"] == "budget_exhausted"
            assert call.there.is_hung_up
            assert [item["text"] for item in call.items()][-1] == "Answer 1."
    finally:
        administrator.set_policy()
        administrator.http.close()


def test_a_secret_that_calls_again_moves_the_call(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        answer = post(calling, call.minted["api_key"])
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"].endswith(call.id)
        provider.wait(lambda: call.there.is_hung_up)
        newer = provider.wait_attached()
        assert not newer.is_hung_up
        assert call.session["state"] == "live"
    assert newer.is_hung_up
    refused = post(calling, call.minted["api_key"])
    assert refused.json()["error"]["code"] == "client_secret_used"


async def test_a_secret_that_falls_back_to_the_socket_takes_its_session_along(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        call.say(1)
        provider.wait(lambda: call.session["turns"] == 1)
        socket = await calling.dial(call.minted["api_key"])
        provider.wait(lambda: call.there.is_hung_up)
        await socket.connection.close()


# What policy forbids, and what was missed.


def test_a_forbidden_change_is_undone_and_repeated_ends_the_call(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    forbidden = {"tools": [{"type": "mcp", "server_label": "x", "server_url": "https://x"}]}
    with OpenedCall(calling, provider) as call:
        for times in (2, 3):
            provider.update_by_client(forbidden)
            provider.wait_attached(times=times)
            assert call.there.session["tools"] == []
        provider.update_by_client(forbidden)
        assert call.ended()["end_reason"] == "policy_blocked"
        assert call.there.is_hung_up


def test_a_line_that_breaks_is_shown_as_a_gap(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
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
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    provider.not_ready = 1000
    minted = calling.mint(transport="webrtc")
    assert post(calling, minted["api_key"]).status_code == 201
    call = provider.calls[-1]
    provider.wait(lambda: call.is_hung_up)
    provider.wait(lambda: calling.session(minted["session_id"])["state"] == "ended")
    assert calling.session(minted["session_id"])["end_reason"] == "upstream_error"
    (gap,) = calling.items(minted["conversation_id"])
    assert (gap["kind"], gap["status"]) == ("recording_gap", "incomplete")


def test_the_log_knows_the_call_and_its_lengths_and_none_of_its_words(
    calling: Gateway, provider: FakeCallsProvider
) -> None:
    with OpenedCall(calling, provider) as call:
        call.say(1, "A sentence for no log.")
        provider.wait(lambda: call.session["turns"] == 1)
        log = calling.process.log()
    assert f"call {call.id}: offer of {len(OFFER)} bytes" in log
    assert "a=ice-ufrag" not in log
    assert "no log" not in log
    assert OWN_KEY not in log
    assert call.minted["api_key"] not in log
