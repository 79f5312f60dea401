"""The clients app."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """People in care: client, episode, appointments, rulers."""

    name = "clients"
    default_auto_field = "django.db.models.BigAutoField"
