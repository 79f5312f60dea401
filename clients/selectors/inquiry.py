"""What stands on the page of one inquiry: the caller's number, what they allow, what to say, what safety asks for."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.models import Client, Inquiry, SafetyConcern
from clients.rules import contact, phones, safety
from clients.rules.disclosure import on_presence_query
from clinics.models import Clinic, User


def number_of(inquiry: Inquiry) -> str:
    """Return the caller's number for the eye, empty without one."""
    return phones.shown(phones.Phone(inquiry.phone, inquiry.phone_extension)) if inquiry.phone else ""


@dataclass(frozen=True)
class ContactRule:
    """One way to reach them and whether they allow it; `words` say what follows from it."""

    label: str
    answer: str
    words: str
    allowed: bool


def contact_rules(inquiry: Inquiry) -> list[ContactRule]:
    """Return what the caller said about each way of reaching them, and what follows."""
    words = {
        "ok_to_call": (_("Calls"), _("Do not call."), _("The number may be used to call back about this call.")),
        "ok_voicemail": (_("Voicemail"), _("Do not leave a voicemail."), _("Do not leave a voicemail. Ask first.")),
        "ok_sms": (_("Text messages"), _("Do not send text messages."), _("Do not send text messages. Ask first.")),
        "ok_email": (_("E-mail"), _("Do not e-mail."), _("Do not e-mail. Ask first.")),
    }
    found = []
    for name, (label, refused, not_asked) in words.items():
        answer = contact.Permission(getattr(inquiry, name))
        said = {contact.Permission.NO: refused, contact.Permission.NOT_ASKED: not_asked}.get(answer, "")
        shown = getattr(inquiry, f"get_{name}_display")()
        found.append(ContactRule(label, shown, said, answer is contact.Permission.YES))
    return found


def scripts(inquiry: Inquiry, caller: User, clinic: Clinic) -> list[tuple[str, str]]:
    """Return what to say, for each way that they allow, and to others: never the clinic, the service, or why."""
    kinds: list[tuple[str, contact.Script]] = []
    if inquiry.phone and inquiry.ok_to_call != contact.Permission.NO:
        kinds.append((_("When somebody answers"), "live_call"))
        if inquiry.ok_voicemail == contact.Permission.YES:
            kinds += [(_("On a voicemail"), "voicemail"), (_("With somebody else"), "third_party")]
    said = [(label, contact.script(kind, inquiry.discreet_name, caller.name, clinic.name)) for label, kind in kinds]
    return [*said, (_("To whoever asks whether they are here"), on_presence_query())]


def sentence_of(concern: SafetyConcern, inquiry: Inquiry | None) -> str:
    """Return what a concern asks for, as the rule that raised it says."""
    fired = {one.code: one.sentence for one in safety.findings(inquiry.safety_answers())} if inquiry else {}
    of_measure = safety.of_trigger(concern.code)
    known = of_measure.sentence if of_measure.code == concern.code else ""
    return (
        fired.get(concern.code)
        or known
        or {
            safety.Level.S3: _("Somebody may be in danger. Get a clinician now."),
            safety.Level.S2: _("A clinician speaks with them today."),
        }.get(safety.Level(concern.level), _("Look at this again."))
    )


def open_concerns(user: User) -> QuerySet[SafetyConcern, SafetyConcern]:
    """Return the safety concerns that wait for a review and that `user` may see."""
    found: QuerySet[SafetyConcern, SafetyConcern] = SafetyConcern.objects.permitted(user, "clinics.view_safety")
    return found.filter(reviewed_at=None).select_related("client", "inquiry", "handed_to")


def own_words(client: Client, user: User) -> Inquiry | None:
    """Return the newest request for care in which the person's own words stand, as far as `user` may see it."""
    if not user.reaches("clinics.view_inquiry", client.clinic_id):
        return None
    asked = Inquiry.objects.permitted(user, "clinics.view_inquiry").filter(client=client)
    found: Inquiry | None = asked.exclude(words=None, own_reasons=None).order_by("-received_at", "-pk").first()
    return found
