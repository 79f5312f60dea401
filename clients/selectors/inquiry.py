"""What stands on the page of one inquiry: the caller's number, what they allow, what to say, what safety asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
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
        if is_unsafe(inquiry):
            said = _("Only the safe way.") if name == "ok_to_call" and said != refused else refused
        shown = getattr(inquiry, f"get_{name}_display")()
        allowed = answer is contact.Permission.YES and not is_unsafe(inquiry)
        found.append(ContactRule(label, shown, said, allowed))
    return found


def is_unsafe(inquiry: Inquiry) -> bool:
    """Tell whether it is not safe to contact them at home."""
    return inquiry.unsafe_at_home == contact.Permission.YES


def way_to_try(inquiry: Inquiry, ways: Sequence[str]) -> str:
    """
    Return by what to try first, in words, and what to do where that does not suit them; "" where nothing is to be said.

    ways   those that are permitted now, what suits them best first
    """
    liked = inquiry.preferred_method
    if is_unsafe(inquiry):
        return ""
    if liked and liked not in ways:
        words = _("They would like %(way)s, and have not agreed to it. Ask in the next conversation.")
        return words % {"way": inquiry.get_preferred_method_display().lower()}
    return contact.METHODS[ways[0]] if ways else ""


def scripts(inquiry: Inquiry, caller: User, clinic: Clinic) -> list[tuple[str, str]]:
    """
    Return what to say, for each way that they allow, and to others: never the clinic, the service, or why.

    Where it is not safe to contact them at home, nothing stands there but the safe way.
    """
    asks = (_("To whoever asks whether they are here"), on_presence_query())
    if is_unsafe(inquiry):
        return [asks]
    kinds: list[tuple[str, contact.Script]] = []
    if inquiry.phone and inquiry.ok_to_call != contact.Permission.NO:
        kinds.append((_("When somebody answers"), "live_call"))
        if inquiry.ok_voicemail == contact.Permission.YES:
            kinds += [(_("On a voicemail"), "voicemail"), (_("With somebody else"), "third_party")]
    said = [(label, contact.script(kind, inquiry.discreet_name, caller.name, clinic.name)) for label, kind in kinds]
    return [*said, asks]


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


def lasted(seconds: int | None) -> str:
    """Return how long a conversation lasted, in words; "" where nobody counted."""
    if not seconds:
        return ""
    return _("%(minutes)d min %(seconds)d s") % dict(zip(("minutes", "seconds"), divmod(seconds, 60), strict=True))


def open_concerns(user: User) -> QuerySet[SafetyConcern, SafetyConcern]:
    """Return the safety concerns that wait for a review and that `user` may see."""
    found: QuerySet[SafetyConcern, SafetyConcern] = SafetyConcern.objects.permitted(user, "clinics.view_safety")
    return found.filter(reviewed_at=None).select_related("client", "inquiry", "handed_to")


def own_words(client: Client, user: User) -> Inquiry | None:
    """
    Return the newest request for care in which the person's own words stand, as far as `user` may see it.

    One that says that it is not safe to contact them at home is returned without any words too.
    """
    if not user.reaches("clinics.view_inquiry", client.clinic_id):
        return None
    asked = Inquiry.objects.permitted(user, "clinics.view_inquiry").filter(client=client)
    said = Q(words__isnull=False) | Q(own_reasons__isnull=False) | Q(unsafe_at_home=contact.Permission.YES)
    found: Inquiry | None = asked.filter(said).order_by("-received_at", "-pk").first()
    return found
