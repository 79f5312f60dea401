"""
Ask a running process for a sign of life: the health checks of docker-compose.yml.

python -m config.probe web      /livez of the web server of this machine
python -m config.probe ready    /readyz; prints its answer
python -m config.probe worker   a ping over the queue to this machine's worker
"""

import http.client
import os
import socket
import sys

TIMEOUT_S = 5.0
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - what a container listens on; it is not asked there


def ask_web(path: str) -> tuple[int, str]:
    """Return status and body of one of the web server's own addresses; status 0 when it does not answer."""
    host, _, port = os.environ.get("EVOKE_BIND", "127.0.0.1:8000").rpartition(":")
    connection = http.client.HTTPConnection(
        "127.0.0.1" if host == EVERY_ADDRESS else host, int(port), timeout=TIMEOUT_S
    )
    try:
        allowed = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
        connection.request("GET", path, headers={"Host": allowed})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, "The web server does not answer."
    finally:
        connection.close()


def ask_worker() -> bool:
    """Tell whether this machine's worker answers a ping."""
    from config.celery import app  # Django and all: only this question needs it

    answers = app.control.inspect(destination=[f"celery@{socket.gethostname()}"], timeout=TIMEOUT_S).ping()
    return bool(answers)


def main(arguments: list[str]) -> int:
    """Ask, and return 0 for a good answer."""
    match arguments:
        case ["web"]:
            return 0 if ask_web("/livez")[0] == 200 else 1
        case ["ready"]:
            status, body = ask_web("/readyz")
            print(body)
            return 0 if status == 200 else 1
        case ["worker"]:
            return 0 if ask_worker() else 1
    print("Usage: python -m config.probe web | ready | worker", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
