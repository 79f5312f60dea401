"""How somebody lives, as an inquiry and their record say: in words, for the page of the inquiry."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from clients.models import Inquiry
from clients.rules import guardians, intake, phones, places
from clients.rules.intake import known

Facts = list[tuple[str, str]]


def of_person(inquiry: Inquiry) -> Facts:
    """Return what is known of the person, each as label and words; what nobody asked is left out."""
    client, found = inquiry.client, []
    if inquiry.change_target:
        found.append((_("To change"), inquiry.get_change_target_display()))
    if inquiry.program is not None:
        found.append((_("Asks about"), inquiry.program.name))
    if client is not None and client.gender:
        found.append((_("Gender"), client.get_gender_display()))
    if client is not None and client.state:
        found.append((_("State"), places.NAMES.get(client.state, client.state)))
    if (pregnant := known(inquiry.pregnant)) is not None:
        words = _("Yes. They come first on the waiting list.") if pregnant else _("No")
        found.append((_("Pregnant"), words))
    for label, answer in ((_("Served in the military"), inquiry.veteran), (_("Without a home"), inquiry.homeless)):
        if (said := known(answer)) is not None:
            found.append((label, _("Yes") if said else _("No")))
    return found


@dataclass(frozen=True)
class GuardianCard:
    """Who stands beside a minor, and what is missing of it, in words."""

    facts: Facts
    missing: str


def of_guardian(inquiry: Inquiry, today: date) -> GuardianCard | None:
    """Return who stands beside the person; None about an adult of whom nobody was written down."""
    minor = inquiry.client is not None and guardians.is_minor(inquiry.client.born_on, today)
    facts: Facts = []
    if inquiry.guardian_name:
        facts.append((_("Name"), inquiry.guardian_name))
    if inquiry.guardian_phone:
        facts.append((_("Number"), phones.shown(phones.Phone(inquiry.guardian_phone))))
    if inquiry.custody:
        facts.append((_("Custody"), inquiry.get_custody_display()))
    if not (facts or minor):
        return None
    missing = guardians.gaps(minor=minor, named=bool(inquiry.guardian_name), signed=True)
    return GuardianCard(facts, " ".join(missing))


def of_assistance(inquiry: Inquiry) -> str:
    """Return how many sessions an employee assistance pays for, and how many are left; "" where it is not known."""
    paid_for, used = inquiry.eap_sessions, inquiry.eap_sessions_used
    if paid_for is None:
        return "" if used is None else _("%(used)d used") % {"used": used}
    if used is None:
        return str(paid_for)
    left = intake.sessions_left(paid_for, used)
    return _("%(paid_for)d, of these %(used)d used: %(left)d left") % {"paid_for": paid_for, "used": used, "left": left}


def of_line(inquiry: Inquiry) -> str:
    """Return which of the clinic's own numbers was called, for the eye; "" where nobody said."""
    return phones.shown(phones.Phone(inquiry.line_called)) if inquiry.line_called else ""


def of_telling_back(inquiry: Inquiry) -> str:
    """Return whether who referred them may hear back, in words."""
    told = known(inquiry.referrer_consent)
    if told:
        return _("A consent is on file. What is told goes by way of a disclosure.")
    if told is None:
        return _("Not asked. Tell them nothing, not even that this person called.")
    return _("They said no. Tell them nothing, not even that this person called.")
