"""What a process checks before it becomes itself, against real servers."""

import pytest
from django.conf import settings

from config import env, env_documents, servers, start
from config.processes import PROCESSES

HERE = {
    "ALLOWED_HOSTS": "localhost",
    "EVOKE_BASE_URL": "http://localhost:8000",
    "EVOKE_DEMO": "1",
}


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give the process a good environment that points to the test servers, and little patience."""
    found = settings.ENV
    values = (
        env_documents.build_values()
        | HERE
        | {
            "DATABASE_URL": found.database_url.url,
            "MIGRATION_DATABASE_URL": found.migration_database_url.url,
            "CELERY_BROKER_URL": found.celery_broker_url,
            "CACHE_URL": found.cache_url,
        }
    )
    for item in env.VARIABLES:
        monkeypatch.delenv(item.name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(start, "WAIT_S", 0.2)

    def become(program: str, command: list[str]) -> None:
        pytest.fail(f"it became {' '.join(command[1:4])} …")  # a test process must not turn into a server

    monkeypatch.setattr("os.execv", become)
    return monkeypatch


def started(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """Return the command that the process would have become."""
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda program, command: became.append(command))
    start.main([name])
    (command,) = became
    return command


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate"])
def test_a_process_with_all_it_needs_becomes_its_command(environ: pytest.MonkeyPatch, name: str) -> None:
    environ.setenv("EVOKE_BIND", "127.0.0.1:8765")

    command = started(environ, name)

    wanted = [part.format(bind="127.0.0.1:8765") for part in PROCESSES[name].command]
    assert command[1:] == wanted[1:]


def test_everything_wrong_with_the_environment_is_said_at_once(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ.setenv("SECRET_KEY", "short")
    environ.delenv("FIELD_KEYS")

    assert start.main(["web"]) == 2
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.err.splitlines()] == ["SECRET_KEY", "FIELD_KEYS"]
    assert said.out == ""


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_process_refuses_to_run_as_the_owner(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    environ.setenv("DATABASE_URL", settings.ENV.migration_database_url.url)
    environ.delenv("MIGRATION_DATABASE_URL")

    assert start.main([name]) == 2
    said = capsys.readouterr().err
    assert "The database role clinic_owner" in said
    assert "DATABASE_URL must use clinic_app." in said


@pytest.mark.parametrize("variable", ["sealer_database_url", "backup_database_url"])
def test_a_process_refuses_a_role_that_bypasses_policies(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str
) -> None:
    environ.setenv("DATABASE_URL", getattr(settings.ENV, variable).url)

    assert start.main(["web"]) == 2
    assert "may bypass row policies. DATABASE_URL must use clinic_app." in capsys.readouterr().err


def test_a_database_that_is_down_is_one_sentence(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = servers.free_port()
    environ.setenv("DATABASE_URL", f"postgres://clinic_app:hidden-word@127.0.0.1:{port}/evoke")

    assert start.main(["web"]) == 1
    assert capsys.readouterr().err == (
        f"PostgreSQL at 127.0.0.1:{port} (DATABASE_URL) does not answer. Start it, then start this again.\n"
    )


def test_a_wrong_password_is_one_sentence_and_not_waited_for(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = settings.ENV.database_url
    environ.setattr(start, "WAIT_S", 3600)
    environ.setenv("DATABASE_URL", f"postgres://clinic_app:hidden-word@{at.host}:{at.port}/{at.name}")

    assert start.main(["web"]) == 1
    said = capsys.readouterr().err
    assert "refuses clinic_app: the password is wrong" in said
    assert "hidden-word" not in said


def test_a_queue_that_is_down_is_one_sentence(environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environ.setenv("CELERY_BROKER_URL", f"redis://:hidden-word@127.0.0.1:{servers.free_port()}/0")

    assert start.main(["worker"]) == 1
    assert capsys.readouterr().err == ("Valkey (CELERY_BROKER_URL) does not answer. Start it, then start this again.\n")


def test_migrations_without_the_owner_are_refused(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ.delenv("MIGRATION_DATABASE_URL")

    assert start.main(["migrate"]) == 2
    assert capsys.readouterr().err == ("MIGRATION_DATABASE_URL is not set. Migrations run as the role clinic_owner.\n")


def test_a_process_that_does_not_exist_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["wbe"]) == 2
    assert capsys.readouterr().err == "Usage: python -m config.start roles|migrate|web|worker|beat\n"
