"""Every setting, read from the environment once; `docs/settings.md` explains them."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from voiceassist.env import (
    env_bool,
    env_choice,
    env_int,
    env_json,
    env_list,
    env_port_range,
    env_text,
    env_usd,
)

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = Path(env_text("LOCAL_DIR") or BASE_DIR / ".local")

# --- Process -------------------------------------------------------------------------
DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_text("SECRET_KEY")
if not SECRET_KEY and (LOCAL_DIR / "secret-key").exists():
    SECRET_KEY = (LOCAL_DIR / "secret-key").read_text(encoding="ascii").strip()
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Start with `make run`, which makes one in .local/, or set"
        " SECRET_KEY (or SECRET_KEY_FILE) to at least 50 random characters."
    )

TLS = env_bool("TLS", False)
TLS_PORT = env_int("TLS_PORT", 8443)
PUBLIC_URL = env_text("PUBLIC_URL").rstrip("/")
TRUSTED_PROXIES = env_list("TRUSTED_PROXIES")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
if PUBLIC_URL and urlsplit(PUBLIC_URL).hostname:
    ALLOWED_HOSTS.append(str(urlsplit(PUBLIC_URL).hostname))
ALLOWED_ORIGINS = env_list("ALLOWED_ORIGINS")
IS_HTTPS = PUBLIC_URL.startswith("https://")

# daphne gives `runserver` an ASGI server and must come first; importing Twisted costs every other
# command a second of start-up.
INSTALLED_APPS = [
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",  # the API page works without network
    "django_vite",
    "csp",
    "accounts.apps.AccountsConfig",
    "conversations.apps.ConversationsConfig",
    "realtime.apps.RealtimeConfig",
    "review.apps.ReviewConfig",
    "webhooks.apps.WebhooksConfig",
    "voiceassist.apps.VoiceAssistConfig",
]
MIDDLEWARE = [
    "voiceassist.middleware.RequestIdMiddleware",
    "voiceassist.cors.CrossOriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "voiceassist.middleware.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "voiceassist.urls"
ASGI_APPLICATION = "voiceassist.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = env_text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

# --- Data ----------------------------------------------------------------------------
DATABASE_URL = env_text("DATABASE_URL") or f"sqlite:///{LOCAL_DIR / 'voiceassist.sqlite3'}"
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
if env_text("DATABASE_PASSWORD"):
    DATABASES["default"]["PASSWORD"] = env_text("DATABASE_PASSWORD")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads and then writes waits for its turn instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

REDIS_URL = env_text("REDIS_URL")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # With a time-out an idle subscriber dies after 5 s (channels_redis 4.3, redis-py 8).
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# --- People --------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
REGISTRATION_OPEN = env_bool("REGISTRATION_OPEN", False)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
if IS_HTTPS and TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "UPDATE_LAST_LOGIN": False,
}

# --- HTTP API ------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["voiceassist.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "voiceassist.errors.handle_api_exception",
    "NUM_PROXIES": len(TRUSTED_PROXIES),
    "URL_FORMAT_OVERRIDE": None,  # `?format=` belongs to the export
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "VoiceAssist",
    "DESCRIPTION": "Chat, live voice, history and review in one self-hosted install.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ReviewStatusEnum": "review.models.CallReview.Status",
        "ExportStateEnum": "review.models.Export.State",
        "StateEnum": "realtime.models.SessionState",
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Pages ---------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = LOCAL_DIR / "static"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.exists() else []
# Vite has hashed its own files; everything else is served under its plain name.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[A-Za-z0-9_-]{8}\.\w+$"
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json",
        "static_url_prefix": "",
    }
}
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": [],
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- Voice ---------------------------------------------------------------------------
OPENAI_API_KEY = env_text("OPENAI_API_KEY")
REALTIME_ENABLED = env_bool("REALTIME_ENABLED", True)
REALTIME_PROVIDER = env_text("REALTIME_PROVIDER") or ("openai" if OPENAI_API_KEY else "embedded")
REALTIME_MODEL = (
    env_text("REALTIME_MODEL") or env_text("OPENAI_REALTIME_MODEL") or "gpt-realtime-2.1"
)
REALTIME_VOICE = env_text("REALTIME_VOICE") or env_text("OPENAI_REALTIME_VOICE") or "marin"
REALTIME_BASE_URL = env_text("REALTIME_BASE_URL", "wss://api.openai.com/v1/realtime")
REALTIME_KEY_HEADER = env_text("REALTIME_KEY_HEADER").lower()
REALTIME_TRANSCRIPTION_MODEL = env_text("REALTIME_TRANSCRIPTION_MODEL", "gpt-realtime-whisper")
REALTIME_INSTRUCTIONS = env_text(
    "REALTIME_INSTRUCTIONS",
    "You are a helpful voice assistant. Answer briefly, in the language of the person you talk to.",
)
REALTIME_TOKEN_EXPIRY_SEC = env_int("REALTIME_TOKEN_EXPIRY_SEC", 300, least=1)
REALTIME_FAST_PATH = env_choice("REALTIME_FAST_PATH", "auto", "off")
WEBRTC_ENABLED = env_bool("WEBRTC_ENABLED", True)
ICE_SERVERS = env_json("ICE_SERVERS", [])
TURN_URLS = env_list("TURN_URLS")
TURN_SECRET = env_text("TURN_SECRET")
TURN_TTL_SEC = env_int("TURN_TTL_SEC", 7200, least=60)
EMBEDDED_WARM_UP = env_bool("EMBEDDED_WARM_UP", True)
EMBEDDED_CHAT_BASE_URL = env_text("EMBEDDED_CHAT_BASE_URL")
EMBEDDED_CHAT_API_KEY = env_text("EMBEDDED_CHAT_API_KEY")
EMBEDDED_CHAT_MODEL = env_text("EMBEDDED_CHAT_MODEL")
EMBEDDED_UDP_PORTS = env_port_range("EMBEDDED_UDP_PORTS")
EMBEDDED_UDP_ADDRESS = env_text("EMBEDDED_UDP_ADDRESS")

# --- Limits (contract §8), shown at /api/limits --------------------------------------
LIMIT_SESSIONS_PER_USER = env_int("LIMIT_SESSIONS_PER_USER", 3, least=1)
LIMIT_SESSION_SEC = env_int("LIMIT_SESSION_SEC", 3600, least=1)
LIMIT_IDLE_SEC = env_int("LIMIT_IDLE_SEC", 120, least=1)
LIMIT_RESUME_SEC = env_int("LIMIT_RESUME_SEC", 60)
LIMIT_RESPONSES_PER_SESSION = env_int("LIMIT_RESPONSES_PER_SESSION", 0)
LIMIT_DAY_SEC = env_int("LIMIT_DAY_SEC", 7200)
LIMIT_MONTH_USD = env_usd("LIMIT_MONTH_USD")
LIMIT_EVENTS_PER_SEC = env_int("LIMIT_EVENTS_PER_SEC", 200, least=1)
LIMIT_AUDIO_BYTES_PER_SEC = env_int("LIMIT_AUDIO_BYTES_PER_SEC", 192_000, least=1)
LIMIT_FRAME_BYTES = env_int("LIMIT_FRAME_BYTES", 4 * 1024 * 1024, least=1024)
LIMIT_INSTRUCTIONS_BYTES = env_int("LIMIT_INSTRUCTIONS_BYTES", 64 * 1024)
LIMIT_TOOLS = env_int("LIMIT_TOOLS", 128)
LIMIT_AUDIO_BODY_BYTES = env_int("LIMIT_AUDIO_BODY_BYTES", 25 * 1024 * 1024, least=1024)
LIMIT_AUDIO_SEC = env_int("LIMIT_AUDIO_SEC", 600, least=1)
LIMIT_SIGNIN_USER_PER_MIN = env_int("LIMIT_SIGNIN_USER_PER_MIN", 10, least=1)
LIMIT_SIGNIN_ADDRESS_PER_MIN = env_int("LIMIT_SIGNIN_ADDRESS_PER_MIN", 30, least=1)
LIMIT_MINT_PER_MIN = env_int("LIMIT_MINT_PER_MIN", 30, least=1)

# --- Review --------------------------------------------------------------------------
REVIEW_REASON_REQUIRED = env_bool("REVIEW_REASON_REQUIRED", False)
EXPORT_DIRECT_CALLS = env_int("EXPORT_DIRECT_CALLS", 500)
EXPORT_LINK_SEC = env_int("EXPORT_LINK_SEC", 600, least=1)
EXPORT_KEEP_SEC = env_int("EXPORT_KEEP_SEC", 86_400, least=60)
RETENTION_ITEMS_DAYS = env_int("RETENTION_ITEMS_DAYS", 0)
RETENTION_SESSIONS_DAYS = env_int("RETENTION_SESSIONS_DAYS", 0)
RETENTION_USAGE_DAYS = env_int("RETENTION_USAGE_DAYS", 0)
RETENTION_ACCESS_LOG_DAYS = env_int("RETENTION_ACCESS_LOG_DAYS", 0)
RETENTION_AUDIT_LOG_DAYS = env_int("RETENTION_AUDIT_LOG_DAYS", 0)
RETENTION_EVENTS_DAYS = env_int("RETENTION_EVENTS_DAYS", 30)
EVENT_LOG = env_bool("EVENT_LOG", True)
EVENT_LOG_MAX_BYTES = env_int("EVENT_LOG_MAX_BYTES", 8 * 1024 * 1024)
LATENCY_TARGET_MS = env_int("LATENCY_TARGET_MS", 800, least=1)

# --- Webhooks ------------------------------------------------------------------------
WEBHOOK_ALLOWED_HOSTS = env_list("WEBHOOK_ALLOWED_HOSTS")
WEBHOOK_PRIVATE_NETWORKS = env_list("WEBHOOK_PRIVATE_NETWORKS")
WEBHOOK_TIMEOUT_SEC = env_int("WEBHOOK_TIMEOUT_SEC", 15, least=1)
WEBHOOK_MAX_BYTES = env_int("WEBHOOK_MAX_BYTES", 1024 * 1024, least=1024)
WEBHOOK_RETRY_SEC = env_int("WEBHOOK_RETRY_SEC", 259_200)
WEBHOOK_DISABLE_AFTER_SEC = env_int("WEBHOOK_DISABLE_AFTER_SEC", 432_000)
WEBHOOK_LOG_DAYS = env_int("WEBHOOK_LOG_DAYS", 30, least=1)

# --- Metrics -------------------------------------------------------------------------
METRICS_TOKEN = env_text("METRICS_TOKEN")

# --- Traces --------------------------------------------------------------------------
OTEL_EXPORTER_OTLP_ENDPOINT = env_text("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_EXPORTER_OTLP_HEADERS = env_list("OTEL_EXPORTER_OTLP_HEADERS")
OTEL_SERVICE_NAME = env_text("OTEL_SERVICE_NAME", "voiceassist")

# --- Logs ----------------------------------------------------------------------------
LOG_LEVEL = env_text("LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "voiceassist.log.LineFormatter"}},
    "filters": {"redact": {"()": "voiceassist.log.RedactFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["redact"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Their DEBUG output holds frames and headers: speech and secrets.
        "websockets": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "uvicorn": {"level": "INFO", "handlers": [], "propagate": True},
        "uvicorn.access": {"level": "INFO", "handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "asyncio": {"level": "WARNING"},
        # A traceback a second while Redis is away; those who miss it say so in a line.
        "channels_redis": {"level": "CRITICAL"},
        # Their INFO output names every address and URL that a call was tried on.
        "aioice": {"level": "WARNING"},
        "aiortc": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
    },
}
