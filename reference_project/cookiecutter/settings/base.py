"""The settings that every environment shares; what differs is read from the environment."""

from datetime import timedelta

from kombu import Exchange, Queue

from cookiecutter.settings.database import read_database
from cookiecutter.settings.environment import BASE_DIR, read_bool, read_int, read_list, read_text
from cookiecutter.settings.mail import read_mail_settings
from cookiecutter.settings.monitoring import read_logging, read_metrics, read_sentry
from cookiecutter.settings.processes import count_workers, read_caches
from cookiecutter.settings.security import DIRECTIVES, FORBIDDEN_FEATURES
from cookiecutter.settings.servers import SECONDS, limit_waiting, require_certificate
from cookiecutter.settings.storage import read_media_root, read_storages

# --- The process -------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = read_text("SECRET_KEY")
ALLOWED_HOSTS = read_list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = read_list("CSRF_TRUSTED_ORIGINS")
# The networks of the proxies in front, whose X-Forwarded-For is believed; anyone can send one.
TRUSTED_PROXIES = read_list("TRUSTED_PROXIES")
ROOT_URLCONF = "cookiecutter.urls"
WSGI_APPLICATION = "cookiecutter.wsgi.application"
ASGI_APPLICATION = "cookiecutter.asgi.application"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "apps.core",
    "apps.accounts",
    "apps.documents",
]

MIDDLEWARE = [
    "apps.core.addresses.client_address",
    "apps.core.context.request_context",
    "apps.core.probes.any_host",
    "apps.core.bodies.BodyLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "apps.core.headers.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.accounts.visits.record_visits",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Data --------------------------------------------------------------------------------------

DATABASES = {
    "default": read_database(
        read_text("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}"),
        conn_max_age=read_int("DATABASE_CONN_MAX_AGE", 0),
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.CustomUser"
AUTHENTICATION_BACKENDS = ["apps.accounts.authentication.VerifiedUserBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Who failed so often within so many seconds is not asked for a password until some of it is past:
# per account, from addresses that it was not used from before; and per address.
LOGIN_MAX_FAILURES = read_int("LOGIN_MAX_FAILURES", 10)
LOGIN_MAX_FAILURES_PER_ADDRESS = read_int("LOGIN_MAX_FAILURES_PER_ADDRESS", 50)
LOGIN_FAILURE_SECONDS = read_int("LOGIN_FAILURE_SECONDS", 900)

# What is remembered of people, and for how many days; 0 forgets nothing.
RECORD_VISITS = read_bool("RECORD_VISITS", True)
VISIT_HISTORY_DAYS = read_int("VISIT_HISTORY_DAYS", 90)
LOGIN_HISTORY_DAYS = read_int("LOGIN_HISTORY_DAYS", 180)
# A MaxMind database of cities; without one, places stay empty.
GEOIP_PATH = read_text("GEOIP_PATH")

# For how long a token that was mailed sets a password or confirms an address; seconds.
PASSWORD_RESET_TIMEOUT = read_int("PASSWORD_RESET_SECONDS", 3600)
# The pages that take these tokens, as ?token=...; without one, the mail holds the token itself.
PASSWORD_RESET_URL = read_text("PASSWORD_RESET_URL")
ADDRESS_CHANGE_URL = read_text("ADDRESS_CHANGE_URL")

OTP_LIFETIME = timedelta(minutes=10)
OTP_MAX_TRIES = 5
OTP_MAX_CODES_PER_HOUR = read_int("OTP_MAX_CODES_PER_HOUR", 5)
OTP_MAX_TRIES_PER_HOUR = read_int("OTP_MAX_TRIES_PER_HOUR", 15)
OTP_MAX_TRIES_PER_DAY = read_int("OTP_MAX_TRIES_PER_DAY", 30)

# --- The HTTP API ------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "apps.core.throttles.AnonRateThrottle",
        "apps.core.throttles.UserRateThrottle",
        "apps.core.throttles.ScopedRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": read_text("THROTTLE_ANON", "120/min"),
        "user": read_text("THROTTLE_USER", "600/min"),
        "register": read_text("THROTTLE_REGISTER", "20/hour"),
        "otp": read_text("THROTTLE_OTP", "20/hour"),
        "verify": read_text("THROTTLE_VERIFY", "60/hour"),
        "reset": read_text("THROTTLE_RESET", "20/hour"),
        "account": read_text("THROTTLE_ACCOUNT", "20/hour"),
        "export": read_text("THROTTLE_EXPORT", "10/hour"),
        "refresh": read_text("THROTTLE_REFRESH", "60/hour"),
        "token": read_text("THROTTLE_TOKEN", "60/hour"),
        "upload": read_text("THROTTLE_UPLOAD", "120/hour"),
    },
    "EXCEPTION_HANDLER": "apps.core.problems.problem_exception_handler",
    # TRUSTED_PROXIES has found out the visitor's address by then; no header is to change it.
    "NUM_PROXIES": 0,
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=read_int("ACCESS_TOKEN_MINUTES", 15)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=read_int("REFRESH_TOKEN_DAYS", 7)),
    "UPDATE_LAST_LOGIN": True,
    # A token ends with the password that it was given for.
    "CHECK_REVOKE_TOKEN": True,
    "USER_AUTHENTICATION_RULE": "apps.accounts.authentication.may_log_in",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "cookiecutter",
    "DESCRIPTION": "Every error answer is a problem details object (RFC 9457).",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.core.schema.add_problem_responses",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Celery ------------------------------------------------------------------------------------

CELERY_BROKER_URL = read_text("CELERY_BROKER_URL", "memory://localhost/")
# Without a broker nobody would ever fetch a task, so it runs where it is called.
CELERY_TASK_ALWAYS_EAGER = CELERY_BROKER_URL.startswith("memory:")
CELERY_RESULT_BACKEND = read_text("CELERY_RESULT_BACKEND") or None
CELERY_TASK_IGNORE_RESULT = CELERY_RESULT_BACKEND is None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_USE_SSL = require_certificate(CELERY_BROKER_URL)
CELERY_REDIS_BACKEND_USE_SSL = require_certificate(CELERY_RESULT_BACKEND)
# No task runs longer than this; seconds.
CELERY_TASK_TIME_LIMIT = read_int("CELERY_TASK_TIME_LIMIT", 60)
CELERY_TASK_SOFT_TIME_LIMIT = max(CELERY_TASK_TIME_LIMIT - 10, 1)
# Redis only. A task whose worker was killed is delivered again once it has been unacknowledged for
# this long: longer than any task runs, or one that is still at work would be started twice.
# Kombu looks for such tasks every interval times throttle; by default that is every 100 seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_TASK_TIME_LIMIT + 15,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}

CELERY_TASK_QUEUES = [
    Queue("default", Exchange("default", type="direct"), routing_key="default"),
    Queue("new_task_queue", Exchange("new_task", type="direct"), routing_key="new_task"),
    Queue("example_queue", Exchange("example", type="direct"), routing_key="example"),
]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_DEFAULT_EXCHANGE = "default"
CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "direct"
CELERY_TASK_DEFAULT_ROUTING_KEY = "default"
CELERY_TASK_ROUTES = {
    "accounts.*": {"queue": "default", "routing_key": "default"},
}

# A server that hangs must hold neither a request nor a worker.
CELERY_BROKER_TRANSPORT_OPTIONS.update(limit_waiting(CELERY_BROKER_URL))
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = CELERY_REDIS_SOCKET_TIMEOUT = SECONDS
# Acknowledged when done, so that a worker that dies gives its task back.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2}
CELERY_TIMEZONE = "UTC"
# A worker renews this file's time every two seconds while it reaches its broker.
WORKER_ALIVE_FILE = read_text("WORKER_ALIVE_FILE")
# Beat writes its schedule after each task that it sends, so that file's time tells the same.
CELERY_BEAT_SYNC_EVERY = 1
CELERY_BEAT_SCHEDULE = {
    "sweep-tasks": {"task": "core.sweep_tasks", "schedule": 15.0},
    "forget-activity": {"task": "accounts.forget_activity", "schedule": 3600.0},
}

# The outbox; seconds. A task whose worker gives no sign of life for as long as its lease counts as
# abandoned; one that was sent, but not started for a while, is sent again.
TASK_LEASE_SECONDS = read_int("TASK_LEASE_SECONDS", 45)
TASK_RESEND_SECONDS = read_int("TASK_RESEND_SECONDS", 300)
TASK_SEND_GRACE_SECONDS = 10

# --- Mail --------------------------------------------------------------------------------------

# Django 6.1 has other names for these settings, and refuses a mixture.
globals().update(read_mail_settings())
DEFAULT_FROM_EMAIL = read_text("DEFAULT_FROM_EMAIL", "cookiecutter <noreply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Language, time, files ---------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = read_media_root()
STORAGES = read_storages()

# --- Documents ---------------------------------------------------------------------------------

DOCUMENT_MAX_BYTES = read_int("DOCUMENT_MAX_BYTES", 25 * 1024 * 1024)
# By content, whatever the file is called; ENDINGS in apps/documents/contents.py knows these.
DOCUMENT_TYPES = ["application/pdf", "image/png", "image/jpeg", "text/plain"]

# --- Security headers --------------------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CONTENT_SECURITY_POLICY = {"DIRECTIVES": DIRECTIVES}
PERMISSIONS_POLICY: dict[str, list[str]] = {name: [] for name in FORBIDDEN_FEATURES}

# --- What operators see, and what processes share ------------------------------------------------

LOGGING = read_logging()
METRICS = read_metrics()
SENTRY = read_sentry()
if METRICS.enabled:
    # First, so that it times all the others and answers /metrics before any of them.
    MIDDLEWARE.insert(0, "apps.core.metrics.MetricsMiddleware")

CACHES = read_caches()
WEB_CONCURRENCY = count_workers(CACHES)
