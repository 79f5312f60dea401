"""The sessions app. Its label is not `sessions`, which is Django's browser sessions."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Therapy sessions, notes, transcripts, codings and their scores."""

    name = "sessions"
    label = "clinical_sessions"
    default_auto_field = "django.db.models.BigAutoField"
