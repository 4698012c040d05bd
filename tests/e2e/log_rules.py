"""What a server's log may hold: ids and codes, never a secret, never a spoken or typed word."""

from __future__ import annotations

import re

from tests.e2e.server import ServerProcess

SECRETS = re.compile(
    r"\bek_[A-Za-z0-9_-]{8,}|\beyJ[A-Za-z0-9_-]{8,}\.|voiceassist\.token\.[^\[\s]+"
)
# Words that the tests say, type and hear, and that no identifier of the product contains.
SPEECH = re.compile(r"marguerite|ten meters|count to twenty|what is my name|heliotrope", re.I)
TROUBLE = re.compile(r"^Traceback|\b(?:ERROR|CRITICAL)\b", re.M)


def assert_log_is_clean(server: ServerProcess) -> None:
    """Fails with the first line that breaks a rule, and its number."""
    for number, line in enumerate(server.log().splitlines(), 1):
        for rule in (SECRETS, SPEECH, TROUBLE):
            assert not rule.search(line), f"{server.log_path}:{number}: {line}"
        for password in server.passwords.values():
            assert password not in line, f"a password in line {number}"
        assert server.secret_key not in line, f"the secret key in line {number}"
