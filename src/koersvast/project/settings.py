"""Settings of an installation, all read from the environment (docs/reference/settings.md).

Nothing here is safe to guess: what would be unsafe is refused when the process starts.
"""

import secrets
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from koersvast.connectors.posting import MailServer, is_address
from koersvast.project.environment import UnsafeSettings, flag, text, words

PACKAGE = Path(__file__).resolve().parent.parent
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


def _default_home() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "koersvast"
    return Path(text("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "koersvast"


HOME = Path(text("KOERSVAST_HOME") or _default_home()).resolve()
HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
SNAPSHOTS = HOME / "snapshots"
REGISTERS = HOME / "registers"
CACHE = HOME / "cache"

# The marker that `koersvast demo` leaves: a visitor on this machine is signed in as the demo's policy officer.
DEMO = (HOME / "demo").exists()
DEBUG = flag("KOERSVAST_DEBUG")
ALLOWED_HOSTS = words("KOERSVAST_HOSTS") or sorted(LOOPBACK)
CSRF_TRUSTED_ORIGINS = words("KOERSVAST_ORIGINS")
ON_LOOPBACK = set(ALLOWED_HOSTS) <= LOOPBACK


def _kept(name: str, fresh_text: str) -> str:
    """Return the secret of this name in the home directory; on first use it is the one given."""
    kept = HOME / name
    if not kept.exists():
        # Written beside and put in place whole: a process that starts at the same moment never reads half a key.
        fresh = HOME / f"{name}.{secrets.token_hex(8)}"
        fresh.touch(mode=0o600)
        fresh.write_text(fresh_text, encoding="ascii")
        with suppress(FileExistsError):  # another process was first; its key counts
            kept.hardlink_to(fresh)
        fresh.unlink()
    return kept.read_text(encoding="ascii").strip()


def _secret_key() -> str:
    """The key from the environment, or one made on first use and kept in the home directory."""
    return text("KOERSVAST_SECRET_KEY") or _kept("secret-key", secrets.token_urlsafe(64))


def _as_key(variable: str, written: str) -> bytes:
    """Return 32 bytes of 64 hexadecimal digits; a key is a secret and is not repeated when it is none."""
    try:
        key = bytes.fromhex(written)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise UnsafeSettings(f"{variable} is not 64 hexadecimal digits. Make one with: openssl rand -hex 32")
    return key


def _microdata_key() -> bytes:
    """The master key of the sealed store, from the environment or made on first use and kept in the home directory."""
    name = "KOERSVAST_MICRODATA_KEY"
    return _as_key(name, text(name) or _kept("microdata-key", secrets.token_hex(32)))


def _earlier_keys() -> list[bytes]:
    """The key before this one, for as long as files that it sealed have not been sealed again."""
    name = "KOERSVAST_MICRODATA_EARLIER_KEY"
    return [_as_key(name, written)] if (written := text(name)) else []


SECRET_KEY = _secret_key()
# Rows of respondents lie here and nowhere else, sealed with a key of which the loss is the loss of those rows.
MICRODATA = HOME / "microdata"
MICRODATA_KEY = _microdata_key()
MICRODATA_EARLIER_KEYS = _earlier_keys()


# Through which the national tables are fetched, where an organisation lets nothing out directly.
PROXY = text("KOERSVAST_PROXY")


def _is_proxy(address: str) -> bool:
    """Whether an address is http(s)://[user:password@]host[:port] and nothing more."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number, brackets that do not match
        return False
    rest = parts.path.strip("/") + parts.query + parts.fragment
    return known and not rest and not any(character.isspace() for character in address)


# The one mail a week: through which server it goes, from whom it comes, and where its links lead.
MAIL_URL = text("KOERSVAST_MAIL_URL")
MAIL_FROM = text("KOERSVAST_MAIL_FROM")
PUBLIC_ADDRESS = text("KOERSVAST_ADDRESS").rstrip("/")


def _refuse_unsafe_mail() -> None:
    """A link lets somebody in without a password, so it never travels in clear or to an address that was guessed."""
    try:
        mail = MailServer.from_url(MAIL_URL) if MAIL_URL else None
    except ValueError as refused:  # says what is wrong, without what stands there: it may hold a password
        raise UnsafeSettings(f"KOERSVAST_MAIL_URL {refused}.") from None
    secure = urlsplit(PUBLIC_ADDRESS)
    if PUBLIC_ADDRESS and (secure.scheme != "https" or not secure.hostname or secure.query or secure.fragment):
        raise UnsafeSettings("KOERSVAST_ADDRESS is not an address such as https://koersvast.example.nl.")
    if mail and not PUBLIC_ADDRESS:
        raise UnsafeSettings("KOERSVAST_MAIL_URL is set without KOERSVAST_ADDRESS: links in mail lead nowhere.")
    if mail and not is_address(MAIL_FROM):
        raise UnsafeSettings("KOERSVAST_MAIL_FROM is not an e-mail address such as koersvast@example.nl.")


def _refuse_unsafe() -> None:
    if len(SECRET_KEY) < 50:
        raise UnsafeSettings("KOERSVAST_SECRET_KEY is shorter than 50 characters. Make a long random one.")
    if any(host == "*" or host.startswith(".") for host in ALLOWED_HOSTS):
        raise UnsafeSettings("KOERSVAST_HOSTS has a wildcard. Name every host.")
    if any(not origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS):
        raise UnsafeSettings("KOERSVAST_ORIGINS has an origin without https.")
    if DEBUG and not ON_LOOPBACK:
        raise UnsafeSettings("KOERSVAST_DEBUG shows internals; it is for 127.0.0.1 and localhost only.")
    if DEMO and not ON_LOOPBACK:
        raise UnsafeSettings("This home directory holds the demo, which has no login: loopback hosts only.")
    if PROXY and not _is_proxy(PROXY):  # not repeated: it may hold a password
        raise UnsafeSettings("KOERSVAST_PROXY is not an address such as http://proxy.example:8080.")
    _refuse_unsafe_mail()


_refuse_unsafe()


def _database() -> dict[str, Any]:
    """SQLite in the home directory, or PostgreSQL by DATABASE_URL (postgresql://user:password@host:port/name?sslmode=verify-full)."""
    url = text("DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "koersvast.sqlite3",
            "OPTIONS": {
                # Deferred transactions lose writes under concurrency; see docs/explanation/reliability.md.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                    "PRAGMA secure_delete=ON;PRAGMA recursive_triggers=ON;"
                ),
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise UnsafeSettings("DATABASE_URL does not start with postgresql://.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}
# What takes longer than a page may wait is put in a queue in the database; `koersvast work` does it.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_tasks_db",
    "koersvast.project",
    "koersvast.access",
    "koersvast.reference",
    "koersvast.indicators",
    "koersvast.partners",
    "koersvast.policy",
    "koersvast.surveys",
    "koersvast.programme",
    "koersvast.publications",
    "koersvast.web",
    "koersvast.web.site",
    "koersvast.web.indicators",
    "koersvast.web.partners",
    "koersvast.web.policy",
    "koersvast.web.programme",
    "koersvast.web.surveys",
    "koersvast.web.publications",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "koersvast.web.gate.DemoSignIn",
    "koersvast.web.gate.NeverStore",
    "koersvast.web.site.language.ReaderLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "koersvast.web.gate.BodyLimit",
]

ROOT_URLCONF = "koersvast.project.urls"
WSGI_APPLICATION = "koersvast.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "koersvast.web.components.shell",
            ],
        },
    },
]
FORM_RENDERER = "koersvast.web.rendering.NLDesignSystemRenderer"

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["koersvast.access.backends.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT = CACHE / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "frame-src": [CSP.NONE],
    "object-src": [CSP.NONE],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
if not ON_LOOPBACK:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
# A file that comes in may hold answers of respondents, so it is never put down on disk in clear: it stays in memory up
# to the size at which a request is refused (see `web.gate.BodyLimit`).
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * UPLOAD_MAX_BYTES
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        "koersvast": {"handlers": ["console"], "level": "INFO"},
        # Addresses and form data stay out of the log; an error has its type and place.
        "django.request": {"handlers": ["console"], "level": "ERROR"},
    },
}
