"""
Static files: hashed names, compressed, with the imports of our own modules rewritten.

Django can rewrite `import` statements in every script, but its parser does not read all third-party
scripts (it stops at the SSE extension in django-htmx). So only our own modules are rewritten.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hash every static file and compress the hashed; rewrite imports in `clinics/js/*.js` only."""

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "clinics/js/*.js",
        HashedFilesMixin._js_module_import_aggregation_patterns[1],  # type: ignore[attr-defined]
    )

    def compress_files(self, paths: Iterable[str]) -> Any:
        """Compress those that a page names: the hashed. By its own name only an error page asks for a file."""
        named = set(self.hashed_files.values())
        return super().compress_files([path for path in paths if path in named])
