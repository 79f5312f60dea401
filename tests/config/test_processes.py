"""docker-compose.yml says what config/processes.py, config/servers.py and config/env.py say."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config import processes, servers
from config.database_roles import ROLES
from config.processes import PROCESSES, Process

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
each_process = pytest.mark.parametrize("process", PROCESSES.values(), ids=list(PROCESSES))
each_service = pytest.mark.parametrize("name", SERVICES)


def test_the_services_are_the_processes_and_two_servers() -> None:
    assert set(SERVICES) == {*PROCESSES, "postgres", "valkey"}


@each_process
def test_a_service_starts_its_process(process: Process) -> None:
    assert SERVICES[process.name]["command"] == ["python", "-m", "config.start", process.name]


@each_process
def test_a_service_gets_the_secrets_and_values_of_its_process_and_no_other(process: Process) -> None:
    service = SERVICES[process.name]
    given = service["environment"]

    assert set(service["secrets"]) == set(process.secrets)
    assert set(given) == {f"{name}_FILE" for name in process.secrets} | set(process.values)
    assert all(given[f"{name}_FILE"] == f"/run/secrets/{name}" for name in process.secrets)


@each_process
def test_a_one_shot_service_is_not_started_again(process: Process) -> None:
    assert SERVICES[process.name]["restart"] == ("no" if process.one_shot else "unless-stopped")


def test_migrations_wait_for_roles_and_everything_else_for_migrations() -> None:
    done = "service_completed_successfully"

    assert SERVICES["migrate"]["depends_on"]["roles"] == {"condition": done}
    for process in processes.SERVICES:
        assert SERVICES[process.name]["depends_on"]["migrate"] == {"condition": done}


def test_only_migrate_and_roles_know_the_owner() -> None:
    knowing = {name for name, service in SERVICES.items() if "MIGRATION_DATABASE_URL" in service["secrets"]}

    assert knowing == {"roles", "migrate"}
    assert {name for name, service in SERVICES.items() if "ADMIN_DATABASE_URL" in service["secrets"]} == {"roles"}


@each_service
def test_every_service_has_as_few_rights_as_can_be(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].split(":")[0]) > 0


def test_only_the_web_port_is_published_and_only_on_this_machine() -> None:
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {"web"}
    assert SERVICES["web"]["ports"] == ["${EVOKE_PUBLISH:-127.0.0.1:8000}:8000"]


def test_the_servers_are_on_a_network_without_a_way_out() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["valkey"]["networks"] == ["inside"]


def test_secrets_are_files_and_each_is_used() -> None:
    used = {secret for service in SERVICES.values() for secret in service["secrets"]}

    assert set(COMPOSE["secrets"]) == used
    assert all(list(secret) == ["file"] for secret in COMPOSE["secrets"].values())
    assert {role.variable for role in ROLES} <= used


def test_postgres_runs_with_the_settings_of_the_local_one() -> None:
    program, *flags = SERVICES["postgres"]["command"]
    arguments = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()

    assert program == "postgres"
    assert flags == [f"-c{name}={value}" for name, value in servers.POSTGRES_SETTINGS.items()]
    assert arguments == list(servers.INITDB_ARGUMENTS)


def test_valkey_runs_with_the_settings_of_the_local_one() -> None:
    flags = SERVICES["valkey"]["command"][2:]
    given = dict(zip(flags[::2], flags[1::2], strict=True))

    assert {name: given[f"--{name}"] for name in servers.VALKEY_SETTINGS} == servers.VALKEY_SETTINGS


def test_services_that_can_be_asked_have_a_health_check() -> None:
    assert {name for name, service in SERVICES.items() if "healthcheck" in service} == {
        "postgres",
        "valkey",
        "web",
        "worker",
    }


def test_a_stop_leaves_requests_and_jobs_their_time() -> None:
    grace = {name: int(SERVICES[name]["stop_grace_period"].removesuffix("s")) for name in ("web", "worker")}

    assert min(grace.values()) > processes.STOP_GRACE_S


def test_the_image_holds_only_what_runs() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()

    assert ignored[0] == "*"
    assert not {"!tests", "!.env", "!secrets", "!.local"} & set(ignored)


def test_the_image_runs_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert "ARG BASE=docker.io/library/debian:bookworm-slim" in lines
    assert any("--require-hashes" in line for line in lines)
