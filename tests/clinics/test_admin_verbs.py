"""What an administrator changes in the admin: by services, into the trail, at their own clinic, as themselves."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db.models import Model
from django.utils import timezone

from clients.models import Appointment, CaseloadAssignment
from clinics.models import (
    ApiToken,
    AuditEvent,
    InstrumentVersion,
    Invitation,
    Job,
    Membership,
    Program,
    Supervision,
    ThresholdSet,
)
from clinics.roles import Role
from clinics.services import people
from tests.clinics.test_admin import HERE, browser_of, events
from tests.guards.probe import fingerprint
from tests.world import NOW, Side, World

TICKED = "_selected_action"
TOO_OLD_S = 1900


def role_of(side: Side, role: Role) -> Membership:
    return Membership.objects.get(clinic=side.clinic, role=role, ends_at=None, user=side.people[role])


def key_of_form(browser: Any, address: str) -> dict[str, str]:
    """Return the hidden fields of a form as it is shown."""
    page = browser.get(address)
    assert page.status_code == 200, page
    return dict(re.findall(r'<input type="hidden" name="(repeat_key|version)" value="([^"]+)"', page.content.decode()))


def fill(browser: Any, address: str, **values: Any) -> Any:
    """Open a form, fill it in and send it."""
    return browser.post(address, {**key_of_form(browser, address), **values})


def do(browser: Any, address: str, verb: str, *keys: Any) -> Any:
    """Tick rows of a list and do a verb."""
    return browser.post(address, {"action": verb, TICKED: [str(key) for key in keys]})


# --- each change is one service call and one event ----------------------------------------------------------------


def give_role(browser: Any, here: Side) -> Any:
    values = {"user": here.coder.public_id, "role": "therapist", "reason": "Stands in"}
    return fill(browser, f"{HERE}memberships/add/", **values)


def end_role(browser: Any, here: Side) -> Any:
    return do(browser, f"{HERE}memberships/", "end", role_of(here, Role.CODER).public_id)


def have_cosigned(browser: Any, here: Side) -> Any:
    return do(browser, f"{HERE}memberships/", "cosign", role_of(here, Role.THERAPIST).public_id)


def invite(browser: Any, here: Side) -> Any:
    return fill(browser, f"{HERE}invitations/add/", email="New@Person.example", name="New Person", role="coder")


def withdraw(browser: Any, here: Side) -> Any:
    return do(browser, f"{HERE}invitations/", "withdraw", here.invitation.public_id)


def supervise(browser: Any, here: Side) -> Any:
    values = {"supervisor": here.supervisor.public_id, "supervisee": here.other_therapist.public_id}
    return fill(browser, f"{HERE}supervision/add/", **values)


def end_supervision(browser: Any, here: Side) -> Any:
    with here.scope():
        return_key = Supervision.objects.get(ends_at=None).pk
    return do(browser, f"{HERE}supervision/", "end", return_key)


def add_program(browser: Any, here: Side) -> Any:
    return fill(browser, f"{HERE}programs/add/", name="Evening")


def change_program(browser: Any, here: Side) -> Any:
    return fill(browser, f"{HERE}programs/{here.program.public_id}/", name="Day")


def retire(browser: Any, here: Side) -> Any:
    with here.scope():
        return_key = InstrumentVersion.objects.get(key="miti").public_id
    return do(browser, f"{HERE}instruments/", "retire", return_key)


def put_in_force(browser: Any, here: Side) -> Any:
    with here.scope():
        miti = InstrumentVersion.objects.get(key="miti")
        other, _made = ThresholdSet.objects.get_or_create(
            clinic=here.clinic, instrument=miti, key="own", defaults={"label": "Own", "source": "Us", "thresholds": {}}
        )
    return do(browser, f"{HERE}thresholds/", "put_in_force", other.public_id)


def revoke(browser: Any, here: Side) -> Any:
    return do(browser, f"{HERE}tokens/", "revoke", here.token.public_id)


def try_again(browser: Any, here: Side) -> Any:
    with here.scope():
        Job.objects.filter(pk=here.job.pk).update(kind="import_transcripts")
    return do(browser, f"{HERE}jobs/", "try_again", here.job.public_id)


def reassign(browser: Any, here: Side) -> Any:
    values = {"to": here.other_therapist.public_id, "off": here.therapist.public_id, "reason": "Leave"}
    return fill(browser, f"{HERE}caseload/{here.client.public_id}/", **values)


def correct(browser: Any, here: Side) -> Any:
    return fill(browser, f"{HERE}appointments/{here.appointment.public_id}/", attendance="left_early")


CHANGES: list[tuple[Callable[..., Any], str, Callable[[Side], bool]]] = [
    (give_role, "membership.started", lambda here: here.coder.memberships.filter(role="therapist").exists()),
    (end_role, "membership.ended", lambda here: not here.coder.memberships.filter(ends_at=None).exists()),
    (have_cosigned, "membership.cosign", lambda here: role_of(here, Role.THERAPIST).needs_cosign),
    (invite, "invitation.sent", lambda here: Invitation.objects.filter(email="new@person.example").exists()),
    (withdraw, "invitation.withdrawn", lambda here: stored(here.invitation).withdrawn_at is not None),
    (supervise, "supervision.started", lambda here: Supervision.objects.filter(ends_at=None).count() == 2),
    (end_supervision, "supervision.ended", lambda here: not Supervision.objects.filter(ends_at=None).exists()),
    (add_program, "program.added", lambda here: Program.objects.filter(name="Evening").exists()),
    (change_program, "program.changed", lambda here: not stored(here.program).is_active),
    (retire, "instrument.retired", lambda here: InstrumentVersion.objects.get(key="miti").status == "retired"),
    (put_in_force, "thresholds.in_force", lambda here: ThresholdSet.objects.filter(key="own", in_force=True).exists()),
    (revoke, "token.revoked", lambda here: stored(here.token).revoked_at is not None),
    (
        reassign,
        "client.reassigned",
        lambda here: CaseloadAssignment.objects.get(client=here.client, ends_at=None).user == here.other_therapist,
    ),
    (correct, "appointment.attendance_corrected", lambda here: stored(here.appointment).attendance == "left_early"),
]
NAMES = [change.__name__ for change, _event, _done in CHANGES]
# What gives or takes rights asks again who it is.
ASKS_AGAIN = {"give_role", "end_role", "have_cosigned", "invite", "supervise", "end_supervision", "revoke"}


def stored(row: Model) -> Any:
    return type(row).objects.get(pk=row.pk)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("change", "event", "done"), CHANGES, ids=NAMES)
def test_a_change_is_made_once_and_leaves_its_event(world: World, change: Any, event: str, done: Any) -> None:
    here, before = world.here, fingerprint(world.neighbour)
    with here.scope():
        assert not done(here)
    count = len(events(here, event))
    answer = change(browser_of(here.administrator), here)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    with here.scope():
        assert done(here)
    recorded = events(here, event)[count:]
    assert [(one.actor_id, one.role, one.request_id is not None) for one in recorded] == [
        (here.administrator.pk, "administrator", True)
    ]
    assert LogEntry.objects.count() == 0
    assert fingerprint(world.neighbour) == before


def test_a_stopped_job_is_tried_again(world: World) -> None:
    answer = try_again(browser_of(world.here.administrator), world.here)
    assert answer.status_code == 302
    with world.here.scope():
        assert stored(world.here.job).state == Job.State.NEW
    assert len(events(world.here, "job.retried")) == 1


@pytest.mark.parametrize(("change", "event", "done"), CHANGES, ids=NAMES)
def test_what_gives_or_takes_rights_asks_again_who_it_is(world: World, change: Any, event: str, done: Any) -> None:
    here = world.here
    stale = browser_of(here.administrator, proved_s_ago=TOO_OLD_S)
    if change.__name__ not in ASKS_AGAIN:
        assert change(stale, here).status_code == 302
        with here.scope():
            assert done(here)
        return
    count = len(events(here, event))
    form = f"{HERE}{({'give_role': 'memberships', 'invite': 'invitations', 'supervise': 'supervision'}).get(change.__name__)}/add/"
    if "None" in form:
        answer = change(stale, here)
    else:
        assert stale.get(form)["Location"].startswith("/accounts/reauthenticate/?next=")
        answer = stale.post(form, {})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert len(events(here, event)) == count
    with here.scope():
        assert not done(here)


@pytest.mark.parametrize(("change", "event", "done"), CHANGES, ids=NAMES)
def test_nobody_else_makes_the_change(world: World, change: Any, event: str, done: Any) -> None:
    here = world.here
    for user in (here.coordinator, here.supervisor, here.privacy_officer, world.neighbour.administrator):
        browser = browser_of(user)
        address = {"give_role": "memberships/add/", "invite": "invitations/add/", "supervise": "supervision/add/",
                   "add_program": "programs/add/", "change_program": f"programs/{here.program.public_id}/",
                   "reassign": f"caseload/{here.client.public_id}/",
                   "correct": f"appointments/{here.appointment.public_id}/"}.get(change.__name__)  # fmt: skip
        answer = browser.post(f"{HERE}{address}", {}) if address else change(browser, here)
        assert answer.status_code == (404 if user == world.neighbour.administrator else 403)
    with here.scope():
        assert not done(here)


# --- choices and keys of the neighbour ----------------------------------------------------------------------------


FORMS = {
    "memberships/add/": ("user", lambda side: side.coder.public_id, {"role": "therapist"}),
    "supervision/add/": ("supervisor", lambda side: side.supervisor.public_id, {}),
    "caseload/{client}/": ("to", lambda side: side.other_therapist.public_id, {"reason": "Leave"}),
}


@pytest.mark.parametrize("form", FORMS)
def test_no_choice_is_the_neighbours_and_a_posted_one_is_refused(world: World, form: str) -> None:
    address = HERE + form.format(client=world.here.client.public_id)
    field, of, more = FORMS[form]
    browser = browser_of(world.here.administrator)
    page = browser.get(address).content.decode()
    offered = set(re.findall(r'<option value="([^"]+)"', page))
    assert str(of(world.here)) in offered
    assert not offered & {
        str(user.public_id) for user in [*world.neighbour.people.values(), world.neighbour.other_therapist]
    }
    with world.here.scope():
        before = fingerprint(world.here)
    answer = fill(browser, address, **{field: of(world.neighbour), **more})
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.content.decode()
    after = fingerprint(world.here)
    assert {table for table in before if before[table] != after[table]} <= {"clinics_auditevent"}


def test_a_choice_that_has_left_or_lacks_the_role_is_refused(world: World) -> None:
    browser = browser_of(world.here.administrator)
    values = {"supervisor": world.here.coder.public_id, "supervisee": world.here.therapist.public_id}
    assert fill(browser, f"{HERE}supervision/add/", **values).status_code == 422


@pytest.mark.parametrize(
    ("address", "verb", "of"),
    [
        ("memberships", "end", lambda side: role_of(side, Role.CODER).public_id),
        ("memberships", "cosign", lambda side: role_of(side, Role.THERAPIST).public_id),
        ("invitations", "withdraw", lambda side: side.invitation.public_id),
        ("tokens", "revoke", lambda side: side.token.public_id),
        ("jobs", "try_again", lambda side: side.job.public_id),
        ("supervision", "end", lambda side: foreign_supervision(side)),
    ],
)
def test_a_verb_on_the_neighbours_row_or_on_no_key_does_nothing(world: World, address: str, verb: str, of: Any) -> None:
    before = fingerprint(world.neighbour)
    browser = browser_of(world.here.administrator)
    for key in (of(world.neighbour), "not-a-key", "\x00", "9" * 400, ""):
        answer = do(browser, f"{HERE}{address}/", verb, key)
        assert answer.status_code == 302
        assert "Tick at least one row" in browser.get(f"{HERE}{address}/").content.decode()
    assert fingerprint(world.neighbour) == before
    assert do(browser, f"{HERE}{address}/", "delete_selected", of(world.here)).status_code == 302
    assert "Choose what to do" in browser.get(f"{HERE}{address}/").content.decode()


def foreign_supervision(side: Side) -> int:
    with side.scope():
        return int(Supervision.objects.get().pk)


# --- what a service refuses, the page says ------------------------------------------------------------------------


def test_a_co_signature_is_asked_for_of_therapists_alone_and_taken_back(world: World) -> None:
    here, browser = world.here, browser_of(world.here.administrator)
    address, own = f"{HERE}memberships/", role_of(world.here, Role.THERAPIST)
    do(browser, address, "cosign", role_of(here, Role.CODER).public_id)
    assert "Choose a role of a therapist" in browser.get(address).content.decode()
    for verb, needed in (("cosign", True), ("cosign", True), ("no_cosign", False)):
        assert do(browser, address, verb, own.public_id).status_code == 302
        assert role_of(here, Role.THERAPIST).needs_cosign is needed
        assert (browser.get(address).content.decode().count(">Yes<") == 1) is needed
    assert not role_of(here, Role.CODER).needs_cosign
    with here.scope():
        found = AuditEvent.objects.filter(action="membership.cosign").order_by("pk")
        assert [one.detail["needed"] for one in found] == [True, False], "what is so already is not said again"


def test_the_last_administrator_stays(world: World) -> None:
    browser = browser_of(world.here.administrator)
    own = role_of(world.here, Role.ADMINISTRATOR)
    do(browser, f"{HERE}memberships/", "end", own.public_id)
    assert "only administrator" in browser.get(f"{HERE}memberships/").content.decode()
    own.refresh_from_db()
    assert own.ends_at is None
    with world.here.scope():
        people.add_member(clinic=world.here.clinic, user=world.here.coder, role=Role.ADMINISTRATOR, by=None)
    assert do(browser, f"{HERE}memberships/", "end", own.public_id).status_code == 302
    assert browser.get(HERE).status_code == 404, "the next request is refused"


def test_a_clinics_administrator_cannot_reach_an_account(world: World) -> None:
    browser, coder = browser_of(world.here.administrator), world.here.coder
    before = (coder.email, coder.password, coder.name, coder.is_active, coder.is_superuser)
    # A page is asked for and sent; any other method ends at the door.
    for method, refused in (("post", 404), ("put", 405), ("patch", 405), ("delete", 405)):
        getattr(browser, method)(
            f"{HERE}people/", {"email": "mine@evil.example", "password": "x", "is_superuser": "on"}
        )
        assert getattr(browser, method)(f"{HERE}people/{coder.public_id}/", {"email": "x"}).status_code == refused
    coder.refresh_from_db()
    assert (coder.email, coder.password, coder.name, coder.is_active, coder.is_superuser) == before


def test_nobody_is_left_without_a_therapist(world: World) -> None:
    browser, here = browser_of(world.here.administrator), world.here
    address = f"{HERE}caseload/{here.client.public_id}/"
    answer = fill(browser, address, off=here.therapist.public_id, reason="Leave")
    assert answer.status_code == 422
    assert "Nobody would see this person" in answer.content.decode()
    assert fill(browser, address, reason="Leave").status_code == 422
    with here.scope():
        assert CaseloadAssignment.objects.get(ends_at=None).user == here.therapist


def test_a_name_twice_is_refused_with_a_sentence(world: World) -> None:
    answer = fill(browser_of(world.here.administrator), f"{HERE}programs/add/", name=" Outpatient ")
    assert answer.status_code == 422
    assert "Another program of this clinic has that name" in answer.content.decode()


def test_the_same_form_sent_twice_acts_once(world: World) -> None:
    browser, address = browser_of(world.here.administrator), f"{HERE}invitations/add/"
    sent = {**key_of_form(browser, address), "email": "a@b.example", "name": "A", "role": "coder"}
    assert [browser.post(address, sent).status_code for _ in range(2)] == [302, 302]
    with world.here.scope():
        assert Invitation.objects.filter(email="a@b.example").count() == 1
    assert browser.post(address, {**sent, "name": "B"}).status_code == 422


def booked(side: Side, starts_at: datetime) -> Appointment:
    """Return an appointment of which no session is recorded."""
    with side.scope():
        return Appointment.objects.create(
            clinic=side.clinic, client=side.client, episode=side.episode, therapist=side.therapist,
            starts_at=starts_at, service_on=starts_at.date(),
        )  # fmt: skip


def test_a_stale_correction_shows_both_and_then_means_it(world: World) -> None:
    browser, appointment = browser_of(world.here.administrator), booked(world.here, NOW)
    address = f"{HERE}appointments/{appointment.public_id}/"
    opened = key_of_form(browser, address)
    with world.here.scope():
        Appointment.objects.filter(pk=appointment.pk).update(attendance="no_show", version=2)
    answer = browser.post(address, {**opened, "attendance": "left_early"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Stored: Did not attend. You chose: Left early." in page
    assert 'name="version" value="2"' in page
    assert browser.post(address, {"version": "2", "attendance": "left_early"}).status_code == 302
    with world.here.scope():
        assert stored(appointment).attendance == "left_early"


def test_attendance_is_refused_where_it_cannot_be_true(world: World) -> None:
    browser, ahead = browser_of(world.here.administrator), booked(world.here, timezone.now() + timedelta(days=1))
    answer = fill(browser, f"{HERE}appointments/{ahead.public_id}/", attendance="attended")
    assert answer.status_code == 422
    assert "has not begun" in answer.content.decode()
    answer = fill(browser, f"{HERE}appointments/{world.here.appointment.public_id}/", attendance="no_show")
    assert answer.status_code == 422
    with world.here.scope():
        assert stored(world.here.appointment).attendance == "attended"


def test_a_withdrawn_invitation_or_a_revoked_token_says_so(world: World) -> None:
    browser, here = browser_of(world.here.administrator), world.here
    withdraw(browser, here)
    withdraw(browser, here)
    assert "was used, withdrawn or has expired" in browser.get(f"{HERE}invitations/").content.decode()
    revoke(browser, here)
    with here.scope():
        assert ApiToken.objects.get(pk=here.token.pk).revoked_at is not None


def test_an_invitation_leaves_as_mail_after_the_commit(world: World, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invite(browser_of(world.here.administrator), world.here)
    assert [message.to for message in mail.outbox] == [["new@person.example"]]
