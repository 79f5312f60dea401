"""Questions about people in care: who is on a page of the list, what stands on a person's page, who may see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from clients.models import Admission, Appointment, BreakGlass, CaseloadAssignment, ChangeTarget, Client, Episode
from clients.rules.names import search_words
from clients.selectors import reaching
from clients.selectors.person import OnCaseload, Opened
from clinics.models import Clinic, Membership, User
from clinics.models.people import in_force
from clinics.roles import ROLE_LABELS, Reach, Role, reach_of
from clinics.statements import NOW, Kept
from clinics.tenancy import active_clinic_id

VIEW = "clinics.view_client"
PAST_SHOWN = 5


# --- the list of people -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonRow:
    """
    A person as one row of a list.

    programs   names of the programs in which an episode is open, joined; empty when none is
    next_at    start of the next appointment that is not canceled, None without one or without the right to see it
    """

    key: int
    url: str
    name: str
    reference: str
    pronouns: str
    programs: str
    next_at: datetime | None


def people(user: User, *, search: str = "", own: bool = False) -> QuerySet[Client, Client]:
    """
    Return the people whom `user` may see, merged records left out.

    search   every word must begin a family, given or preferred name, or the record number
    own      only those on the user's own caseload
    """
    found: QuerySet[Client, Client] = Client.objects.permitted(user, VIEW).filter(merged_into=None)
    if own:
        mine = CaseloadAssignment.objects.filter(in_force(), user=user, client_id=OuterRef("pk"))
        found = found.filter(Exists(mine))
    reference = search.strip().upper()
    if search.strip():
        words = Q(pk__isnull=False)
        for word in search_words(search):
            words &= Q(family_key__startswith=word) | Q(given_key__startswith=word) | Q(goes_by_key__startswith=word)
        matching = words if search_words(search) else Q(pk__in=[])
        found = found.filter(matching | Q(reference__startswith=reference))
    return found


def rows_of(clients: Iterable[Client], user: User, clinic: Clinic, now: datetime) -> list[PersonRow]:
    """Return one row for each client, in the same order, by two statements however many there are."""
    clients = list(clients)
    keys = [client.pk for client in clients]
    programs: dict[int, list[str]] = {}
    open_episodes = Episode.objects.filter(client_id__in=keys, status=Episode.Status.OPEN)
    for client_id, name in open_episodes.order_by("program__name").values_list("client_id", "program__name"):
        programs.setdefault(client_id, []).append(name)
    ahead = Appointment.objects.permitted(user, "clinics.view_appointment").filter(
        client_id__in=keys, starts_at__gte=now, attendance=""
    )
    next_at = dict(ahead.order_by("client_id", "starts_at").distinct("client_id").values_list("client_id", "starts_at"))
    return [
        PersonRow(
            client.pk,
            reverse("client_detail", args=[clinic.slug, client.public_id]),
            client.known_as,
            client.reference,
            client.pronouns,
            ", ".join(programs.get(client.pk, ())),
            next_at.get(client.pk),
        )
        for client in clients
    ]


# --- a person's page --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Booked:
    """An appointment as a line of a person's page. `change_url` is empty without the right to change it."""

    appointment: Appointment
    change_url: str
    attendance_url: str


@dataclass(frozen=True)
class Care:
    """
    What clients know about a person: episodes, caseloads they are on now, appointments, change targets.

    caseloads              who has them now, by name
    assignments            who ever had them
    ahead, past, targets   None when the viewer may not see them, which is not the same as none
    """

    episodes: list[Episode]
    caseloads: list[OnCaseload]
    assignments: Sequence[OnCaseload]
    ahead: list[Booked] | None
    past: list[Booked] | None
    more_past: bool
    targets: list[ChangeTarget] | None
    former_targets: list[ChangeTarget]


def care_of(client: Client, user: User, now: datetime, *, known: Opened, may_change: bool) -> Care:
    """
    Return what stands on a person's page, as far as `user` may see it.

    known        what was read with the person
    may_change   whether `user` may change appointments of this person
    """
    clinic_id = active_clinic_id()
    ahead = past = targets = None
    more_past, former = False, []
    if user.reaches("clinics.view_appointment", clinic_id):
        mine = appointments_of(client, user)
        newest = mine.filter(starts_at__lt=now).order_by("-starts_at", "-id").values("pk")[: PAST_SHOWN + 1]
        rows = booked(
            mine.filter(Q(starts_at__gte=now) | Q(pk__in=newest)).order_by("starts_at", "id"), client, may_change
        )
        ahead = [line for line in rows if line.appointment.starts_at >= now]
        past = [line for line in reversed(rows) if line.appointment.starts_at < now]
        more_past, past = len(past) > PAST_SHOWN, past[:PAST_SHOWN]
    if user.reaches("clinics.view_plan", clinic_id):
        found = ChangeTarget.objects.permitted(user, "clinics.view_plan").filter(client_id__in=client.record_keys)
        found = found.order_by("id")
        targets = [target for target in found if target.is_active]
        former = [target for target in found if not target.is_active]
    episodes = Episode.objects.permitted(user, VIEW).filter(client_id__in=client.record_keys).select_related("program")
    level = Admission.objects.permitted(user, "clinics.view_inquiry").filter(episode_id=OuterRef("pk"), undone_at=None)
    episodes = episodes.annotate(level_of_care=Subquery(level.values("decision__level_of_care")[:1]))
    return Care(
        list(episodes.order_by("-admitted_on", "-id")),
        known.caseloads(client),
        known.assignments,
        ahead,
        past,
        more_past,
        targets,
        former,
    )


def appointments_of(client: Client, user: User) -> QuerySet[Appointment, Appointment]:
    """Return the appointments of one person that `user` may see."""
    found: QuerySet[Appointment, Appointment] = Appointment.objects.permitted(user, "clinics.view_appointment")
    return found.filter(client_id__in=client.record_keys).select_related("therapist")


def booked(rows: Iterable[Appointment], client: Client, may_change: bool) -> list[Booked]:
    """Return appointments of one client as lines, with the addresses at which they are changed."""
    slug = client.clinic.slug
    return [
        Booked(
            row,
            reverse("appointment_edit", args=[slug, row.public_id]) if may_change and not row.attendance else "",
            reverse("appointment_attendance", args=[slug, row.public_id]) if may_change else "",
        )
        for row in rows
    ]


def permits(client: Client, user: User, *rights: str) -> list[bool]:
    """Tell for each right whether `user` holds it on this person, by one statement."""
    row = Client.objects.annotate(**reaching.columns(user)).only("pk").get(pk=client.pk)
    return list(reaching.held(row, user, rights).values())


# --- why can I see this -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VisibleBecause:
    """
    One reason why a person sees a record, as the dated row behind it.

    reach   which reach of the right it is
    role    the role that gives a reach over the whole clinic, in words; else empty
    name    the supervised therapist; else empty
    since   start of that row; None where a right was given to the person alone
    until   end of a break-glass access; else None
    """

    reach: Reach
    role: str = ""
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class OpenAccess:
    """
    A record that somebody opened in need, from when and until when.

    client_id   of the record that the person is kept under now
    """

    client_id: int
    client_public_id: UUID
    reference: str
    starts_at: datetime
    ends_at: datetime


def _opened(_keys: Sequence[int], user: User, _now: datetime) -> QuerySet[Any, dict[str, Any]]:
    """Return the columns of `OpenAccess`."""
    rows: QuerySet[Any, dict[str, Any]] = BreakGlass.objects.filter(in_force(), user=user).order_by("ends_at")
    person = Coalesce("client__merged_into_id", "client_id")
    return rows.values("client__public_id", "client__reference", "starts_at", "ends_at", person=person)


# The frame of every page asks it.
OPENED: Final = Kept(_opened)


def open_accesses(user: User) -> list[OpenAccess]:
    """Return the records that `user` has open in need now, by the database's clock; first what ends first."""
    return [
        OpenAccess(row["person"], row["client__public_id"], row["client__reference"], row["starts_at"], row["ends_at"])
        for row in OPENED.ask((), user, NOW)
    ]


def why_visible(
    client: Client, user: User, caseloads: Iterable[OnCaseload], accesses: Iterable[OpenAccess]
) -> list[VisibleBecause]:
    """
    Return every reason why `user` sees this person's record: the dated rows behind each reach of the right.

    caseloads   who has the person on a caseload now
    accesses    the records that `user` has open in need
    """
    found: list[VisibleBecause] = []
    reaches = user.reaches(VIEW, active_clinic_id())
    if Reach.CLINIC in reaches:
        found += _by_role(client, user)
    if Reach.CASELOAD in reaches:
        found += [VisibleBecause(Reach.CASELOAD, since=row.starts_at) for row in caseloads if row.user_id == user.pk]
    if Reach.SUPERVISEES in reaches:
        found += [
            VisibleBecause(Reach.SUPERVISEES, name=row.name, since=row.starts_at)
            for row in caseloads
            if row.is_supervised
        ]
    if Reach.BREAK_GLASS in reaches:
        opened = [row for row in accesses if row.client_id == client.pk]
        found += [VisibleBecause(Reach.BREAK_GLASS, since=row.starts_at, until=row.ends_at) for row in opened]
    return found


def _by_role(client: Client, user: User) -> list[VisibleBecause]:
    held = Membership.objects.active().filter(user=user, clinic_id=client.clinic_id).order_by("starts_at")
    right = VIEW.removeprefix("clinics.")
    roles = [
        VisibleBecause(Reach.CLINIC, role=ROLE_LABELS[Role(row.role)], since=row.starts_at)
        for row in held
        if reach_of(right, Role(row.role)) is Reach.CLINIC
    ]
    return roles or [VisibleBecause(Reach.CLINIC)]


# --- break-glass ------------------------------------------------------------------------------------------------


def accesses_to_review(user: User, *, waiting: bool) -> QuerySet[BreakGlass, BreakGlass]:
    """Return break-glass accesses of others: those that wait for a review, or those that had one."""
    found: QuerySet[BreakGlass, BreakGlass] = BreakGlass.objects.permitted(user, "clinics.review_break_glass")
    found = found.exclude(user=user).filter(reviewed_at__isnull=waiting)
    return found.select_related("client", "user", "reviewed_by")
