"""The table of environment variables: every bad value is one clear sentence, all of them at once."""

import base64
from pathlib import Path

import pytest

from config import env, env_documents
from config.env import BadEnvironment, load

ROOT = Path(__file__).resolve().parents[2]


def good() -> dict[str, str]:
    """Return an environment in which nothing is wrong."""
    return env_documents.build_values()


def sentences(environ: dict[str, str]) -> list[str]:
    """Return what is said about a bad environment."""
    with pytest.raises(BadEnvironment) as caught:
        load(environ)
    return caught.value.sentences


def test_a_good_environment_is_read() -> None:
    read = load(good() | {"DATABASE_URL": "postgres://clinic_app:p%40ss@db.example:5433/evoke?sslmode=require"})

    assert (read.database_url.user, read.database_url.password) == ("clinic_app", "p@ss")
    assert (read.database_url.host, read.database_url.port) == ("db.example", 5433)
    assert read.database_url.options == (("sslmode", "require"),)
    assert read.bind == ("127.0.0.1", 8000)
    assert [len(key) for key in read.field_keys] == [32]
    assert read.demo is False


def test_every_missing_variable_is_named_at_once() -> None:
    said = sentences({})

    needed = [item.name for item in env.VARIABLES if item.required and item.default is None]
    assert [line.split()[0] for line in said] == needed
    assert all(f"{name} is not set." in line for name, line in zip(needed, said, strict=True))


BAD_VALUES = [
    ("DATABASE_URL", "mysql://a:b@host/name", "Evoke runs on PostgreSQL only"),
    ("DATABASE_URL", "postgres://host/name", "must look like postgres://"),
    ("DATABASE_URL", "postgres://a:b@host:port/name", "must look like postgres://"),
    ("CELERY_BROKER_URL", "amqp://host", "must look like redis://"),
    ("CACHE_URL", "redis://host/one", "must look like redis://"),
    ("SECRET_KEY", "short", "must have at least 50 characters"),
    ("SECRET_KEY", "change-me-" * 6, "must be random"),
    ("SECRET_KEY", "a" * 60, "must be random"),
    ("FIELD_KEYS", "not base64!", "key 1 is not base64"),
    ("FIELD_KEYS", base64.b64encode(b"x" * 16).decode(), "key 1 has 16 bytes"),
    ("FIELD_KEYS", base64.b64encode(b"x" * 32).decode(), "key 1 can be guessed"),
    ("ALLOWED_HOSTS", "*", "must name each host"),
    ("ALLOWED_HOSTS", "https://clinic.example", "must hold host names only"),
    ("ALLOWED_HOSTS", " , ", "must name at least one host"),
    ("EVOKE_BASE_URL", "clinic.example", "must be a web address"),
    ("EVOKE_BASE_URL", "https://clinic.example/path", "must be scheme, host and port only"),
    ("EVOKE_BASE_URL", "http://clinic.example", "must begin with https://"),
    ("EVOKE_BIND", "8000", "must be host and port"),
    ("EVOKE_BIND", "127.0.0.1:99999", "must be host and port"),
    ("EMAIL_URL", "mail.clinic.example", "must be smtp://"),
    ("EVOKE_DEMO", "yes", "must be 1 (on) or 0 (off)"),
    ("STATIC_ROOT", "static", "must be an absolute path"),
]


@pytest.mark.parametrize(("name", "value", "said"), BAD_VALUES)
def test_a_bad_value_is_one_sentence_without_the_value(name: str, value: str, said: str) -> None:
    (sentence,) = sentences(good() | {name: value})

    assert sentence.startswith(f"{name} ")
    assert said in sentence
    assert sentence.endswith(".")
    if len(value) > 6 and any(item.name == name and item.secret for item in env.VARIABLES):
        assert value not in sentence


def test_several_bad_values_are_said_together() -> None:
    said = sentences(good() | {"SECRET_KEY": "x", "EVOKE_BIND": "x", "EVOKE_DEMO": "x"})

    assert [line.split()[0] for line in said] == ["SECRET_KEY", "EVOKE_BIND", "EVOKE_DEMO"]


def test_a_field_key_given_twice_is_refused() -> None:
    key = env.fresh_field_key()

    assert sentences(good() | {"FIELD_KEYS": f"{key},{key}"}) == [
        "FIELD_KEYS must not hold a key twice; key 2 repeats an earlier one."
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_HOSTS", "localhost,clinic.example"),
        ("EVOKE_BASE_URL", "http://clinic.example"),
        ("EVOKE_BIND", "0.0.0.0:8000"),
    ],
)
@pytest.mark.parametrize("mode", ["EVOKE_DEMO", "DEBUG"])
def test_demo_and_debug_are_refused_on_another_host(mode: str, name: str, value: str) -> None:
    here = {"ALLOWED_HOSTS": "localhost,127.0.0.1", "EVOKE_BASE_URL": "http://localhost:8000"}
    load(good() | here | {mode: "1"})

    (sentence,) = sentences(good() | here | {mode: "1", name: value})

    assert sentence.startswith(f"{mode} is 1, but {name} names another host than this machine.")


def test_two_variables_may_not_share_a_database_role() -> None:
    values = good()

    (sentence,) = sentences(values | {"MIGRATION_DATABASE_URL": values["DATABASE_URL"]})

    assert sentence == "MIGRATION_DATABASE_URL uses the same database role as DATABASE_URL. Give each its own role."


def test_cache_and_queue_may_not_share_an_address() -> None:
    values = good()

    (sentence,) = sentences(values | {"CACHE_URL": values["CELERY_BROKER_URL"]})

    assert sentence.startswith("CACHE_URL is the same as CELERY_BROKER_URL.")


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    values = good()
    path = tmp_path / "SECRET_KEY"
    path.write_text(values.pop("SECRET_KEY") + "\n")

    assert load(values | {"SECRET_KEY_FILE": str(path)}).secret_key == path.read_text().strip()


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    values = good()
    del values["SECRET_KEY"]
    missing = tmp_path / "absent"

    (sentence,) = sentences(values | {"SECRET_KEY_FILE": str(missing)})

    assert sentence == (f"SECRET_KEY cannot be read: SECRET_KEY_FILE points to {missing} (No such file or directory).")


def test_a_value_and_a_file_together_are_refused(tmp_path: Path) -> None:
    (sentence,) = sentences(good() | {"SECRET_KEY_FILE": str(tmp_path)})

    assert sentence == "SECRET_KEY is set, and so is SECRET_KEY_FILE; set one of the two."


def test_printing_what_was_read_shows_no_password() -> None:
    read = load(
        good()
        | {
            "DATABASE_URL": "postgres://clinic_app:hidden-word@db/evoke",
            "EMAIL_URL": "smtp://me:hidden-word@mail.example:587",
        }
    )

    assert "hidden-word" not in f"{read.database_url!r} {read.email!r}"


def test_the_readme_holds_the_table() -> None:
    assert env_documents.table() in (ROOT / "README.md").read_text(), (
        "Write the output of `python -m config.env_documents table` into README.md."
    )


def test_the_example_file_is_the_table() -> None:
    assert (ROOT / ".env.example").read_text() == env_documents.example(), (
        "Run `python -m config.env_documents example > .env.example`."
    )


def test_the_example_file_holds_no_secret() -> None:
    for line in env_documents.example().splitlines():
        name, _, value = line.removeprefix("# ").partition("=")
        assert name not in env.SECRETS or value == ""


def test_secret_files_are_a_whole_environment(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    env_documents.write_secrets(folder)

    values = {"ALLOWED_HOSTS": "clinic.example", "EVOKE_BASE_URL": "https://clinic.example"}
    read = load(values | {f"{name}_FILE": str(folder / name) for name in env.SECRETS})

    assert read.database_url.user == "clinic_app"
    assert folder.stat().st_mode & 0o077 == 0


def test_secret_files_are_never_overwritten_or_half_made(tmp_path: Path) -> None:
    env_documents.write_secrets(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}

    env_documents.write_secrets(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before

    (tmp_path / "FIELD_KEYS").unlink()
    with pytest.raises(BadEnvironment, match=r"lacks FIELD_KEYS\. Restore that"):
        env_documents.write_secrets(tmp_path)
