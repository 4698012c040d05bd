"""The server's own settings, but for passwords: a real hash takes a third of a second of CPU, and
these suites start dozens of servers and sign in at each of them."""

from voiceassist.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
