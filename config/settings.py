"""
Settings, one file. Machines differ by environment variables only; `config/env.py` is the table of them.
"""

import os
from pathlib import Path
from typing import Any

import django
from celery.schedules import crontab
from csp.constants import NONE, SELF

import config.celery  # noqa: F401 - every process that has settings sends to this application, web included
from config.env import load
from config.env_kinds import DatabaseAddress

ENV = load(os.environ)
BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = ENV.secret_key
FIELD_KEYS = ENV.field_keys
DEBUG = ENV.debug
EVOKE_DEMO = ENV.demo
EVOKE_BASE_URL = ENV.base_url
ALLOWED_HOSTS = list(ENV.allowed_hosts)
PLAIN_HTTP = EVOKE_DEMO or DEBUG

# --- what it is made of -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "csp",
    "clinics.apps.ClinicsConfig",
    "clients.apps.ClientsConfig",
    "sessions.apps.SessionsConfig",
    "analytics.apps.AnalyticsConfig",
]

MIDDLEWARE = [
    "clinics.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinics.middleware.PageMethodsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "clinics.login_limits.LoginLimitsMiddleware",
    "clinics.middleware.SignedInMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinics.middleware.ClinicMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {  # forms alone: theirs is the one folder of it, and Django's own templates for Django's widgets
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2", Path(django.__file__).parent / "forms" / "jinja2"],
        "OPTIONS": {"environment": "clinics.widgets.form_environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.shell",
                "clinics.demo_sign_in.demo_codes",
            ],
            "libraries": {"lucide": "clinics.icons"},
        },
    },
]
FORM_RENDERER = "clinics.widgets.FormRenderer"

# Cards that higher apps add to a person's page, in reading order (clients/panels.py).
PERSON_PANELS = ["sessions.panels.time_of", "sessions.panels.sessions_of"]
# Cards that higher apps add to the page of a plan in force.
PLAN_PANELS = ["sessions.panels.minutes_of"]
# What goes out under each part of a record, and who gathers it (clients/selectors/disclosed.py). Nothing else leaves.
DISCLOSED_CATEGORIES = {
    "identity": ["clients.selectors.disclosed.identity"],
    "contact": ["clients.selectors.disclosed.contact"],
    "episodes": ["clients.selectors.disclosed.episodes"],
    "attendance": ["clients.selectors.disclosed.attendance"],
    "screening": ["clients.selectors.disclosed.screening"],
    "measures": ["clients.selectors.disclosed_care.measures"],
    "measure_answers": ["clients.selectors.disclosed_care.measure_answers"],
    "payer": ["clients.selectors.disclosed.payer"],
    "safety": ["clients.selectors.disclosed.safety"],
    "readiness": ["clients.selectors.disclosed.readiness"],
    "stages": ["clients.selectors.disclosed_care.stages"],
    "plan": ["clients.selectors.disclosed.plan"],
    "treatment_plan": ["clients.selectors.disclosed_care.treatment_plan"],
    "exercises": ["clients.selectors.disclosed_change.exercises"],
    "strengths": ["clients.selectors.disclosed_change.strengths"],
    "card": ["clients.selectors.disclosed_change.card"],
    "relapse_plan": ["clients.selectors.disclosed_change.relapse_plan"],
    "returns": ["clients.selectors.disclosed_change.returns"],
    "progress_notes": ["sessions.selectors.disclosed.progress_notes"],
}

# --- where it keeps things --------------------------------------------------------------------------------------


def database(address: DatabaseAddress) -> dict[str, Any]:
    """Return Django's settings for one database role."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **dict(address.options)},
    }


DATABASES = {"default": database(ENV.database_url)}
CACHES = {"default": {"BACKEND": "clinics.cache.ClinicCache", "LOCATION": ENV.cache_url}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

STATIC_URL = "/static/"
STATIC_ROOT = ENV.static_root or BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "config.storage.StaticStorage"
    },
}

# --- sign-in ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "clinics.User"
AUTHENTICATION_BACKENDS = [
    "clinics.backends.SignInBackend",
    "clinics.access.ClinicBackend",
]
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # guardian keeps the grants; ClinicBackend answers from them
ANONYMOUS_USER_NAME = None  # guardian: no row stands for everybody
PASSWORD_HASHERS = ["clinics.hashers.ClinicArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
LOGIN_IDLE_S, LOGIN_ABSOLUTE_S, LOGIN_MAX = 900, 36_000, 3
ACCOUNT_ADAPTER = "clinics.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Evoke: "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to addresses that only a stranger named
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a person hears of a new password or second factor
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this sign-in goes on, all others end
ACCOUNT_REAUTHENTICATION_TIMEOUT = 1800
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "join": "20/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENV.tls_proxy else 0
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if PLAIN_HTTP else "https"
MFA_ADAPTER = "clinics.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "clinics.second_factor.SecondStepForm",
    "reauthenticate": "clinics.second_factor.AgainForm",
    "activate_totp": "clinics.second_factor.SetUpForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Evoke"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP
USERSESSIONS_TRACK_ACTIVITY = False  # activity is in the browser session; a row per request would be written twice

SESSION_COOKIE_NAME = "sid" if PLAIN_HTTP else "__Host-sid"
SESSION_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = LOGIN_ABSOLUTE_S
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "csrf" if PLAIN_HTTP else "__Host-csrf"
CSRF_COOKIE_SECURE = not PLAIN_HTTP
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

# --- what a browser may do with a page --------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # asked inside, before the proxy that ends TLS
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if ENV.tls_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# --- language and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- mail -------------------------------------------------------------------------------------------------------

EMAIL_BACKEND = ENV.email.backend
EMAIL_HOST = ENV.email.host
EMAIL_PORT = ENV.email.port
EMAIL_HOST_USER = ENV.email.user
EMAIL_HOST_PASSWORD = ENV.email.password
EMAIL_USE_TLS = ENV.email.use_tls
EMAIL_USE_SSL = ENV.email.use_ssl
EMAIL_FILE_PATH = getattr(ENV.email, "folder", None)
DEFAULT_FROM_EMAIL = ENV.email_from

# --- jobs -------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = ENV.celery_broker_url
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
# Above the longest time limit. A web request may not hang on a broker that is away: the sweeper sends later.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_connect_timeout": 3}
CELERY_WORKER_CONCURRENCY = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = "UTC"
# Any number of beats may run: each task takes its slot in the database first. A tick that nobody served in time is
# dropped, so that a worker that was away does not find a night of them.
CELERY_BEAT_SCHEDULE = {
    "sweep jobs": {"task": "clinics.sweep_jobs", "schedule": 30.0, "options": {"expires": 30}},
    "seal the audit trail": {"task": "clinics.seal_audit", "schedule": 60.0, "options": {"expires": 60}},
    "purge": {"task": "clinics.purge_expired", "schedule": crontab(minute=35), "options": {"expires": 1800}},
    "watch the clocks": {"task": "clients.watch_all", "schedule": 60.0, "options": {"expires": 60}},
    "drain dirty marks": {"task": "analytics.drain_marks", "schedule": 15.0, "options": {"expires": 15}},
    "serve the clinics' nights": {
        "task": "analytics.serve_nights", "schedule": crontab(minute=5), "options": {"expires": 3000},
    },
}  # fmt: skip

# --- API --------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinics.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clinics.api.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.errors.api_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
API_REQUESTS_PER_MINUTE = 600
SPECTACULAR_SETTINGS = {
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_AUTHENTICATION": ["rest_framework.authentication.SessionAuthentication"],
    "TITLE": "Evoke",
    "VERSION": "1",
    "DESCRIPTION": "One clinic's records for the clinic's own systems. Released fields are only added to.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "AboutEnum": "clients.rules.stages.KINDS",
        "AssessmentStateEnum": "clients.models.Assessment.State",
        "ConsentKindEnum": "clients.rules.consent_terms.Kind",
        "ConsentPurposeEnum": "clients.rules.consent_terms.Purpose",
        "ConsentStateEnum": "clients.rules.consent_terms.State",
        "InquiryAnswerEnum": "clients.rules.intake.YES_NO",
        "InquiryPermissionEnum": "clients.rules.contact.Permission",
        "InquiryStatusEnum": "clients.rules.transitions.Status",
        "KindEnum": "clients.rules.mandates.KINDS",
        "RecipientClassEnum": "clients.rules.consent_terms.RecipientClass",
        "StateOfResidenceEnum": "clients.rules.places.STATES",
        "TargetDirectionEnum": "clients.rules.stages.DIRECTIONS",
    },
}

# --- logs: references, never content ----------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stream"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.db.backends": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "evoke": {"level": "INFO"},
    },
}
