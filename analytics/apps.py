"""The analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Figures rolled up from what the lower apps keep."""

    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"
