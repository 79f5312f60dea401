"""Who refers people: the clinic's list of organisations, and what an inquiry says about who sent somebody."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from clients.models import Inquiry, ReferralOrganisation
from clients.rules import duplicates, intake, names, phones
from clinics import audit
from clinics.models import Clinic, User
from clinics.versions import lock_version

# The list is read whole: on its page, and by the choice on every intake.
MOST = 500


class BadOrganisation(ValueError):
    """The list cannot take this entry. `field` names what to change, and the text says how."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class NotListed(ValueError):
    """A retired organisation cannot be chosen anew."""

    field = "organisation"

    def __init__(self) -> None:
        super().__init__("This organization is not on the list any more. Choose another one.")


@dataclass(frozen=True)
class Entry:
    """
    What the list says of an organisation.

    source          code of `intake.SOURCES`
    source_detail   code of `intake.JUSTICE_DETAILS`, of a court alone
    phone           as typed, with its extension; kept in the international form
    """

    name: str
    source: str
    source_detail: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Referral:
    """
    Who referred somebody.

    organisation       of the clinic's list; fills `source` and `source_detail` where they are empty
    source_name        the person or place, as it was said
    eap_…              of employee assistance: who runs it, its number, sessions it pays for and those used already,
                       and who is told whether somebody came; "" is nobody
    referrer_consent   whether the person agreed in writing that who referred them hears back: yes, no, not_asked
    line_called        the clinic's own number that was called, as typed; kept in the international form
    campaign           what brought them, as the clinic names it
    """

    source: str = ""
    source_detail: str = ""
    source_name: str = ""
    organisation: ReferralOrganisation | None = None
    eap_vendor: str = ""
    eap_number: str = ""
    eap_sessions: int | None = None
    eap_sessions_used: int | None = None
    eap_report_to: str = ""
    referrer_consent: str = "not_asked"
    line_called: str = ""
    campaign: str = ""


NOBODY_SAID = Referral()


def referral_of(inquiry: Inquiry) -> Referral:
    """Return what an inquiry says about who referred somebody."""
    return Referral(
        source=inquiry.source, source_detail=inquiry.source_detail, source_name=inquiry.source_name,
        organisation=inquiry.organisation, eap_vendor=inquiry.eap_vendor, eap_number=inquiry.eap_number or "",
        eap_sessions=inquiry.eap_sessions, eap_sessions_used=inquiry.eap_sessions_used,
        eap_report_to=inquiry.eap_report_to, referrer_consent=inquiry.referrer_consent,
        line_called=inquiry.line_called, campaign=inquiry.campaign,
    )  # fmt: skip


def set_referral(inquiry: Inquiry, referral: Referral) -> None:
    """
    Write into an inquiry, which the caller saves, who referred somebody.

    :raises Contradiction: what was said does not fit together
    :raises NotListed: the organisation is retired, and not the one that stands there already
    """
    chosen = referral.organisation
    if chosen is not None and not chosen.is_active and chosen.pk != inquiry.organisation_id:
        raise NotListed
    # What stands already was said before the entry was corrected, and may go on standing.
    stands = (referral.source, referral.source_detail) == (inquiry.source, inquiry.source_detail)
    is_new = chosen is not None and not (stands and chosen.pk == inquiry.organisation_id)
    listed = (chosen.source, chosen.source_detail) if chosen is not None and is_new else None
    source, detail = intake.source_of(referral.source, referral.source_detail, listed)
    vendor, report_to = names.tidy(referral.eap_vendor), names.tidy(referral.eap_report_to)
    number = names.tidy(referral.eap_number)
    counted = (referral.eap_sessions, referral.eap_sessions_used) != (None, None)
    intake.require_assistance(source, bool(vendor or report_to or number or counted))
    intake.sessions_left(referral.eap_sessions, referral.eap_sessions_used)
    inquiry.source, inquiry.source_detail, inquiry.organisation = source, detail, chosen
    inquiry.source_name = names.tidy(referral.source_name)
    inquiry.eap_vendor, inquiry.eap_report_to = vendor, report_to
    inquiry.eap_number, inquiry.eap_sessions = number or None, referral.eap_sessions
    inquiry.eap_sessions_used, inquiry.referrer_consent = referral.eap_sessions_used, referral.referrer_consent
    inquiry.campaign = names.tidy(referral.campaign)
    try:
        inquiry.line_called = phones.without_extension(referral.line_called)
    except phones.BadNumber as error:
        raise intake.Contradiction("line_called", str(error)) from None


@transaction.atomic
def add_organisation(*, clinic: Clinic, entry: Entry, by: User) -> ReferralOrganisation:
    """
    Put an organisation on the entered clinic's list.

    :raises BadOrganisation: no name, one that stands there already, a number that cannot be one, or a full list
    """
    if ReferralOrganisation.objects.count() >= MOST:
        raise BadOrganisation("name", f"The list holds {MOST} organizations, the retired ones included.")
    row = ReferralOrganisation(clinic=clinic)
    _write(row, entry)
    audit.record("organisation.added", row, by=by)
    return row


@transaction.atomic
def change_organisation(
    *, organisation: ReferralOrganisation, version: int, entry: Entry, active: bool | None = None, by: User
) -> ReferralOrganisation:
    """
    Correct an organisation's entry. Inquiries keep the source that was written down with them.

    active   whether it is offered from now on; as it was when None
    :raises Stale: somebody saved it in the meantime
    and as `add_organisation`
    """
    row = lock_version(organisation, version)
    row.is_active = row.is_active if active is None else active
    _write(row, entry)
    audit.record("organisation.changed", row, by=by, detail={"active": row.is_active})
    return row


@transaction.atomic
def set_active(*, organisation: ReferralOrganisation, active: bool, by: User) -> ReferralOrganisation:
    """Retire an organisation, so that it is offered no more, or bring it back; what is so already stays so."""
    row: ReferralOrganisation = ReferralOrganisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    if row.is_active != active:
        row.is_active = active
        row.version += 1
        row.save(update_fields=["is_active", "version"])
        audit.record("organisation.brought_back" if active else "organisation.retired", row, by=by)
    return row


def _write(row: ReferralOrganisation, entry: Entry) -> None:
    row.name = names.tidy(entry.name)
    if not row.name:
        raise BadOrganisation("name", "Enter the name of the organization.")
    try:
        row.source, row.source_detail = intake.source_of(entry.source, entry.source_detail)
        number = phones.normalise(entry.phone) if entry.phone.strip() else None
    except phones.BadNumber as error:
        raise BadOrganisation("phone", str(error)) from None
    except intake.Contradiction as error:
        raise BadOrganisation(error.field, "Only a court or the justice system has a part. Take this away.") from None
    row.phone, row.phone_extension = (number.e164, number.extension) if number else ("", "")
    row.email = duplicates.email_key(entry.email)
    try:
        # A savepoint: the refused statement must not take the transaction with it.
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "referral_organisation_name" not in str(error):
            raise
        raise BadOrganisation(
            "name", "An organization of this name is on the list already. It may be retired: bring it back there."
        ) from None
