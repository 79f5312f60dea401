"""
Kinds of environment value: each reads one text and returns a typed value.

A kind raises ValueError with the end of a sentence that begins with the variable's name
("DATABASE_URL must …"). It never repeats the value, which may be a secret.
"""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
FIELD_KEY_BYTES = 32
SECRET_KEY_MIN_LENGTH = 50
PLACEHOLDERS = ("change-me", "changeme", "django-insecure", "example", "replace-me")


@dataclass(frozen=True)
class DatabaseAddress:
    """Where one PostgreSQL role signs in."""

    url: str
    user: str
    password: str
    host: str
    port: int
    name: str
    options: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"DatabaseAddress({self.user}@{self.host}:{self.port}/{self.name})"


@dataclass(frozen=True)
class EmailAddress:
    """How mail leaves: a Django backend and what it needs."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    folder: str = ""

    def __repr__(self) -> str:
        return f"EmailAddress({self.backend}, {self.host}:{self.port})"


def text(value: str) -> str:
    """Return the value as it stands; refuse an empty one."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def flag(value: str) -> bool:
    """Return True for 1, False for 0; refuse anything else."""
    if value not in ("0", "1"):
        raise ValueError("must be 1 (on) or 0 (off)")
    return value == "1"


def folder(value: str) -> Path:
    """Return an absolute path; refuse a relative one, whose meaning depends on who starts the process."""
    path = Path(value)
    if not path.is_absolute():
        raise ValueError("must be an absolute path, such as /var/lib/evoke")
    return path


def hosts(value: str) -> tuple[str, ...]:
    """Return the host names of a comma separated list; refuse an empty list and the wildcard."""
    names = tuple(part.strip() for part in value.split(",") if part.strip())
    if not names:
        raise ValueError("must name at least one host, such as evoke.clinic.example")
    if "*" in names:
        raise ValueError("must name each host; * would accept a forged Host header")
    if any("/" in name or " " in name for name in names):
        raise ValueError("must hold host names only, without https:// and without a path")
    return names


def base_url(value: str) -> str:
    """Return an http(s) address without a trailing slash, path, query or sign-in."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a web address, such as https://evoke.clinic.example")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be scheme, host and port only, such as https://evoke.clinic.example")
    return value.rstrip("/")


def bind(value: str) -> tuple[str, int]:
    """Return host and port of an address to listen on."""
    host, separator, port = value.rpartition(":")
    if not (separator and host and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("must be host and port, such as 127.0.0.1:8000")
    return host, int(port)


def secret_key(value: str) -> str:
    """Return the signing key; refuse a short, a repetitive or a placeholder one."""
    if len(value) < SECRET_KEY_MIN_LENGTH:
        raise ValueError(f"must have at least {SECRET_KEY_MIN_LENGTH} characters")
    if len(set(value)) < 10 or any(word in value.lower() for word in PLACEHOLDERS):
        raise ValueError("must be random; this one can be guessed")
    return value


def field_keys(value: str) -> tuple[bytes, ...]:
    """
    Return the keys that wrap the clinics' data keys, 32 bytes each; the first one encrypts.

    Refuses a key that is short, not base64, given twice, or made of fewer than 8 different bytes.
    """
    keys: list[bytes] = []
    for number, part in enumerate((part.strip() for part in value.split(",")), start=1):
        try:
            key = base64.b64decode(part, validate=True)
        except binascii.Error:
            raise ValueError(f"must be comma separated base64 keys; key {number} is not base64") from None
        if len(key) != FIELD_KEY_BYTES:
            raise ValueError(f"must hold keys of {FIELD_KEY_BYTES} bytes each; key {number} has {len(key)} bytes")
        if len(set(key)) < 8:
            raise ValueError(f"must hold random keys; key {number} can be guessed")
        if key in keys:
            raise ValueError(f"must not hold a key twice; key {number} repeats an earlier one")
        keys.append(key)
    return tuple(keys)


def database(value: str) -> DatabaseAddress:
    """Return the parts of postgres://user:password@host:port/name?option=value."""
    wanted = "must look like postgres://user:password@host:5432/name"
    try:
        parts = urlsplit(value)
        port = parts.port or 5432
    except ValueError:
        raise ValueError(wanted) from None
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(f"{wanted}; Evoke runs on PostgreSQL only")
    name = unquote(parts.path.lstrip("/"))
    if not (parts.username and parts.hostname and name) or "/" in name:
        raise ValueError(wanted)
    return DatabaseAddress(
        url=value,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        host=unquote(parts.hostname),
        port=port,
        name=name,
        options=tuple(parse_qsl(parts.query)),
    )


def redis(value: str) -> str:
    """Return the address of a Redis-protocol server."""
    wanted = "must look like redis://:password@host:6379/0"
    try:
        parts = urlsplit(value)
        number = parts.path.lstrip("/")
        _ = parts.port
    except ValueError:
        raise ValueError(wanted) from None
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or not (number or "0").isdigit():
        raise ValueError(wanted)
    return value


def email(value: str) -> EmailAddress:
    """
    Return how mail leaves.

    smtp://user:password@host:587 (upgraded to TLS), smtps://…:465 (TLS from the start),
    file:///folder (one file a message), console: (to the log; for trying out only)
    """
    wanted = "must be smtp://user:password@host:587, smtps://user:password@host:465, file:///folder or console:"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(wanted) from None
    if parts.scheme == "console":
        return EmailAddress("django.core.mail.backends.console.EmailBackend")
    if parts.scheme == "file" and parts.path.startswith("/"):
        return EmailAddress(
            "django.core.mail.backends.filebased.EmailBackend",
            folder=unquote(parts.path),
        )
    if parts.scheme in ("smtp", "smtps") and parts.hostname:
        over_tls = parts.scheme == "smtps"
        return EmailAddress(
            "django.core.mail.backends.smtp.EmailBackend",
            host=parts.hostname,
            port=port or (465 if over_tls else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            use_tls=not over_tls,
            use_ssl=over_tls,
        )
    raise ValueError(wanted)


def host_of(url: str) -> str:
    """Return the host name of an address, lower case, or '' when it has none."""
    return (urlsplit(url).hostname or "").lower()
