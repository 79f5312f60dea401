"""The WSGI application, with every address loaded: what is loaded before the workers are forked is loaded once."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config.stack import with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()
get_resolver()._populate()  # type: ignore[attr-defined]  # reads the whole table of addresses, as the first request would


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request."""
    return with_room(_django, environ, start_response)
