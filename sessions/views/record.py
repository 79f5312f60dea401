"""Recording a session, reading its record, signing it, and adding to it afterwards."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from clients.models import ASKED_RULERS, Appointment
from clients.selectors.motivation import only, standings_of
from clinics import audit, drafts, repeat
from clinics.access import NOT_HERE, find_permitted
from clinics.models import User
from clinics.sign_in_again import reauthentication_required
from clinics.versions import Stale, show_both
from sessions.forms import (
    KEPT_RULERS,
    MIX_FIELDS,
    MIXES,
    AddendumForm,
    RecordForm,
    SignForm,
    attendance_choice,
    mix_choice,
)
from sessions.models import ProgressNote, TherapySession
from sessions.rules.signing import printed_name
from sessions.selectors import record as selectors
from sessions.selectors.transcripts import transcripts_of_session
from sessions.services import record as recording
from sessions.services import signing
from sessions.services.record import RecordRefused

RULERS = tuple(ruler.value for ruler in ASKED_RULERS)


def _find_session(user: User, public_id: str) -> TherapySession:
    """
    Return a session the person may open: their own, or one whose note is within their reach. Records nothing.

    :raises Http404: neither
    """
    try:
        return find_permitted(TherapySession, user, "clinics.write_note", public_id=public_id)
    except Http404:
        return find_permitted(TherapySession, user, "clinics.view_note", public_id=public_id)


def _record_view(page: selectors.SessionPage) -> None:
    """Record that a session was shown: one event, which says whether its note was read."""
    detail = {"note": str(page.note.public_id)} if page.note is not None else {}
    audit.record("therapysession.viewed", page.session, purpose="care", detail=detail)


def _own_note(user: User, public_id: str) -> ProgressNote:
    session = find_permitted(
        TherapySession, user, "clinics.write_note", view_perm="clinics.view_note", public_id=public_id
    )
    note: ProgressNote | None = ProgressNote.objects.select_related("session").filter(session=session).first()
    if note is None:
        raise Http404(NOT_HERE)
    if note.author_id != user.pk:
        raise PermissionDenied
    return note


def session_record(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Record a booked session on one page: attendance, facts, rulers and note."""
    booked = find_permitted(
        Appointment,
        request.user,
        "clinics.write_note",
        view_perm="clinics.view_appointment",
        purpose="care",
        public_id=public_id,
    )
    if booked.kind != Appointment.Kind.TREATMENT:
        raise Http404(NOT_HERE)
    standings = standings_of(booked.client_id, request.user)
    next_about = only(one.target.pk for one in standings)
    stored = _stored(booked, next_about)
    if stored.session is not None and stored.is_signed:
        return redirect(stored.session)
    key = f"session_record:{booked.public_id}"
    where = selectors.place(booked.pk, user=request.user, started_at=stored.started_at)
    form = RecordForm(request.POST if request.method == "POST" else None, initial=stored.values)
    form.fields["started_at"].known = stored.started_at  # type: ignore[attr-defined]
    for ruler in RULERS if where.plan_link else ():
        form.fields[ruler].widget.last = stored.before.get(ruler)  # type: ignore[attr-defined]
    if form.is_valid():
        try:
            held = _save(request, form, booked, key)
        except (RecordRefused, repeat.OtherBody) as error:
            form.add_error("note" if isinstance(error, recording.NoteHasText) else None, str(error))
        except Stale:
            stored = _stored(Appointment.objects.get(pk=booked.pk), next_about)
            if not show_both(form, stored.values, stored.values["version"]):
                return _after_saving(request, clinic_slug, stored.session)
            shown: Any = form.data
            shown["attendance_shown"] = stored.values["attendance_shown"]
        else:
            return _after_saving(request, clinic_slug, held)
    context = {
        "form": form,
        "draft": drafts.open_into(form, user=request.user, clinic=request.clinic, key=key),
        "place": where,
        "client": where.client,
        "started_at": stored.started_at,
        "mix": selectors.mix_words(stored.session) if stored.session else "",
        "mix_fields": [form[name] for name in MIX_FIELDS],
        "ruler_fields": [form[name] for name in RULERS],
        "deadline": _deadline(stored),
        "standings": standings,
    }
    return TemplateResponse(request, "sessions/session_record.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class _Stored:
    """What is stored of a booked session: as the form shows it, and the rows."""

    values: dict[str, Any]
    started_at: datetime
    duration_min: int
    session: TherapySession | None
    is_signed: bool
    before: dict[str, int]


def _stored(booked: Appointment, next_about: int | None) -> _Stored:
    session = TherapySession.objects.filter(appointment=booked).first()
    note = ProgressNote.objects.filter(session=session).first() if session else None
    started_at = session.started_at if session else booked.starts_at
    duration_min = session.duration_min if session else booked.duration_min
    answers = selectors.readings(
        client_id=booked.client_id, started_at=started_at, appointment_id=booked.pk, next_about=next_about
    )
    choice, how = attendance_choice(booked.attendance)
    parts = (session.mi_pct, session.cbt_pct, session.dbt_pct, session.other_pct) if session else MIXES["mi"][1]
    values: dict[str, Any] = {
        "attendance": choice,
        "canceled_how": how,
        "attendance_shown": booked.attendance,
        "version": session.version if session else 0,
        "started_at": started_at,
        "duration_min": duration_min,
        "session_format": session.session_format if session else TherapySession.Format.INDIVIDUAL.value,
        "mix": mix_choice(parts),
        **dict(zip(MIX_FIELDS, parts, strict=True)),
        "note": note.body if note else "",
        **{ruler: answers.now.get(ruler) for ruler in KEPT_RULERS},
    }
    is_signed = note is not None and note.state == ProgressNote.State.LOCKED
    return _Stored(values, started_at, duration_min, session, is_signed, answers.before)


def _deadline(stored: _Stored) -> selectors.Deadline | None:
    """Return by when the note is due; None before there is anything to write about."""
    now = timezone.now()
    if stored.session is None and stored.started_at > now:
        return None
    zone: Any = timezone.get_current_timezone()
    return selectors.deadline(stored.started_at, stored.duration_min, now=now, zone=zone)


def _save(request: Any, form: RecordForm, booked: Appointment, key: str) -> TherapySession | None:
    """Save once, however often it is sent; return the session where it was held."""
    shared: dict[str, Any] = {
        "appointment": booked,
        "attendance": form.attendance_code,
        "seen": form.seen,
        "by": request.user,
        "now": timezone.now(),
    }
    act = (
        partial(recording.record_held, held=form.held, **shared)
        if form.held is not None
        else partial(recording.record_not_held, note=form.cleaned_data["note"], **shared)
    )
    outcome = repeat.once(
        user=request.user,
        key=form.cleaned_data["repeat_key"],
        route=f"session_record:{booked.public_id}",
        body=repeat.form_body(request.POST),
        act=act,
    )
    drafts.settle(user=request.user, key=key)
    if form.held is None:
        return None
    session: TherapySession = TherapySession.objects.get(public_id=outcome.object_id)
    return session


def _after_saving(request: Any, clinic_slug: str, session: TherapySession | None) -> HttpResponse:
    if session is None:
        messages.success(request, gettext("Attendance is saved."))
        return redirect("today", clinic_slug)
    if "sign" in request.POST:
        return redirect("session_sign", clinic_slug, session.public_id)
    messages.success(request, gettext("The record is saved. Nothing is final until you sign."))
    return redirect(session)


def session_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show the record of a session, read-only, with its signature and addenda."""
    session = _find_session(request.user, public_id)
    page = selectors.session_page(session, user=request.user, clinic=request.clinic, now=timezone.now())
    _record_view(page)
    context = {"page": page, "transcripts": transcripts_of_session(request.user, session)}
    return TemplateResponse(request, "sessions/session_detail.html", context)


@reauthentication_required
def session_sign(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Ask once, then sign the note: it is final from here."""
    note = _own_note(request.user, public_id)
    if note.state == ProgressNote.State.LOCKED:
        messages.info(request, gettext("The note is signed."))
        return redirect(note.session)
    form = SignForm(
        request.POST if request.method == "POST" else None,
        initial={"note_version": note.version, "session_version": note.session.version},
    )
    if form.is_valid():
        try:
            signing.sign_note(
                note=note,
                seen_note=form.cleaned_data["note_version"],
                seen_session=form.cleaned_data["session_version"],
                by=request.user,
                now=timezone.now(),
            )
        except RecordRefused as error:
            form.add_error(None, str(error))
        except Stale:
            form = SignForm(
                {"note_version": note.version, "session_version": note.session.version},
            )
            form.add_error(None, gettext("The record changed after you opened this page. Read it again, then sign."))
        else:
            messages.success(request, gettext("The note is signed."))
            return redirect(note.session)
    page = selectors.session_page(note.session, user=request.user, clinic=request.clinic, now=timezone.now())
    _record_view(page)
    return TemplateResponse(
        request,
        "sessions/session_sign.html",
        {"form": form, "page": page, "printed": printed_name(request.user.name, request.user.credentials)},
        status=422 if form.errors else 200,
    )


@reauthentication_required
def note_addendum(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Add text to a signed note of one's own."""
    note = _own_note(request.user, public_id)
    if note.state != ProgressNote.State.LOCKED:
        return redirect(note.session)
    key = f"note_addendum:{note.public_id}"
    form = AddendumForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user,
                key=form.cleaned_data["repeat_key"],
                route=f"note_addendum:{note.public_id}",
                body=repeat.form_body(request.POST),
                act=partial(
                    signing.add_addendum,
                    note=note,
                    kind=form.cleaned_data["kind"],
                    text=form.cleaned_data["text"],
                    by=request.user,
                    now=timezone.now(),
                ),
            )
        except (RecordRefused, repeat.OtherBody) as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, gettext("The addendum is saved. It is final."))
            return redirect(note.session)
    slot = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    page = selectors.session_page(note.session, user=request.user, clinic=request.clinic, now=timezone.now())
    _record_view(page)
    return TemplateResponse(
        request,
        "sessions/note_addendum.html",
        {"form": form, "page": page, "draft": slot},
        status=422 if form.errors else 200,
    )
