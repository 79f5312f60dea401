"""The shipped image and docker-compose.yml, for real: order, roles, rights, sign-in, a job, a stop."""

import re
import time
from http.client import HTTPResponse
from urllib.parse import urlencode

import pytest

from config.processes import PROCESSES, SERVICES
from tests.containers.conftest import Stack
from tests.containers.podman import EVOKE, Podman

ALL = [*PROCESSES, "postgres", "valkey"]
RUNNING = [*(process.name for process in SERVICES), "postgres", "valkey"]
PASSWORD = "river-stone-lantern-42"
MAKE_PERSON = f"""
from clinics.models import User
User.objects.create_user(email="person@clinic.example", name="A Person", password="{PASSWORD}")
"""

MAKE_PDF = """
from clinics import pdf
sheet = '<link rel="stylesheet" href="/clinics/pdf.css">'
made = pdf.make(f'<html lang="en"><head><title>A page</title>{sheet}</head><body><p>Words</p></body></html>')
print(made.content[:5], made.pages)
"""


def rows(stack: Stack, statement: str) -> list[str]:
    """Return the first column of a query, asked as the superuser inside the database's container."""
    address = (stack.secrets / "ADMIN_DATABASE_URL").read_text().strip()
    address = address.replace("@postgres:", "@127.0.0.1:").removesuffix("/postgres") + "/evoke"
    return stack.run_in("postgres", "psql", "-At", "--command", statement, address).splitlines()


def cookies(answer: HTTPResponse) -> dict[str, str]:
    """Return the cookies that an answer sets."""
    lines = answer.headers.get_all("Set-Cookie") or []
    return dict(line.split(";")[0].split("=", 1) for line in lines)


def test_services_started_in_order(stack: Stack) -> None:
    state = {name: stack.inspect(name)["State"] for name in ALL}

    assert state["roles"]["ExitCode"] == state["migrate"]["ExitCode"] == 0
    assert state["roles"]["FinishedAt"] <= state["migrate"]["StartedAt"]
    for process in SERVICES:
        assert state["migrate"]["FinishedAt"] <= state[process.name]["StartedAt"]
        assert state[process.name]["Running"] is True


def test_the_schema_belongs_to_the_owner_and_the_app_role_signs_in(stack: Stack) -> None:
    assert rows(stack, "select distinct tableowner from pg_tables where schemaname = 'public'") == ["clinic_owner"]
    signed_in = rows(
        stack, "select distinct usename from pg_stat_activity where client_addr is not null and usename <> 'postgres'"
    )
    assert "clinic_app" in signed_in
    assert "clinic_owner" not in signed_in


def test_everything_the_site_needs_is_there(stack: Stack) -> None:
    said = stack.wait_ready()

    assert {name: check["ok"] for name, check in said["checks"].items()} == dict.fromkeys(
        ["database", "migrations", "broker", "cache", "disk", "jobs"], True
    )


@pytest.mark.parametrize("service", ["web", "worker", "postgres", "valkey"])
def test_a_health_check_says_yes(stack: Stack, service: str) -> None:
    stack.wait_for_log("worker", "ready.")

    stack.podman.run("podman", "healthcheck", "run", stack.container(service))


def test_plain_http_is_sent_to_https(stack: Stack) -> None:
    answer = stack.ask("/accounts/login/", tls=False)

    assert answer.status == 301
    assert answer.headers["Location"].startswith("https://")


def test_a_person_signs_in(stack: Stack) -> None:
    stack.run_in("web", "python", "manage.py", "shell", "--command", MAKE_PERSON)
    page = stack.ask("/accounts/login/")
    text, jar = page.read().decode(), cookies(page)
    assert page.status == 200
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert token is not None
    style = re.search(r'href="(/static/[^"]+\.css)"', text)
    assert style is not None
    assert stack.ask(style[1]).status == 200

    answer = stack.ask(
        "/accounts/login/",
        method="POST",
        body=urlencode({"login": "person@clinic.example", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()),
            "Referer": "https://evoke.clinic.example/accounts/login/",
        },
    )

    assert answer.status == 302, answer.read()[-2000:]
    assert "__Host-sid" in cookies(answer)


def test_jobs_run(stack: Stack) -> None:
    stack.wait_for_log("worker", "clinics.sweep_jobs")
    stack.wait_for_log("worker", "succeeded in")


def test_the_worker_makes_a_pdf(stack: Stack) -> None:
    said = stack.run_in("worker", "python", "manage.py", "shell", "--no-imports", "--command", MAKE_PDF)
    assert "b'%PDF-' 1" in said


@pytest.mark.parametrize("service", RUNNING)
def test_a_container_has_no_rights_and_a_root_it_cannot_write(stack: Stack, service: str) -> None:
    assert stack.run_in(service, "id", "-u") != "0"
    status = dict(line.split(":", 1) for line in stack.run_in(service, "cat", "/proc/1/status").splitlines())
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    assert stack.inspect(service)["HostConfig"]["ReadonlyRootfs"] is True
    for place in ("/", "/srv", "/usr/local/bin", "/var/lib", "/etc"):
        refused = stack.run_in(service, "sh", "-c", f"touch {place}/x 2>&1 || echo refused", check=False)
        assert "refused" in refused, place


@pytest.mark.parametrize("service", RUNNING)
def test_nothing_was_written_outside_volumes(stack: Stack, service: str) -> None:
    changes = stack.podman.run("podman", "diff", stack.container(service)).splitlines()
    own = re.compile(r"^[ACD] /(run|etc|tmp|dev|proc|sys|var/lib/postgresql|data|var|var/lib)(/|$)")

    assert [line for line in changes if line[:1] in "ACD" and not own.match(line)] == []
    assert [line for line in changes if re.match(r"^A /(tmp|data|var/lib/postgresql)/", line)] == []


def test_only_the_web_port_is_published(stack: Stack) -> None:
    published = {name: stack.podman.run("podman", "port", stack.container(name)).strip() for name in RUNNING}

    assert {name: port for name, port in published.items() if port} == {"web": f"8000/tcp -> 127.0.0.1:{stack.port}"}


def test_no_secret_is_in_a_containers_description_or_command_line(stack: Stack) -> None:
    values = [path.read_text().strip() for path in stack.secrets.iterdir() if path.name != "EMAIL_URL"]
    for service in RUNNING:
        seen = str(stack.inspect(service)) + stack.run_in(
            service, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
        )
        assert [value[:12] for value in values if value in seen] == [], service


def test_the_database_logs_no_statement(stack: Stack) -> None:
    rows(stack, "select 1")
    stack.run_in("postgres", "psql", "-c", "select 'canary'::int", "postgres://postgres@127.0.0.1/evoke", check=False)

    assert "canary" not in stack.logs("postgres")
    assert "insert into" not in stack.logs("postgres").lower()


def test_an_empty_environment_is_refused_in_sentences(podman: Podman) -> None:
    said = podman.run("podman", "run", "--rm", "--network", "none", EVOKE, check=False)

    assert "DATABASE_URL is not set." in said
    assert "FIELD_KEYS is not set." in said
    assert "Traceback" not in said


def test_the_web_refuses_to_run_as_the_owner(stack: Stack) -> None:
    network = f"{stack.project}_inside"
    given = [
        f"--env={entry}" for entry in stack.inspect("web")["Config"]["Env"] if not entry.startswith("DATABASE_URL")
    ]
    wrong = "--env=DATABASE_URL_FILE=/run/secrets/MIGRATION_DATABASE_URL"
    mounts = [f"--volume={path}:/run/secrets/{path.name}:ro" for path in stack.secrets.iterdir()]

    said = stack.podman.run("podman", "run", "--rm", "--network", network, *given, wrong, *mounts, EVOKE, check=False)

    assert "The database role clinic_owner owns tables" in said
    assert "DATABASE_URL must use clinic_app." in said


def test_a_stop_is_graceful_and_a_start_finds_everything_again(stack: Stack) -> None:
    people = rows(stack, "select count(*) from clinics_user")
    started = time.monotonic()
    for service in ("beat", "worker", "web"):
        stack.podman.run("podman", "stop", "--time", "40", stack.container(service))
    took = time.monotonic() - started

    assert took < 40
    assert {name: stack.inspect(name)["State"]["ExitCode"] for name in ("beat", "worker", "web")} == {
        "beat": 0,
        "worker": 0,
        "web": 0,
    }
    assert "Shutting down: Master" in stack.logs("web")

    stack.compose("down")
    stack.compose("up", "--detach", "--no-build")
    stack.wait_ready()

    assert "No migrations to apply." in stack.logs("migrate")
    assert rows(stack, "select count(*) from clinics_user") == people
