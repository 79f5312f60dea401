"""Recording a session, reading its record, signing it, and adding to it afterwards."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from clients.models import Appointment, Client, RulerReading
from clinics import audit, drafts, repeat
from clinics.access import NOT_HERE, find_permitted
from clinics.models import User
from clinics.sign_in_again import reauthentication_required
from clinics.versions import Stale, show_both
from sessions.forms import (
    MIX_FIELDS,
    MIXES,
    AddendumForm,
    RecordForm,
    SignForm,
    attendance_choice,
    mix_choice,
)
from sessions.models import ProgressNote, TherapySession
from sessions.selectors import record as selectors
from sessions.selectors.transcripts import transcripts_of_session
from sessions.services import record as recording
from sessions.services import signing
from sessions.services.record import RecordRefused

RULERS = tuple(RulerReading.Ruler.values)


def find_session(user: User, public_id: str, *, purpose: str = "care") -> TherapySession:
    """
    Return a session the person may open: their own, or one whose note is within their reach.

    :raises Http404: neither
    """
    try:
        return find_permitted(TherapySession, user, "clinics.write_note", purpose=purpose, public_id=public_id)
    except Http404:
        return find_permitted(TherapySession, user, "clinics.view_note", purpose=purpose, public_id=public_id)


def _own_note(user: User, public_id: str) -> ProgressNote:
    session = find_permitted(
        TherapySession, user, "clinics.write_note", view_perm="clinics.view_note", purpose="care", public_id=public_id
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
    stored, session, note = _stored(booked)
    if session is not None and note is not None and note.state == ProgressNote.State.LOCKED:
        return redirect(session)
    key = f"session_record:{booked.public_id}"
    before = selectors.readings_before(
        client_id=booked.client_id,
        started_at=session.started_at if session else booked.starts_at,
        appointment_id=booked.pk,
    )
    form = RecordForm(request.POST if request.method == "POST" else None, initial=stored)
    form.fields["started_at"].known = stored["started_at"]  # type: ignore[attr-defined]
    for ruler in RULERS:
        form.fields[ruler].widget.last = before.get(ruler)  # type: ignore[attr-defined]
    if form.is_valid():
        try:
            held = _save(request, form, booked, key)
        except (RecordRefused, repeat.OtherBody) as error:
            form.add_error("note" if isinstance(error, recording.NoteHasText) else None, str(error))
        except Stale:
            stored, session, note = _stored(Appointment.objects.get(pk=booked.pk))
            if not show_both(form, stored, stored["version"]):
                return _after_saving(request, clinic_slug, session)
            shown: Any = form.data
            shown["attendance_shown"] = stored["attendance_shown"]
        else:
            return _after_saving(request, clinic_slug, held)
    slot = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    started_at = session.started_at if session else booked.starts_at
    client = booked.client
    context = {
        "form": form,
        "draft": slot,
        "booked": booked,
        "client": client,
        "session": session,
        "number": selectors.number_in_episode(booked, started_at),
        "started_at": started_at,
        "mix": selectors.mix_words(session) if session else "",
        "mix_fields": [form[name] for name in MIX_FIELDS],
        "ruler_fields": [form[name] for name in RULERS],
        "deadline": selectors.deadline(
            started_at,
            session.duration_min if session else booked.duration_min,
            now=timezone.now(),
            zone=timezone.get_current_timezone(),
        )
        if session or started_at <= timezone.now()
        else None,
        "client_link": Client.objects.permitted(request.user, "clinics.view_client").filter(pk=client.pk).exists(),
    }
    return TemplateResponse(request, "sessions/session_record.html", context, status=422 if form.errors else 200)


def _stored(booked: Appointment) -> tuple[dict[str, Any], TherapySession | None, ProgressNote | None]:
    """Return what the form shows of what is stored, with the session and its note."""
    session = TherapySession.objects.filter(appointment=booked).first()
    note = ProgressNote.objects.filter(session=session).first() if session else None
    choice, how = attendance_choice(booked.attendance)
    values: dict[str, Any] = {
        "attendance": choice,
        "canceled_how": how,
        "attendance_shown": booked.attendance,
        "version": session.version if session else 0,
        "started_at": session.started_at if session else booked.starts_at,
        "duration_min": session.duration_min if session else booked.duration_min,
        "session_format": session.session_format if session else TherapySession.Format.INDIVIDUAL.value,
        "mix": "mi",
        **dict(zip(MIX_FIELDS, MIXES["mi"][1], strict=True)),
        "note": note.body if note else "",
        **dict.fromkeys(RULERS),
    }
    if session is not None:
        parts = (session.mi_pct, session.cbt_pct, session.dbt_pct, session.other_pct)
        values["mix"] = mix_choice(parts)
        values |= dict(zip(MIX_FIELDS, parts, strict=True))
        values |= selectors.readings_at(booked.pk)
    return values, session, note


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
    session = find_session(request.user, public_id)
    page = selectors.session_page(session, user=request.user, clinic=request.clinic, now=timezone.now())
    if page.note is not None:
        audit.viewed(page.note, purpose="care")
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
    return TemplateResponse(
        request, "sessions/session_sign.html", {"form": form, "page": page}, status=422 if form.errors else 200
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
    return TemplateResponse(
        request,
        "sessions/note_addendum.html",
        {"form": form, "page": page, "draft": slot},
        status=422 if form.errors else 200,
    )
