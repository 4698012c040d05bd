"""PyPI's `openai` over HTTP: mints a client secret and lists models. Environment: OPENAI_BASE_URL,
OPENAI_API_KEY. Prints JSON."""

from __future__ import annotations

import json

from openai import AuthenticationError, OpenAI

client = OpenAI()
minted = client.realtime.client_secrets.create(
    expires_after={"anchor": "created_at", "seconds": 60},
    session={"type": "realtime", "instructions": "Be brief."},
)
models = client.models.list()
refused: dict[str, object] = {}
try:
    OpenAI(api_key="va_wrong", max_retries=0).models.list()
except AuthenticationError as error:
    refused = {"status": error.status_code, "code": error.code}
print(
    json.dumps(
        {
            "value": minted.value,
            "expires_at": minted.expires_at,
            "instructions": minted.session.instructions,
            "models": [model.id for model in models.data],
            "refused": refused,
        }
    )
)
