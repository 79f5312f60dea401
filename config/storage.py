"""
Static files: hashed names, compressed, with the imports of our own modules rewritten.

Django can rewrite `import` statements in every script, but its parser does not read all third-party
scripts (it stops at the SSE extension in django-htmx). So only our own modules are rewritten.
"""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hash and compress every static file; rewrite imports in `clinics/js/*.js` only."""

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "clinics/js/*.js",
        HashedFilesMixin._js_module_import_aggregation_patterns[1],  # type: ignore[attr-defined]
    )
