"""Naming a clinic on the command line."""

from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError

from clinics.models import Clinic

WRONG_USE = 2


def clinic_named(slug: str) -> Clinic:
    """
    Return the clinic with this slug.

    :raises CommandError: with one sentence and exit code 2 when there is none
    """
    clinic = Clinic.objects.filter(slug=slug, is_active=True).first()
    if clinic is None:
        raise CommandError(f"There is no clinic {slug}. Write the slug of a clinic's address.", returncode=WRONG_USE)
    return clinic


def as_sentence(error: DatabaseError) -> str:
    """Return what a database error means for the person at the command line."""
    if isinstance(error, OperationalError):
        return "The database is away, or ended the work. Nothing was written. Try again when it is back."
    return f"The database refused this ({type(error).__name__}). Nothing was written."
