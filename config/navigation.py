"""What the frame round a page shows: clinic, switcher, links by right, banners."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from clients.selectors.people import OpenAccess, open_accesses
from clinics.models import Clinic
from clinics.roles import ROLE_LABELS, Role
from clinics.shell import Banner, ClinicBadge, ClinicChoice, NavLink, Person, Shell


class Link(NamedTuple):
    """
    A link of the frame.

    right    who holds it is shown the link
    key      the letter after `g` that opens it
    unless   a right whose holders have another link for the same need
    alt      the letter that opens it with Alt, from every page
    """

    right: str
    label: str | Promise
    route: str
    icon: str
    key: str
    unless: str = ""
    alt: str = ""


# In the order of landing: a person lands on the first link they hold. One address is shown once.
LINKS: list[Link] = [
    Link("view_clinic_fidelity", _("Fidelity"), "fidelity", "chart-line", "f"),
    Link("write_note", _("Today"), "today", "sun", "t"),
    Link("cosign_note", _("Team today"), "today", "sun", "t"),
    Link("change_inquiry", _("Queue"), "inquiry_queue", "list-todo", "q"),
    Link("change_inquiry", _("Today"), "today", "sun", "t"),
    Link("change_inquiry", _("New intake"), "intake_create", "phone-incoming", "i", alt="n"),
    Link("manage_people", _("People and settings"), "clinic:index", "settings", "a"),
    Link("view_client", _("People"), "client_list", "users-round", "p"),
    Link("write_note", _("Sessions"), "session_list", "notebook-pen", "s"),
    Link("cosign_note", _("Sessions"), "session_list", "notebook-pen", "s"),
    Link("view_safety", _("Safety"), "safety_list", "life-buoy", "y"),
    Link("view_inquiry", _("Tasks"), "task_list", "circle-check", "d"),
    Link("admit_client", _("Waiting list"), "waitlist", "hourglass", "h"),
    Link("change_inquiry", _("Organizations"), "organisation_list", "building-2", "z"),
    Link("view_appointment", _("Calendar"), "calendar_week", "calendar-days", "c"),
    Link("view_safety", _("On call"), "roster", "phone-call", "w"),
    Link("view_fidelity", _("My growth"), "growth", "sprout", "m", unless="view_clinic_fidelity"),
    Link("view_practice", _("Practice room"), "practice_room", "audio-lines", "r"),
    Link("hold_consent", _("Consents"), "consent_work", "file-pen-line", "e"),
    Link("view_disclosure", _("Disclosures"), "disclosure_list", "send", "v"),
    Link("review_break_glass", _("Break-glass reviews"), "break_glass_reviews", "shield-alert", "b"),
    Link("change_inquiry", _("Way into care"), "funnel", "funnel", "l"),
    Link("view_clinic_fidelity", _("Way into care"), "funnel", "funnel", "l"),
    Link("manage_people", _("Way into care"), "funnel", "funnel", "l"),
    Link("view_audit", _("Audit"), "audit_search", "scroll-text", "u"),
    Link("view_job", _("Jobs"), "job_list", "list-checks", "j"),
    Link("manage_instruments", _("Instruments"), "instrument_list", "ruler", "n"),
    Link("manage_tokens", _("Tokens"), "token_list", "key-round", "k"),
    Link("import_practice", _("Import transcripts"), "transcript_import", "file-up", "o", unless="view_practice"),
]
# The rail on a desk and the tab bar of a phone show as many; the rest is in the person's menu and the palette.
RAIL_LINKS = 4


def badge(clinic: Clinic) -> ClinicBadge:
    """Return how the shell names a clinic."""
    return ClinicBadge(clinic.name, clinic.initials, clinic.colour)


@lru_cache(maxsize=2048)
def address_of(route: str, slug: str) -> str | None:
    """Return the address of a route at a clinic, or None for a route that does not exist; each is made once."""
    try:
        return reverse(route, kwargs={"clinic_slug": slug})
    except NoReverseMatch:
        return None


def links_held(user: Any, clinic: Clinic, path: str = "") -> tuple[NavLink, ...]:
    """
    Return every link the person holds, in the order of landing: from their rights, not from role names.

    A route that does not exist is left out of the page and fails tests/clinics/test_palette.py.
    """
    found: dict[str, NavLink] = {}
    for link in LINKS:
        if not user.may(f"clinics.{link.right}", clinic.pk):
            continue
        if link.unless and user.may(f"clinics.{link.unless}", clinic.pk):
            continue
        url = address_of(link.route, clinic.slug)
        if url is None:
            continue
        found.setdefault(url, NavLink(str(link.label), url, link.icon, path.startswith(url), link.key, link.alt))
    return tuple(found.values())


def banners_for(user: Any, clinic: Clinic, known: list[OpenAccess] | None = None) -> tuple[Banner, ...]:
    """
    Return the standing notices: each record that the person has open in need, until when.

    known   those records, where the page has read them already
    """
    if not user.may("clinics.use_break_glass", clinic.pk):
        return ()
    opened = open_accesses(user) if known is None else known
    return tuple(
        Banner(
            "danger",
            _text("You opened %(reference)s outside your caseload. Somebody will review it.")
            % {"reference": one.reference},
            _text("Open the record"),
            reverse("client_detail", args=[clinic.slug, one.client_public_id]),
            one.ends_at,
        )
        for one in opened
    )


def shell(request: Any) -> dict[str, Any]:
    """Return the frame of the page (a context processor), made only when a template asks for it: fragments do not."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: Any) -> Shell:
    user, clinic = getattr(request, "user", None), getattr(request, "clinic", None)
    theme = request.COOKIES.get("theme", "auto")
    common: dict[str, Any] = {
        "theme": theme if theme in ("auto", "light", "dark") else "auto",
        "single_keys": request.COOKIES.get("single_keys", "1") != "0",
        "demo": settings.EVOKE_DEMO,
    }
    if user is None or not user.is_authenticated:
        return Shell(None, (), (), None, None, (), (), **common)
    security = reverse("mfa_index")
    account = (NavLink(_text("Sign-in and security"), security, "shield", request.path.startswith(security)),)
    by_clinic: dict[Clinic, list[Role]] = {}
    for membership in user.memberships_now():
        by_clinic.setdefault(membership.clinic, []).append(Role(membership.role))
    choices = tuple(
        ClinicChoice(badge(c), _same_page(request, user, c), clinic is not None and c.pk == clinic.pk)
        for c in by_clinic
    )
    if clinic is None:
        return Shell(None, choices, (), None, Person(user.name, user.initials, ""), (), account, **common)
    title = user.credentials or " and ".join(ROLE_LABELS[role] for role in by_clinic.get(clinic, []))
    held = links_held(user, clinic, request.path)
    return Shell(
        clinic=badge(clinic),
        clinics=choices,
        links=held[:RAIL_LINKS],
        find_url=reverse("find", args=[clinic.slug]),
        person=Person(user.name, user.initials, title),
        banners=banners_for(user, clinic, getattr(request, "open_accesses", None)),
        account_links=(*held[RAIL_LINKS:], *account),
        **common,
    )


def _same_page(request: Any, user: Any, clinic: Clinic) -> str:
    """Return the address of this page at another clinic where the person may open it, else of the start there."""
    match = request.resolver_match
    name = match.view_name if match is not None and set(match.kwargs) == {"clinic_slug"} else ""
    held = any(link.route == name and user.may(f"clinics.{link.right}", clinic.pk) for link in LINKS)
    if held or name == "find":  # everybody may look for something
        return reverse(name, kwargs={"clinic_slug": clinic.slug})
    return reverse("home", args=[clinic.slug])
