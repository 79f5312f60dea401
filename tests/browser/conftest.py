"""The application in a real browser: served with hashed files as in production, seen by the machine's Chromium."""

import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import override_settings

from tests.chromium import chromium_browser, page  # noqa: F401 - fixtures
from tests.template import collected_files


class _Quiet(WSGIRequestHandler):
    """A request handler that writes no log lines."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """Serve the application with collected static files and return its address."""
    files = str(collected_files())
    with override_settings(STATIC_ROOT=files, EVOKE_DEMO=True, STORAGES=dict(settings.STORAGES)):
        server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()
