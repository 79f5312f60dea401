"""
The one table of environment variables: name, kind, default, secret or not, what it is for.

`load(environ)` returns an `Env`, or raises `BadEnvironment` with one sentence for each thing that is
wrong, all at once, before anything starts. Every NAME may be given as NAME_FILE instead, the path of
a file that holds the value (how a container receives a secret). Standard library only: the commands
that start the servers read this before Django is there.

python -m config.env check   say what is wrong with the present environment
"""

import base64
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints
from urllib.parse import quote

from config import env_kinds as kinds
from config.env_kinds import DatabaseAddress, EmailAddress


class BadEnvironment(Exception):
    """The environment cannot be used; `sentences` says why, one sentence for each variable."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Variable:
    """One environment variable."""

    name: str
    kind: Callable[[str], object]
    help: str
    default: str | None = None
    required: bool = True
    secret: bool = False


@dataclass(frozen=True)
class Env:
    """The environment, checked and typed."""

    database_url: Annotated[
        DatabaseAddress,
        Variable(
            "DATABASE_URL",
            kinds.database,
            "PostgreSQL as the role `clinic_app`: web, worker and beat. This role owns nothing.",
            secret=True,
        ),
    ]
    migration_database_url: Annotated[
        DatabaseAddress | None,
        Variable(
            "MIGRATION_DATABASE_URL",
            kinds.database,
            "PostgreSQL as the role `clinic_owner`. Only `manage.py migrate` reads it.",
            required=False,
            secret=True,
        ),
    ]
    sealer_database_url: Annotated[
        DatabaseAddress | None,
        Variable(
            "SEALER_DATABASE_URL",
            kinds.database,
            "PostgreSQL as the role `clinic_sealer`: the worker seals batches of audit events with it.",
            required=False,
            secret=True,
        ),
    ]
    backup_database_url: Annotated[
        DatabaseAddress | None,
        Variable(
            "BACKUP_DATABASE_URL",
            kinds.database,
            "PostgreSQL as the role `clinic_backup`: reads everything, writes nothing, makes the dumps.",
            required=False,
            secret=True,
        ),
    ]
    celery_broker_url: Annotated[
        str,
        Variable(
            "CELERY_BROKER_URL",
            kinds.redis,
            "Valkey or Redis for the job queue; it must keep what it holds "
            "(`appendonly yes`, `maxmemory-policy noeviction`).",
            secret=True,
        ),
    ]
    cache_url: Annotated[
        str,
        Variable(
            "CACHE_URL",
            kinds.redis,
            "Valkey or Redis for the cache and for limits on requests; not the queue's own address.",
            secret=True,
        ),
    ]
    secret_key: Annotated[
        str,
        Variable(
            "SECRET_KEY",
            kinds.secret_key,
            f"Signs cookies and links; {kinds.SECRET_KEY_MIN_LENGTH} or more random characters.",
            secret=True,
        ),
    ]
    field_keys: Annotated[
        tuple[bytes, ...],
        Variable(
            "FIELD_KEYS",
            kinds.field_keys,
            "Keys that protect clinical text: comma separated, base64 of 32 random bytes each. The first one "
            "encrypts, all of them decrypt. Losing them loses the text.",
            secret=True,
        ),
    ]
    allowed_hosts: Annotated[
        tuple[str, ...],
        Variable(
            "ALLOWED_HOSTS",
            kinds.hosts,
            "Host names that the site answers to, comma separated.",
        ),
    ]
    base_url: Annotated[
        str,
        Variable(
            "EVOKE_BASE_URL",
            kinds.base_url,
            "The address people use, for links in mail; https outside demo mode.",
        ),
    ]
    email: Annotated[
        EmailAddress,
        Variable(
            "EMAIL_URL",
            kinds.email,
            "How mail leaves: `smtp://user:password@host:587`, `smtps://user:password@host:465`, "
            "`file:///folder` or `console:`.",
            secret=True,
        ),
    ]
    email_from: Annotated[
        str,
        Variable(
            "EMAIL_FROM",
            kinds.text,
            "The sender of every message.",
            default="Evoke <no-reply@localhost>",
        ),
    ]
    tls_proxy: Annotated[
        bool,
        Variable(
            "EVOKE_TLS_PROXY",
            kinds.flag,
            "1 when one proxy in front ends TLS, sets `X-Forwarded-Proto` and adds to `X-Forwarded-For`.",
            default="0",
        ),
    ]
    bind: Annotated[
        tuple[str, int],
        Variable(
            "EVOKE_BIND",
            kinds.bind,
            "Where the web server listens. 0.0.0.0:8000 inside a container.",
            default="127.0.0.1:8000",
        ),
    ]
    static_root: Annotated[
        Path | None,
        Variable(
            "STATIC_ROOT",
            kinds.folder,
            "Folder of the collected static files; `staticfiles` beside `manage.py` when unset.",
            required=False,
        ),
    ]
    demo: Annotated[
        bool,
        Variable(
            "EVOKE_DEMO",
            kinds.flag,
            "1 for the demonstration: plain http, the current second-factor code shown on the sign-in page. "
            "Refused on any host but this machine itself.",
            default="0",
        ),
    ]
    debug: Annotated[
        bool,
        Variable(
            "DEBUG",
            kinds.flag,
            "1 for Django's debug pages, which show source and values. Refused as EVOKE_DEMO is.",
            default="0",
        ),
    ]


def _read_table() -> dict[str, Variable]:
    hints = get_type_hints(Env, include_extras=True)
    return {item.name: hints[item.name].__metadata__[0] for item in fields(Env)}


BY_FIELD: Final[dict[str, Variable]] = _read_table()
VARIABLES: Final[tuple[Variable, ...]] = tuple(BY_FIELD.values())
SECRETS: Final[tuple[str, ...]] = tuple(item.name for item in VARIABLES if item.secret)


def load(environ: Mapping[str, str]) -> Env:
    """
    Return the environment, checked.

    environ  usually os.environ; read, never changed
    raises   BadEnvironment with every fault found, not only the first
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    for field_name, entry in BY_FIELD.items():
        values[field_name] = None
        try:
            given = given_value(entry.name, environ)
            if given is None:
                given = entry.default
            if given is None and entry.required:
                faults.append(f"{entry.name} is not set. {plain(entry.help)}")
            elif given is not None:
                values[field_name] = entry.kind(given)
        except ValueError as error:
            faults.append(f"{entry.name} {error}.")
    env = Env(**values)
    faults.extend(_faults_between(env))
    if faults:
        raise BadEnvironment(faults)
    return env


def given_value(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the value of NAME, or of the file that NAME_FILE points to; None when neither is set."""
    direct, path = environ.get(name), environ.get(f"{name}_FILE")
    if direct and path:
        raise ValueError(f"is set, and so is {name}_FILE; set one of the two")
    if not path:
        return direct or None
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n") or None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ValueError(f"cannot be read: {name}_FILE points to {path} ({reason})") from None


def _faults_between(env: Env) -> list[str]:
    """Return what is wrong with values that are each right alone."""
    faults = []
    for name, on in (("EVOKE_DEMO", env.demo), ("DEBUG", env.debug)):
        named = {
            "ALLOWED_HOSTS": [host.lower() for host in env.allowed_hosts or ()],
            "EVOKE_BASE_URL": [kinds.host_of(env.base_url)] if env.base_url else [],
            "EVOKE_BIND": [env.bind[0].lower()] if env.bind else [],
        }
        outside = [key for key, hosts in named.items() if not kinds.LOOPBACK_HOSTS.issuperset(hosts)]
        if on and outside:
            faults.append(
                f"{name} is 1, but {' and '.join(outside)} names another host than this machine. "
                f"Use localhost only, or set {name} to 0."
            )
    if env.base_url and env.base_url.startswith("http://") and not (env.demo or env.debug):
        faults.append("EVOKE_BASE_URL must begin with https:// outside demo mode.")
    users: dict[str, str] = {}
    for field_name, entry in BY_FIELD.items():
        value, name = getattr(env, field_name), entry.name
        if isinstance(value, DatabaseAddress):
            if value.user in users:
                faults.append(f"{name} uses the same database role as {users[value.user]}. Give each its own role.")
            users.setdefault(value.user, name)
    if env.cache_url and env.cache_url == env.celery_broker_url:
        faults.append("CACHE_URL is the same as CELERY_BROKER_URL. Use another server or another database number.")
    return faults


def fresh_secret_key() -> str:
    """Return a new random signing key."""
    return secrets.token_urlsafe(64)


def fresh_field_key() -> str:
    """Return a new random key for FIELD_KEYS, base64."""
    return base64.b64encode(secrets.token_bytes(kinds.FIELD_KEY_BYTES)).decode()


def database_url(user: str, password: str, host: str, port: int, name: str) -> str:
    """Return the address of a database as DATABASE_URL wants it."""
    return f"postgres://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{quote(name, safe='')}"


def plain(sentence: str) -> str:
    return sentence.replace("`", "")


def main(arguments: list[str]) -> int:
    """Say what is wrong with the present environment; return 0 when nothing is."""
    if arguments != ["check"]:
        print("Usage: python -m config.env check", file=sys.stderr)
        return 2
    try:
        load(os.environ)
    except BadEnvironment as error:
        print(*error.sentences, sep="\n", file=sys.stderr)
        return 2
    print("The environment is complete.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
