"""The image, built once, and the compose file, brought up once, for all tests of this folder."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from config import env_documents, servers
from tests.containers.podman import BASE, EVOKE, POSTGRES, VALKEY, Podman

HOST = "evoke.clinic.example"


class Stack:
    """The compose file, up: its containers by service name, its web port, its secrets."""

    def __init__(self, podman: Podman, folder: Path) -> None:
        self.podman = podman
        self.project = "evoke-tested"
        self.port = servers.free_port()
        self.secrets = folder / "secrets"
        env_documents.write_secrets(self.secrets)
        values = {
            "ALLOWED_HOSTS": HOST,
            "EVOKE_BASE_URL": f"https://{HOST}",
            "EVOKE_TLS_PROXY": "1",
            "EVOKE_IMAGE": EVOKE,
            "EVOKE_BASE_IMAGE": BASE,
            "POSTGRES_IMAGE": POSTGRES,
            "VALKEY_IMAGE": VALKEY,
            "EVOKE_SECRETS": str(self.secrets),
            "EVOKE_PUBLISH": f"127.0.0.1:{self.port}",
        }
        self.values = folder / "values.env"
        self.values.write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Run podman-compose on docker-compose.yml."""
        where = ("--project-name", self.project, "--env-file", str(self.values), "--file", "docker-compose.yml")
        return self.podman.run("podman-compose", *where, *arguments, check=check)

    def container(self, service: str) -> str:
        """Return the name of a service's container."""
        return f"{self.project}_{service}_1"

    def run_in(self, service: str, *command: str, check: bool = True) -> str:
        """Run a command in a service's container and return its output."""
        return self.podman.run("podman", "exec", self.container(service), *command, check=check).strip()

    def logs(self, service: str) -> str:
        """Return what a service has said."""
        return self.podman.run("podman", "logs", self.container(service))

    def inspect(self, service: str) -> dict[str, Any]:
        """Return podman's description of a service's container."""
        found: dict[str, Any] = json.loads(self.podman.run("podman", "inspect", self.container(service)))[0]
        return found

    def ask(self, path: str, *, method: str = "GET", tls: bool = True, **more: Any) -> HTTPResponse:
        """Ask the published port as the proxy in front would; `more` is body and headers."""
        headers = {
            "Host": HOST,
            **({"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"} if tls else {}),
            **more.pop("headers", {}),
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers=headers, **more)
        return connection.getresponse()

    def wait_ready(self, within_s: float = 60) -> dict[str, Any]:
        """Wait until /readyz answers 200 and return what it says."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                answer = self.ask("/readyz")
                body: dict[str, Any] = json.loads(answer.read())
                if answer.status == 200:
                    return body
            except (OSError, ValueError):
                body = {}
            assert time.monotonic() < deadline, f"not ready: {body}\n{self.logs('web')[-3000:]}"
            time.sleep(0.3)

    def wait_for_log(self, service: str, text: str, within_s: float = 90) -> None:
        """Wait until a service has said the text."""
        deadline = time.monotonic() + within_s
        while text not in self.logs(service):
            assert time.monotonic() < deadline, f"{service} never said {text!r}:\n{self.logs(service)[-3000:]}"
            time.sleep(1)


@pytest.fixture(scope="session")
def podman() -> Podman:
    """Return podman with the base, the stand-ins and the image of this checkout in its storage."""
    runner = Podman()
    runner.make_base()
    runner.make_standins()
    runner.build_evoke()
    return runner


@pytest.fixture(scope="session")
def stack(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Bring the compose file up on a fresh database, and take it down with its volumes."""
    made = Stack(podman, tmp_path_factory.mktemp("stack"))
    made.compose("down", "--volumes", check=False)
    try:
        made.compose("up", "--detach", "--no-build")
        made.wait_ready()
        yield made
    finally:
        made.compose("down", "--volumes", "--timeout", "10", check=False)
