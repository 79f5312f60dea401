"""
Pages as PDF: tagged (PDF/UA-1), in our own typeface, with nothing fetched but our own static files.

WeasyPrint is imported where it works: it needs Pango, a library of the system that only workers must have, and it
takes seconds to make the first file, so a request never asks for one.
"""

import ctypes.util
import functools
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation

VARIANT: Final = "pdf/ua-1"
PANGO: Final = "pango-1.0"
# Where a page that becomes a PDF looks for static files: a host that cannot exist (RFC 2606), served from our folders.
STATIC: Final = "https://static.invalid/"


class Refused(ValueError):
    """A page named something that is not one of our own static files."""


@dataclass(frozen=True)
class Made:
    """A PDF and how many pages it has."""

    content: bytes
    pages: int


@functools.cache
def is_available() -> bool:
    """Tell whether this machine can make a PDF: whether it has Pango."""
    return ctypes.util.find_library(PANGO) is not None


def own_file(url: str) -> Path:
    """
    Return the static file that a page names.

    :raises Refused: every other address, and a name that leaves our folders
    """
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}/" != STATIC:
        raise Refused(f"A PDF is made of our own static files alone, not of {parts.scheme or 'nothing'}: addresses.")
    try:
        found = finders.find(unquote(parts.path).lstrip("/"))
    except SuspiciousFileOperation:
        found = None
    if found is None:
        raise Refused("A PDF names a static file that is not there.")
    return Path(str(found))


def make(html: str) -> Made:
    """
    Return a page as PDF; takes seconds, so it is a job's work, outside any transaction.

    html   a whole page with title and language; it names static files by their place under `STATIC`

    :raises Refused: the page names anything else
    """
    from weasyprint import HTML  # type: ignore[import-untyped]
    from weasyprint.urls import FatalURLFetchingError  # type: ignore[import-untyped]

    try:
        document = HTML(string=html, base_url=STATIC, url_fetcher=fetcher()).render()
        return Made(document.write_pdf(pdf_variant=VARIANT), len(document.pages))
    except FatalURLFetchingError as error:
        raise Refused(str(error)) from error


def fetcher() -> Any:
    """Return what fetches our own static files for WeasyPrint, and nothing else; what it refuses ends the work."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            file = own_file(url)
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": kind})

    return OwnFiles(fail_on_errors=True)
