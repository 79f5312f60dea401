"""
What is written from the table of config/env.py: the README's configuration table, .env.example, the
secret files of docker-compose.yml, and an environment for steps that reach no server.

python -m config.env_documents table            print the README's configuration table
python -m config.env_documents example          print .env.example
python -m config.env_documents secrets DIR      write fresh secret files for docker-compose.yml
python -m config.env_documents build -- CMD…    run a command that needs settings but no server
"""

import os
import secrets
import sys
from pathlib import Path

from config import env
from config.database_roles import ROLES


def build_values() -> dict[str, str]:
    """Return an environment that is valid and reaches no server: for building static files and for checks."""
    return {
        "DATABASE_URL": "postgres://clinic_app@127.0.0.1:9/evoke",
        "CELERY_BROKER_URL": "redis://127.0.0.1:9/0",
        "CACHE_URL": "redis://127.0.0.1:9/1",
        "SECRET_KEY": env.fresh_secret_key(),
        "FIELD_KEYS": env.fresh_field_key(),
        "ALLOWED_HOSTS": "evoke.clinic.example",
        "EVOKE_BASE_URL": "https://evoke.clinic.example",
        "EMAIL_URL": "file:///nonexistent",
    }


def table() -> str:
    """Return the configuration table of the README."""
    lines = ["| variable | required | default | what it is for |", "|---|---|---|---|"]
    for item in env.VARIABLES:
        needed = "yes" if item.required and item.default is None else "no"
        default = f"`{item.default}`" if item.default is not None else ""
        secret = " Secret." if item.secret else ""
        lines.append(f"| `{item.name}` | {needed} | {default} | {item.help}{secret} |")
    return "\n".join(lines) + "\n"


def example() -> str:
    """Return .env.example: every variable with its sentence, no secret with a value."""
    lines = [
        "# Every variable may be given as NAME_FILE instead: the path of a file that holds the value.",
        "",
    ]
    for item in env.VARIABLES:
        lines.append(f"# {env.plain(item.help)}")
        lines.append(f"{'' if item.required and item.default is None else '# '}{item.name}={item.default or ''}")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def write_secrets(folder: Path) -> list[str]:
    """
    Write one file for each secret of docker-compose.yml into `folder` and return their names.

    A folder that holds them already is left alone, so that a second run never locks anybody out. Only the
    owner may enter the folder; the files themselves can be read, because a container reads its own as
    another user.

    raises  BadEnvironment when the folder holds some of them: what is missing cannot be made to fit
    """
    values = _fresh_secrets()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in sorted(values) if not (folder / name).exists()]
    if missing and len(missing) < len(values):
        raise env.BadEnvironment([f"{folder} lacks {', '.join(missing)}. Restore that, or name an empty folder."])
    for name in missing:
        path = folder / name
        path.write_text(values[name] + "\n", encoding="utf-8")
        path.chmod(0o444)
    return sorted(values)


def _fresh_secrets() -> dict[str, str]:
    """Return file name → content for a new deployment."""
    broker, admin = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    return {
        "POSTGRES_PASSWORD": admin,
        "ADMIN_DATABASE_URL": env.database_url("postgres", admin, "postgres", 5432, "postgres"),
        "VALKEY_CONF": f'requirepass "{broker}"',
        "CELERY_BROKER_URL": f"redis://:{broker}@valkey:6379/0",
        "CACHE_URL": f"redis://:{broker}@valkey:6379/1",
        "SECRET_KEY": env.fresh_secret_key(),
        "FIELD_KEYS": env.fresh_field_key(),
        "EMAIL_URL": "console:",
        **{
            role.variable: env.database_url(role.name, secrets.token_urlsafe(32), "postgres", 5432, "evoke")
            for role in ROLES
        },
    }


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring and return the exit code."""
    match arguments:
        case ["table"]:
            print(table(), end="")
        case ["example"]:
            print(example(), end="")
        case ["secrets", target]:
            try:
                print(*write_secrets(Path(target)), sep="\n")
            except env.BadEnvironment as error:
                print(error, file=sys.stderr)
                return 2
        case ["build", "--", program, *rest]:
            os.execvpe(program, [program, *rest], {**os.environ, **build_values()})  # noqa: S606 - that is the command's purpose
        case _:
            print(
                "Usage: python -m config.env_documents table | example | secrets DIR | build -- CMD",
                file=sys.stderr,
            )
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
