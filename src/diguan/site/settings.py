"""Settings of one installation. Everything that differs between two counties is an environment variable.

| variable | meaning | default |
|---|---|---|
| DIGUAN_DATA | data folder: database, batches, runs, files, static | ./data |
| DIGUAN_DATABASE_URL | ``postgres://user:password@host:port/name`` (host may be a socket folder, percent-encoded) | SQLite |
| DIGUAN_SECRET_KEY | signing key | generated once into the data folder, mode 0600 |
| DIGUAN_SEAL_KEY | file of the key that seals what was done; keep a copy elsewhere, backups leave it out | seal_key in the data folder, made once, mode 0600 |
| DIGUAN_HOSTS | comma list of host names to answer to | 127.0.0.1, localhost, [::1] |
| DIGUAN_HTTPS | ``1`` when a TLS proxy stands in front: secure cookies, HSTS | 0 |
| DIGUAN_PROXIES | how many proxies of ours stand in front (whose X-Forwarded-* we believe) | 0 |
| DIGUAN_TODAY | the day to live in, ``2026-10-31`` | the wall date; in a demo folder the demo's day |
| DIGUAN_DEMO | ``1`` marks a demo installation: a mark on every page, the accounts on the login page | what the data folder says |
| DIGUAN_LOG | log level | INFO |
"""

from __future__ import annotations

import os
from pathlib import Path

from diguan.site import environment
from diguan.site.demo import state

BASE_DIR = Path(__file__).resolve().parent.parent
DIGUAN_DATA = environment.data_folder()
_demo = state.read(DIGUAN_DATA)
DIGUAN_DEMO = environment.flag("DIGUAN_DEMO", _demo is not None)
DIGUAN_TODAY = environment.day("DIGUAN_TODAY", _demo.today if _demo else "")
DIGUAN_HTTPS = environment.flag("DIGUAN_HTTPS")
DIGUAN_PROXIES = int(os.environ.get("DIGUAN_PROXIES", "0"))

SECRET_KEY = environment.secret_key(DIGUAN_DATA)
DIGUAN_SEAL_KEY = environment.seal_key(DIGUAN_DATA)
DEBUG = False
ALLOWED_HOSTS = environment.words("DIGUAN_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if DIGUAN_HTTPS]

INSTALLED_APPS = [
    "diguan.site",
    "diguan.indicators",
    "diguan.policies",
    "diguan.services",
    "diguan.outreach",
    "diguan.projects",
    "diguan.chains",
    "diguan.ties",
    "diguan.enterprises",
    "diguan.kernel",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "diguan.site.language.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "diguan.site.login.LoginWall",
]

ROOT_URLCONF = "diguan.site.urls"
WSGI_APPLICATION = "diguan.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "diguan.site.context.installation",
                "diguan.kernel.shell.face",
            ],
        },
    }
]

DATABASES = {"default": environment.database(DIGUAN_DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── people ────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "kernel.Person"
AUTHENTICATION_BACKENDS = ["diguan.kernel.access.passwords.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login_name", "name", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "site:login"
LOGIN_REDIRECT_URL = "site:home"
LOGOUT_REDIRECT_URL = "site:login"
LOGIN_FAILURES = 5
LOGIN_ADDRESS_FAILURES = 50  # from here on a name has LOGIN_HOT_FAILURES tries from that address
LOGIN_HOT_FAILURES = 2
LOGIN_ADDRESS_LOCK = 400
LOGIN_LOCK_MINUTES = 15

SESSION_COOKIE_NAME = "diguan_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 2 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = DIGUAN_HTTPS
CSRF_COOKIE_NAME = "diguan_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = DIGUAN_HTTPS
CSRF_FAILURE_VIEW = "diguan.site.web.errors.csrf_failure"

# ── headers ───────────────────────────────────────────────────────────────
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if DIGUAN_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if DIGUAN_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

# ── files ─────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = DIGUAN_DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DIGUAN_DATA / "files"}},
    "staticfiles": {"BACKEND": "diguan.site.static.HashedStatic"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60_000  # a request for data names each firm it is about; 2 MB hold no more
FILE_UPLOAD_PERMISSIONS = 0o640

# ── language and time ─────────────────────────────────────────────────────
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "diguan_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

LOGGING = environment.logging_settings()
