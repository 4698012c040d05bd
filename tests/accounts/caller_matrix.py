"""Who may call what: one row for each method of each address (promise f).

A route without a row fails the tests, so whoever adds one decides here who is let in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

MINT, HEADLESS, HISTORY = "mint", "headless", "history"
ANY_KEY = (MINT, HEADLESS, HISTORY)


class Audience(Enum):
    """How people are told apart. What each caller then gets is in `test_caller_matrix`."""

    ANYBODY = "credentials are not even read"
    VISITORS = "the anonymous, too; a credential that opens nothing is still refused"
    PEOPLE = "whoever is signed in, about themselves"
    OWNER = "the owner alone; for others it does not exist"
    REVIEWERS = "those with the permission"
    ADMINISTRATORS = "those who may set what holds for everybody"


@dataclass(frozen=True)
class Row:
    """`let_in` is the status of a caller who passes the door; `path` may name what alice owns:
    {conversation}, {session}, {headless} (one that has ended), {key}. `takes_secrets`: a client
    secret lets in as well."""

    method: str
    route: str
    audience: Audience
    let_in: int = 200
    keys: tuple[str, ...] = ()
    path: str = ""
    body: dict[str, Any] | str | None = field(default=None, hash=False)
    content_type: str = "application/json"
    takes_secrets: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


ANYBODY, VISITORS, PEOPLE, OWNER, REVIEWERS, ADMINISTRATORS = Audience

CONVERSATION = "api/conversations/<str:conversation_id>/"
REVIEWED = "api/review/conversations/<str:conversation_id>/"
ONE = "api/conversations/{conversation}/"
SESSION = "api/voice/sessions/<str:public_id>/"
ENDED = "api/voice/sessions/{headless}/"
ONE_REVIEWED = "api/review/conversations/{conversation}/"
REVIEW = "api/review/"
EXPORT = "api/review/exports/<uuid:export_id>/"
NOBODYS = "00000000-0000-4000-8000-000000000000"
WEBHOOK = "api/admin/webhooks/<uuid:endpoint_id>/"
NO_WEBHOOK = f"api/admin/webhooks/{NOBODYS}/"
DELIVERY = "api/admin/webhooks/deliveries/<uuid:delivery_id>/"
NO_DELIVERY = f"api/admin/webhooks/deliveries/{NOBODYS}/"
CALL = "api/review/calls/<str:session_id>/"
ONE_CALL = "api/review/calls/{headless}/"

ROWS = (
    # Pages and probes.
    Row("GET", "favicon.ico", ANYBODY, 302),
    Row("GET", "healthz", ANYBODY),
    Row("GET", "readyz", ANYBODY),
    Row("GET", "metrics", ANYBODY),  # from this machine; from elsewhere see tests/realtime
    Row("GET", "api/schema/", ANYBODY),
    Row("GET", "api/docs/", ANYBODY),
    Row("GET", r"^(?:login|settings(?:/admin)?|voice-test)?/?$", ANYBODY, path="settings"),
    Row("GET", "c/<uuid:conversation_id>", ANYBODY, path="c/{conversation}"),
    Row("GET", r"^review(?:/.*)?$", ANYBODY, path="review/"),
    # Signing in: these read refresh tokens in the body, or nothing.
    Row("POST", "api/token/", ANYBODY, 400, body={}),
    Row("POST", "api/token/refresh/", ANYBODY, 400, body={}),
    Row("POST", "api/token/logout/", ANYBODY, 400, body={}),
    # Oneself.
    Row("GET", "api/me/", PEOPLE),
    Row("GET", "api/me/usage/", PEOPLE),
    Row("POST", "api/me/password/", PEOPLE, 400, body={}),
    Row("GET", "api/keys/", PEOPLE),
    Row("POST", "api/keys/", PEOPLE, 201, body={"name": "x", "scopes": ["mint"]}),
    Row("DELETE", "api/keys/<uuid:key_id>/", OWNER, 204, path="api/keys/{key}/"),
    Row("GET", "api/me/access-log/", PEOPLE),
    Row("GET", "api/me/^export/?$", PEOPLE, path="api/me/export"),
    Row("DELETE", "api/me/^conversations/?$", PEOPLE, path="api/me/conversations/"),
    # History.
    Row("GET", "api/conversations/", PEOPLE, keys=(HISTORY,)),
    Row("POST", "api/conversations/", PEOPLE, 201, body={}),
    Row("GET", CONVERSATION, OWNER, keys=(HISTORY,), path=ONE),
    Row("PATCH", CONVERSATION, OWNER, path=ONE, body={"title": "x"}),
    Row("DELETE", CONVERSATION, OWNER, 204, path=ONE),
    Row("GET", f"{CONVERSATION}items/", OWNER, keys=(HISTORY,), path=f"{ONE}items/"),
    Row("GET", f"{CONVERSATION}export/", OWNER, keys=(HISTORY,), path=f"{ONE}export/?format=md"),
    # Review.
    Row("GET", "api/review/conversations/", REVIEWERS),
    Row("GET", REVIEWED, REVIEWERS, path=ONE_REVIEWED),
    Row("GET", f"{REVIEWED}export/", REVIEWERS, path=f"{ONE_REVIEWED}export/?format=md"),
    Row(
        "POST",
        "api/review/sessions/<str:session_id>/end",
        REVIEWERS,
        path="api/review/sessions/{session}/end",
        body={"reason": "x"},
    ),
    Row("GET", "api/review/live/", REVIEWERS),
    Row("GET", "api/review/live/<str:session_id>/", REVIEWERS, path="api/review/live/{headless}/"),
    Row("GET", "api/review/usage/", REVIEWERS),
    Row("GET", "api/review/calls/", REVIEWERS),
    Row("GET", "api/review/calls/summary/", REVIEWERS),
    Row("GET", "api/review/calls/choices/", REVIEWERS),
    Row("GET", "api/review/calls/export/", REVIEWERS),
    Row("GET", "api/review/exports/", REVIEWERS),
    Row("POST", "api/review/exports/", REVIEWERS, 202, body={"format": "csv"}),
    Row("GET", EXPORT, REVIEWERS, 404, path=f"{REVIEW}exports/{NOBODYS}/"),
    Row("GET", f"{EXPORT}file", ANYBODY, 403, path=f"{REVIEW}exports/{NOBODYS}/file"),
    Row("POST", "api/review/calls/bulk/", REVIEWERS, 400, body={}),
    Row("GET", CALL, REVIEWERS, path=ONE_CALL),
    Row("PATCH", f"{CALL}review/", REVIEWERS, path=f"{ONE_CALL}review/", body={"rating": 3}),
    Row("POST", f"{CALL}tags/", REVIEWERS, 400, path=f"{ONE_CALL}tags/", body={}),
    Row("DELETE", f"{CALL}tags/<int:tag_id>/", REVIEWERS, 404, path=f"{ONE_CALL}tags/7/"),
    Row("POST", f"{CALL}comments/", REVIEWERS, 400, path=f"{ONE_CALL}comments/", body={}),
    Row(
        "DELETE",
        "api/review/comments/<int:comment_id>/",
        REVIEWERS,
        404,
        path=f"{REVIEW}comments/7/",
    ),
    Row("GET", "api/review/tags/", REVIEWERS),
    Row("POST", "api/review/tags/", REVIEWERS, 201, body={"name": "billing"}),
    Row("GET", "api/review/views/", REVIEWERS),
    Row("POST", "api/review/views/", REVIEWERS, 201, body={"name": "x", "filter": {}}),
    Row(
        "PATCH",
        "api/review/views/<int:view_id>/",
        REVIEWERS,
        404,
        path=f"{REVIEW}views/7/",
        body={},
    ),
    Row("DELETE", "api/review/views/<int:view_id>/", REVIEWERS, 404, path=f"{REVIEW}views/7/"),
    Row("GET", f"{CALL}neighbours/", REVIEWERS, path=f"{ONE_CALL}neighbours/"),
    Row("GET", f"{CALL}latency/", REVIEWERS, path=f"{ONE_CALL}latency/"),
    Row("GET", f"{CALL}events/", REVIEWERS, path=f"{ONE_CALL}events/"),
    Row("GET", f"{CALL}events/export/", REVIEWERS, path=f"{ONE_CALL}events/export/"),
    Row("GET", "api/review/^.*$", REVIEWERS, 404, path="api/review/nothing"),
    # Settings of the server.
    Row("GET", "api/admin/voice/", ADMINISTRATORS),
    Row("PATCH", "api/admin/voice/", ADMINISTRATORS, body={"enabled": False}),
    Row("POST", "api/admin/provider/check/", ADMINISTRATORS),
    Row("GET", "api/admin/models/", ADMINISTRATORS),
    Row("POST", "api/admin/models/", ADMINISTRATORS, 400, body={}),
    Row(
        "PATCH",
        "api/admin/models/<int:model_id>/",
        ADMINISTRATORS,
        404,
        path="api/admin/models/7777/",
        body={},
    ),
    Row(
        "POST",
        "api/admin/models/<int:model_id>/prices/",
        ADMINISTRATORS,
        404,
        path="api/admin/models/7777/prices/",
        body={},
    ),
    Row(
        "PATCH",
        "api/admin/prices/<int:price_id>/",
        ADMINISTRATORS,
        404,
        path="api/admin/prices/7777/",
        body={},
    ),
    Row(
        "DELETE",
        "api/admin/prices/<int:price_id>/",
        ADMINISTRATORS,
        404,
        path="api/admin/prices/7777/",
    ),
    Row("GET", "api/admin/voices/", ADMINISTRATORS),
    Row("POST", "api/admin/voices/", ADMINISTRATORS, 201, body={"name": "brook"}),
    Row(
        "PATCH",
        "api/admin/voices/<int:voice_id>/",
        ADMINISTRATORS,
        404,
        path="api/admin/voices/7777/",
        body={},
    ),
    Row("GET", "api/admin/limits/", ADMINISTRATORS),
    Row("POST", "api/admin/limits/", ADMINISTRATORS, 400, body={}),
    Row(
        "PATCH",
        "api/admin/limits/<int:policy_id>/",
        ADMINISTRATORS,
        404,
        path="api/admin/limits/7777/",
        body={},
    ),
    Row(
        "DELETE",
        "api/admin/limits/<int:policy_id>/",
        ADMINISTRATORS,
        404,
        path="api/admin/limits/7777/",
    ),
    Row("GET", "api/admin/retention/", ADMINISTRATORS),
    Row("PATCH", "api/admin/retention/", ADMINISTRATORS, body={"days": {"items": 90}}),
    Row("GET", "api/admin/retention/preview/", ADMINISTRATORS),
    Row("GET", "api/admin/reading/", ADMINISTRATORS),
    Row("PATCH", "api/admin/reading/", ADMINISTRATORS, body={"is_on": True}),
    Row("GET", "api/admin/changes/", ADMINISTRATORS),
    Row("GET", "api/admin/webhooks/", ADMINISTRATORS),
    Row("POST", "api/admin/webhooks/", ADMINISTRATORS, 400, body={}),
    Row("GET", WEBHOOK, ADMINISTRATORS, 404, path=NO_WEBHOOK),
    Row("PATCH", WEBHOOK, ADMINISTRATORS, 404, path=NO_WEBHOOK, body={}),
    Row("DELETE", WEBHOOK, ADMINISTRATORS, 404, path=NO_WEBHOOK),
    Row("POST", f"{WEBHOOK}secret/", ADMINISTRATORS, 404, path=f"{NO_WEBHOOK}secret/"),
    Row("POST", f"{WEBHOOK}test/", ADMINISTRATORS, 404, path=f"{NO_WEBHOOK}test/"),
    Row("GET", f"{WEBHOOK}deliveries/", ADMINISTRATORS, 404, path=f"{NO_WEBHOOK}deliveries/"),
    Row("GET", DELIVERY, ADMINISTRATORS, 404, path=NO_DELIVERY),
    Row("POST", f"{DELIVERY}replay/", ADMINISTRATORS, 404, path=f"{NO_DELIVERY}replay/"),
    Row("GET", "api/admin/^.*$", ADMINISTRATORS, 404, path="api/admin/nothing"),
    # Voice.
    Row("GET", "api/voice/status", VISITORS, keys=ANY_KEY),
    Row("GET", "api/limits", VISITORS, keys=ANY_KEY),
    Row("POST", "api/voice/realtime-session", PEOPLE, keys=(MINT,), body={}),
    Row("GET", "api/voice/sessions/", PEOPLE, keys=ANY_KEY),
    Row("GET", SESSION, OWNER, keys=ANY_KEY, path="api/voice/sessions/{session}/"),
    Row("POST", "api/voice/sessions/", PEOPLE, 400, (HEADLESS,), body={"voice": 7}),
    Row("POST", f"{SESSION}text", OWNER, 409, (HEADLESS,), f"{ENDED}text", {"text": "x"}),
    Row(
        "POST",
        f"{SESSION}audio",
        OWNER,
        409,
        (HEADLESS,),
        f"{ENDED}audio",
        {"audio": "AAA="},
    ),
    Row("POST", f"{SESSION}commit", OWNER, 409, (HEADLESS,), f"{ENDED}commit"),
    Row("POST", f"{SESSION}stop", OWNER, 200, (HEADLESS,), f"{ENDED}stop"),
    Row("GET", f"{SESSION}events", OWNER, 204, (HEADLESS,), f"{ENDED}events"),
    Row("GET", f"{SESSION}transcript", OWNER, 204, (HEADLESS,), f"{ENDED}transcript"),
    Row("GET", f"{SESSION}audio.wav", OWNER, 409, (HEADLESS,), f"{ENDED}audio.wav"),
    Row("POST", "api/voice/turns", PEOPLE, 422, (HEADLESS,), body={}),
    # OpenAI's addresses.
    Row("POST", "v1/realtime/client_secrets", PEOPLE, keys=(MINT,), body={}),
    Row("POST", "v1/realtime/sessions", PEOPLE, keys=(MINT,), body={}),
    Row("POST", "v1/realtime/transcription_sessions", PEOPLE, keys=(MINT,), body={}),
    Row("POST", "v1/realtime/translations/client_secrets", PEOPLE, 404, (MINT,), body={}),
    Row(
        "POST",
        "v1/realtime/calls",
        PEOPLE,
        400,
        (MINT,),
        body="no offer",
        content_type="application/sdp",
        takes_secrets=True,
    ),
    Row(
        "POST",
        "v1/realtime/calls/<str:call_id>/hangup",
        PEOPLE,
        404,
        (MINT,),
        path="v1/realtime/calls/{session}/hangup",
        takes_secrets=True,
    ),
    Row("GET", "v1/models", PEOPLE, keys=(MINT,)),
    Row("GET", "v1/models/<str:name>", PEOPLE, keys=(MINT,), path="v1/models/gpt-realtime-2.1"),
)

# The sockets; `tests/contract` presents every credential to each of them.
SOCKETS = {"v1/realtime", "ws/feed", "ws/review/live"}
