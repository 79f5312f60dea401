"""Taking a call: the new intake, who is known here already, and writing down more later."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.checklist import checklist
from clients.forms.intake import CHANNELS, FAMILY, InquiryEditForm, IntakeFields, IntakeForm
from clients.models import Client, Inquiry
from clients.rules import guardians, names
from clients.rules.dates import ImpossibleDate
from clients.rules.intake import Contradiction
from clients.rules.phones import BadNumber
from clients.selectors import matching
from clients.selectors import people as selectors
from clients.selectors.matching import Found
from clients.selectors.roster import on_call
from clients.services import inquiries
from clients.services.people import NoName
from clients.services.referrals import NotListed
from clients.services.said import NoWayBack
from clinics import audit, drafts, repeat
from clinics.access import find_permitted, require
from clinics.versions import Stale, show_both

CHANGE = "clinics.change_inquiry"
VIEW = "clinics.view_inquiry"
CREATE = "intake_create"
# Buttons that do not save: their text is no part of what is kept.
LATER, LOOK, USE, NOT_THEM = "later", "look", "use", "not_them"
REFUSALS = (NoWayBack, ImpossibleDate, NoName, Contradiction, NotListed)
# Names the draft in the address: two calls at once are two drafts.
DRAFT: Final = "draft"
# Of a draft, what tells one call from another: who called, else whom it is about.
WHO_FIELDS: Final = ("caller_name", "legal_name", "goes_by")
MOST_WAITING, SHOWN = 20, 160


@dataclass(frozen=True)
class Panel:
    """
    Who may be the same person as the one on the phone.

    chosen   the record that was picked
    found    others that may be the same person, the likeliest first
    asks     one of them is so likely that saving asks first whether it is them
    """

    chosen: Client | None = None
    found: tuple[Found, ...] = ()
    asks: bool = False


@dataclass(frozen=True)
class Unfinished:
    """An intake that was begun and not saved: who it is about as far as typed, since when, and where it goes on."""

    who: str
    saved_at: datetime
    url: str
    discard_url: str


def intake_create(request: Any, clinic_slug: str) -> HttpResponse:
    """Take a call on one page, in its order. Only a way to call back and who is on the phone must be there."""
    require(request.user, CHANGE)
    user, clinic = request.user, request.clinic
    about = _draft_of(request)
    key = f"{CREATE}:{about}"
    asked_only = request.method == "POST" and _asks_only(request.POST)
    # From the list of people: somebody stands at the desk.
    came = {"channel": request.GET["channel"]} if request.GET.get("channel") in dict(CHANNELS) else {}
    form = IntakeForm(None if asked_only else request.POST or None, records=_records(user), initial=came)
    draft = drafts.Slot(reverse("draft_save", args=[clinic.slug, key]), None)
    if asked_only:
        _refill(form, request.POST)
        form.initial[repeat.FIELD] = request.POST.get(repeat.FIELD) or repeat.fresh_key()
    elif DRAFT in request.GET:
        draft = drafts.open_into(form, user=user, clinic=clinic, key=key)
    if request.method == "POST" and LATER in request.POST and _keep(request, form, key):
        return redirect("home", clinic_slug)
    if form.is_valid() and LATER not in request.POST:
        if _may_be_known(form, user):
            sentence = _("This may be somebody who is known here. Use their record, or say that it is somebody else.")
            form.add_error("somebody_else", sentence)
        elif (saved := _saved(form, _once(request, form))) is not None:
            drafts.settle(user=user, key=key)
            return _opened(request, saved)
    here = reverse(CREATE, args=[clinic.slug])
    context = {
        **_context(request, form, draft, _panel(user, form)),
        "here": f"{here}?{DRAFT}={about}",
        "unfinished": _unfinished(user, clinic) if request.method == "GET" and draft.saved_at is None else (),
        "fresh_url": here,
    }
    return TemplateResponse(request, "clients/intake.html", context, status=422 if form.is_bound else 200)


@require_POST
def intake_matches(request: Any, clinic_slug: str) -> HttpResponse:
    """Return the records that may be the person on the phone, as a part of the page."""
    require(request.user, CHANGE)
    form = IntakeForm(None, records=_records(request.user))
    _refill(form, request.POST)
    context = {"panel": _panel(request.user, form), "form": form}
    return TemplateResponse(request, "clients/intake_matches.html", context)


def inquiry_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down more of what was said, correct it, and say why a part of screening stays open."""
    user, clinic = request.user, request.clinic
    inquiry = find_permitted(
        Inquiry,
        user,
        CHANGE,
        view_perm=VIEW,
        related=("client", "organisation", "program"),
        public_id=public_id,
        purpose="care",
    )
    inquiry.clinic = clinic
    key = f"inquiry_edit:{inquiry.public_id}"
    asked_only = request.method == "POST" and _asks_only(request.POST)
    form = InquiryEditForm(
        None if asked_only else request.POST or None, inquiry=inquiry, records=_records(user),
        initial=InquiryEditForm.stored(inquiry),
    )  # fmt: skip
    draft = drafts.Slot(reverse("draft_save", args=[clinic.slug, key]), None)
    if asked_only:
        _refill(form, request.POST)
    else:
        draft = drafts.open_into(form, user=user, clinic=clinic, key=key)
    if request.method == "POST" and LATER in request.POST and _keep(request, form, key):
        return redirect("inquiry_detail", clinic_slug, inquiry.public_id)
    if form.is_valid() and LATER not in request.POST:
        done = False
        try:
            done = _saved(form, lambda: _changed(inquiry, form, user)) is not None
        except Stale as stale:
            done = not show_both(form, InquiryEditForm.stored(stale.current), stale.current.version)
        if done:
            drafts.settle(user=user, key=key)
            messages.success(request, _("The intake is saved."))
            return redirect("inquiry_detail", clinic_slug, inquiry.public_id)
    context = {
        **_context(request, form, draft, _panel(user, form), client=inquiry.client),
        "inquiry": inquiry,
        "client": inquiry.client,
        "back_url": reverse("inquiry_detail", args=[clinic_slug, inquiry.public_id]),
    }
    return TemplateResponse(request, "clients/intake_edit.html", context, status=422 if form.is_bound else 200)


def _draft_of(request: Any) -> str:
    """Return which draft the page works on: the one of the address, or a fresh one."""
    try:
        return str(UUID(request.GET.get(DRAFT, "")))
    except ValueError:
        return str(uuid4())


def _unfinished(user: Any, clinic: Any) -> list[Unfinished]:
    """Return the person's intakes that wait to be finished, the newest first."""
    here = reverse(CREATE, args=[clinic.slug])
    return [
        Unfinished(
            who=next((words for name in WHO_FIELDS if (words := names.tidy("".join(one.data.get(name, ()))))), "")[
                :SHOWN
            ],
            saved_at=one.saved_at,
            url=f"{here}?{DRAFT}={one.about}",
            discard_url=reverse("draft_discard", args=[clinic.slug, f"{CREATE}:{one.about}"]),
        )
        for one in drafts.waiting(user=user, form=CREATE, most=MOST_WAITING)
    ]


def _asks_only(data: Any) -> bool:
    """Tell whether a button was pressed that only asks for matches or picks one."""
    return any(name in data for name in (LOOK, USE, NOT_THEM))


def _refill(form: IntakeFields, data: Any) -> None:
    """Show what was typed again, with the record that was picked or put back."""
    form.refill(data)
    if USE in data:
        form.initial["known"] = data[USE]
    elif NOT_THEM in data:
        form.initial["known"] = ""


def _records(user: Any) -> Any:
    """Return the records that may be picked: those that the person may see, merged ones left out."""
    return Client.objects.permitted(user, selectors.VIEW).filter(merged_into__isnull=True)


def _keep(request: Any, form: IntakeFields, key: str) -> bool:
    """Keep what was typed as a draft, however little it is; tell whether it could be kept."""
    data = request.POST.copy()
    for name in (LATER, "somebody_else"):
        data.pop(name, None)
    try:
        kept = drafts.save(user=request.user, key=key, data=data)
    except drafts.BadDraft as error:
        form.add_error(None, str(error))
        return False
    if kept is None:
        messages.info(request, _("This was saved already."))
    else:
        messages.success(request, _("Your draft is kept. Open the page again to finish it."))
    return True


def _panel(user: Any, form: IntakeFields) -> Panel:
    """Return who may be the same person, and leave one event with everybody who is shown."""
    if "known" not in form.fields:
        return Panel()
    chosen = _record_of(user, form.value("known"))
    found = () if chosen is not None else tuple(matching.matches(form.typed(), among=_records(user)))
    shown = [one.client.pk for one in found] + ([chosen.pk] if chosen is not None else [])
    if shown:
        audit.listed("match", shown, purpose="care")
    return Panel(chosen, found, any(one.match.level == "likely" for one in found))


def _record_of(user: Any, public_id: Any) -> Client | None:
    if not public_id:
        return None
    try:
        key = UUID(str(public_id))
    except ValueError:
        return None
    found: Client | None = _records(user).filter(public_id=key).first()
    return found


def _may_be_known(form: IntakeForm, user: Any) -> bool:
    """
    Tell whether to ask first: a likely match, no answer to "is this them?" yet, and nobody in danger.

    Saving never waits when somebody may be in danger. A form that was sent already has made its own match.
    """
    data = form.cleaned_data
    if data["known"] is not None or data["somebody_else"] or not data["legal_name"]:
        return False
    if data["in_danger_now"] or data["safety_answer"] == "yes":
        return False
    likely = any(one.match.level == "likely" for one in matching.matches(form.typed(), among=_records(user)))
    return likely and not repeat.was_sent(user, data[repeat.FIELD])


def _once(request: Any, form: IntakeForm) -> Callable[[], Inquiry]:
    """Return the act that makes the inquiry of a valid form, once however often it is sent."""
    data, clinic, user = form.cleaned_data, request.clinic, request.user

    def act() -> Inquiry:
        return inquiries.open_inquiry(
            clinic=clinic, channel=data["channel"], caller=form.caller(), person=form.person(), need=form.need(),
            known=data["known"], referral=form.referral(), guardian=form.guardian(), by=user, now=timezone.now(),
        )  # fmt: skip

    def once() -> Inquiry:
        outcome = repeat.once(
            user=user, key=data[repeat.FIELD], route=CREATE, body=repeat.form_body(request.POST), act=act
        )
        inquiry: Inquiry = Inquiry.objects.select_related("client").get(public_id=outcome.object_id)
        return inquiry

    return once


def _changed(inquiry: Inquiry, form: InquiryEditForm, user: Any) -> Inquiry:
    data = form.cleaned_data
    return inquiries.change_inquiry(
        inquiry=inquiry, version=data["version"], caller=form.caller(), person=form.person(), need=form.need(),
        known=data.get("known"), referral=form.referral(), guardian=form.guardian(), by=user, now=timezone.now(),
    )  # fmt: skip


def _saved(form: IntakeFields, act: Callable[[], Inquiry]) -> Inquiry | None:
    """Return what `act` saved, or None with what was refused written into the form."""
    try:
        return act()
    except REFUSALS as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except BadNumber as error:
        form.add_error("phone", str(error))
    except repeat.OtherBody as error:
        form.add_error(None, str(error))
    return None


def _opened(request: Any, inquiry: Inquiry) -> HttpResponse:
    reference = inquiry.client.reference if inquiry.client else ""
    text = _("Intake %(reference)s is saved.") % {"reference": reference} if reference else _("The intake is saved.")
    messages.success(request, text)
    return redirect("inquiry_detail", request.clinic.slug, inquiry.public_id)


def _context(
    request: Any, form: IntakeFields, draft: drafts.Slot, panel: Panel, *, client: Client | None = None
) -> dict[str, Any]:
    person = client or panel.chosen
    answers = checklist(form, person)
    born_on = person.born_on if person is not None else form.typed().born_on
    relation = str(form.value("relation") or "") if form.value("who") == FAMILY else ""
    return {
        "clinic": request.clinic,
        "form": form,
        "draft": draft,
        "panel": panel,
        "answers": answers,
        "left": sum(not answer.done for answer in answers),
        "on_call": on_call(request.clinic.pk),
        "more_open": form.more_stands,
        "is_minor": guardians.is_minor(born_on, timezone.localdate()),
        "guardian_open": form.guardian_open or guardians.is_asked(born_on, timezone.localdate(), relation),
    }
