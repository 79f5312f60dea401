"""The WSGI application, with every address loaded: what is loaded before the workers are forked is loaded once."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
get_resolver()._populate()  # type: ignore[attr-defined]  # reads the whole table of addresses, as the first request would
