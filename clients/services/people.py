"""The record of a person: made, corrected, with an episode of care."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Client, Episode
from clients.rules import dates, duplicates, names
from clients.rules.clock import civil_date
from clinics import audit
from clinics.models import Clinic, Program, User
from clinics.services.people import next_reference
from clinics.versions import lock_version


class NoName(Exception):
    """Nothing is left of the name once spaces and control characters are taken out."""

    field = "legal_name"

    def __init__(self) -> None:
        super().__init__("Enter the name as it stands on an ID or insurance card.")


@transaction.atomic
def record_client(
    *,
    clinic: Clinic,
    legal_name: str,
    goes_by: str = "",
    pronouns: str = "",
    born_on: date | None = None,
    gender: str = "",
    state: str = "",
    postal_code: str = "",
    phone: str = "",
    email: str = "",
    by: User | None,
    now: datetime,
) -> Client:
    """
    Make a person's record at the entered clinic. They are prospective until an episode opens.

    gender         code of `intake.GENDERS`, state code of `places.STATES`; "" is not known
    phone, email   their own, as they are kept
    :raises NoName: the legal name is empty
    :raises ImpossibleDate: the date of birth cannot be right
    """
    dates.require_birth(born_on, civil_date(now, ZoneInfo(clinic.time_zone)))
    client = Client(
        clinic=clinic, born_on=born_on, gender=gender, state=state, postal_code=duplicates.zip_key(postal_code),
        phone=phone, email=email,
    )  # fmt: skip
    name_client(client, legal_name, goes_by, pronouns)
    client.reference = next_reference(clinic)
    client.save()
    audit.record("client.recorded", client, by=by)
    return client


@transaction.atomic
def open_episode(*, client: Client, program: Program, admitted_on: date, by: User | None, now: datetime) -> Episode:
    """
    Open an episode of care. No door leads here: a person is admitted by `admission.admit`, which asks the guards.

    :raises ImpossibleDate: the day of admission cannot be right
    """
    dates.require_admission(admitted_on, client.born_on, civil_date(now, ZoneInfo(client.clinic.time_zone)))
    episode: Episode = Episode.objects.create(
        clinic=client.clinic, client=client, program=program, admitted_on=admitted_on
    )
    audit.record("episode.opened", episode, by=by, detail={"program": str(program.public_id)})
    return episode


@transaction.atomic
def change_client(
    *,
    client: Client,
    version: int,
    legal_name: str,
    goes_by: str,
    pronouns: str,
    born_on: date | None,
    family: str,
    given: str,
    gender: str | None = None,
    state: str | None = None,
    by: User,
    now: datetime,
) -> Client:
    """
    Correct a person's name, pronouns, date of birth, gender and state.

    version         the version that the form was made from
    family, given   what to file the person under; empty: derived from the legal name
    gender, state   None leaves what is stored; "" is not known
    :raises Stale: somebody saved the record in the meantime
    :raises NoName: the legal name is empty
    :raises ImpossibleDate: the date of birth cannot be right
    """
    dates.require_birth(born_on, civil_date(now, ZoneInfo(client.clinic.time_zone)))
    client = lock_version(client, version)
    before = _kept(client)
    client.born_on = born_on
    client.gender = client.gender if gender is None else gender
    client.state = client.state if state is None else state
    name_client(client, legal_name, goes_by, pronouns, family, given)
    after = _kept(client)
    changed = sorted(name for name, value in after.items() if before[name] != value)
    if changed:
        client.save(update_fields=[*changed, "version"])
        audit.record("client.changed", client, by=by, detail={"fields": changed})
    return client


KEPT = (
    "legal_name", "goes_by", "pronouns", "born_on", "family_key", "given_key", "goes_by_key", "gender", "state",
)  # fmt: skip


def _kept(client: Client) -> dict[str, Any]:
    return {name: getattr(client, name) for name in KEPT}


def name_client(
    client: Client, legal_name: str, goes_by: str, pronouns: str, family: str = "", given: str = ""
) -> None:
    """
    Set the names of a record and the keys it is found and filed by; it is not saved.

    :raises NoName: the legal name is empty
    """
    client.legal_name = names.tidy(legal_name)
    if not client.legal_name:
        raise NoName
    client.goes_by = names.tidy(goes_by)
    client.pronouns = names.tidy(pronouns)
    derived_family, derived_given = names.family_and_given(client.legal_name)
    client.family_key = names.key(family) or names.key(derived_family)
    client.given_key = names.key(given) or names.key(derived_given)
    client.goes_by_key = names.key(client.goes_by)
