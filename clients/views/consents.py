"""A person's consents: the list, writing one down, signing, taking it back; and the privacy officer's list."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.consents import ConsentForm, HoldForm, NoticeForm, RevokeForm, SignForm
from clients.models import Client, Consent, Disclosure, Restriction
from clients.rules.consent_terms import INSIDE, LABELS, Kind, State
from clients.rules.consents import Effect, Revocation
from clients.rules.disclosure import PRESENCE_ANSWER
from clients.selectors import consents as selectors
from clients.selectors.consents import CAPTURE, HOLD, VIEW
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.selectors.people import permits
from clients.services import consents
from clients.views.persons import find_person
from clinics import audit, drafts, paging, repeat
from clinics.access import find_permitted, require
from clinics.sign_in_again import reauthentication_required
from clinics.versions import Stale

DISCLOSE, ACCOUNT = "clinics.disclose_record", "clinics.view_disclosure"


def consent_list(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """List a person's consents, the notice they were given, and what is kept back; who only captures sees no text."""
    user = request.user
    client = find_permitted(Client, user, VIEW_PERSON, public_id=public_id, purpose="care")
    client.clinic = request.clinic
    may_view, may_capture, may_disclose, may_account = permits(client, user, VIEW, CAPTURE, DISCLOSE, ACCOUNT)
    if not (may_view or may_capture):
        raise PermissionDenied(VIEW)
    notice = selectors.notice_of(client)
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": selectors.consents_of(client, timezone.now()),
        "notice": notice,
        "notice_form": NoticeForm() if may_capture and (notice is None or notice.notice != consents.NOTICE) else None,
        "restrictions": _restrictions(client) if may_view else None,
        "presence": PRESENCE_ANSWER,
        "may_view": may_view,
        "may_capture": may_capture,
        "may_disclose": may_disclose,
        "may_account": may_account,
        "may_decide": user.may("clinics.decide_restriction", request.clinic.pk),
    }
    return TemplateResponse(request, "clients/consent_list.html", context)


def _restrictions(client: Client) -> Any:
    rows = Restriction.objects.filter(client__in=client.records).select_related("decided_by")
    return rows.order_by("-id")


@require_POST
def notice_give(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Record that the person was given the notice of confidentiality."""
    client = find_person(request, public_id, CAPTURE)
    form = NoticeForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("consent_list", clinic_slug, client.public_id)
    try:
        repeat.once(
            user=request.user, key=form.cleaned_data[repeat.FIELD], route=f"notice_give:{client.public_id}",
            body=repeat.form_body(request.POST),
            act=lambda: consents.give_notice(client=client, answer=form.cleaned_data["answer"], by=request.user),
        )  # fmt: skip
    except repeat.OtherBody as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The notice is recorded as given."))
    return redirect("consent_list", clinic_slug, client.public_id)


# --- writing one down -----------------------------------------------------------------------------------------------


def consent_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down a consent: first which kind, then what that kind says; or take over one that was signed on paper."""
    client = find_person(request, public_id, CAPTURE)
    kind = next((one for one in Kind if one == request.GET.get("kind")), None)
    if kind is None:
        groups = (
            (_("About care here"), [(one, LABELS[one]) for one in Kind if one in INSIDE]),
            (_("About telling somebody outside"), [(one, LABELS[one]) for one in Kind if one not in INSIDE]),
        )
        context = {"clinic": request.clinic, "client": client, "groups": groups}
        return TemplateResponse(request, "clients/consent_kinds.html", context)
    paper = request.GET.get("paper") == "1"
    key = f"consent_{'paper_' if paper else ''}{kind}:{client.public_id}"
    form = ConsentForm(request.POST if request.method == "POST" else None, kind=kind, paper=paper)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        try:
            outcome = _create_once(request, client, form, key)
        except consents.Incomplete as error:
            form.mend(error.problems)
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            return _after_creating(request, clinic_slug, outcome.object_id)
    elif form.is_bound and not paper:
        # Everything at once: what a field misses, and what only the rules see.
        form.mend(consents.lacking(client=client, terms=form.terms(), by=request.user))
    context = {
        "clinic": request.clinic,
        "client": client,
        "form": form,
        "draft": draft,
        "kind": kind,
        "label": LABELS[kind],
        "paper": paper,
        "fields": [field for field in form.visible_fields() if field.name not in _SIGNATURE],
        "signature": [form[name] for name in _SIGNATURE if name in form.fields],
        "back_url": reverse("consent_list", args=[clinic_slug, client.public_id]),
    }
    return TemplateResponse(request, "clients/consent_form.html", context, status=422 if form.errors else 200)


_SIGNATURE = ("text", "statements", "signer", "authority", "signed_name", "signed_on")


def _create_once(request: Any, client: Client, form: ConsentForm, key: str) -> repeat.Outcome:
    def act() -> Consent:
        if form.paper:
            return consents.record_paper(
                client=client, terms=form.terms(), paper=form.on_paper(), by=request.user, now=timezone.now()
            )
        return consents.draft_consent(client=client, terms=form.terms(), by=request.user)

    return repeat.once(
        user=request.user, key=form.cleaned_data[repeat.FIELD], route=key, body=repeat.form_body(request.POST), act=act
    )


def _after_creating(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    consent = Consent.objects.get(public_id=public_id)
    if consent.state == Consent.State.DRAFT:
        messages.success(request, _("The consent is written down. Have it read and signed."))
        return redirect("consent_sign", clinic_slug, public_id)
    if consent.state == Consent.State.INVALID:
        messages.warning(request, _("The paper is kept, but it is not valid: something is missing. See what below."))
    else:
        messages.success(request, _("The consent is kept and in force."))
    return redirect("consent_detail", clinic_slug, public_id)


# --- one consent ----------------------------------------------------------------------------------------------------


def _find(request: Any, public_id: str, right: str, *, purpose: str = "care") -> Consent:
    consent = find_permitted(
        Consent,
        request.user,
        right,
        view_perm=VIEW,
        public_id=public_id,
        purpose=purpose,
        related=("client", "witnessed_by"),
    )
    consent.clinic = request.clinic
    consent.client.clinic = request.clinic
    return consent


def _find_to_read(request: Any, public_id: str) -> Consent:
    """Return a consent that one may read: who only captures reads what is not signed yet."""
    try:
        return _find(request, public_id, VIEW)
    except Http404:
        consent = _find(request, public_id, CAPTURE)
        if consent.state != Consent.State.DRAFT:
            raise PermissionDenied(VIEW) from None
        return consent


def consent_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a consent: what it says, what it is worth now, what happened to it, and to whom something was told."""
    return _detail(request, _find_to_read(request, public_id))


def _detail(request: Any, consent: Consent, *, form: HoldForm | None = None, refused: str = "") -> HttpResponse:
    now, user = timezone.now(), request.user
    events = list(selectors.history_of(consent))
    shown = selectors.shown(consent, now, asked=selectors.still_asked(events))
    may_view, may_capture, may_hold, may_disclose, may_account = permits(
        consent.client, user, VIEW, CAPTURE, HOLD, DISCLOSE, ACCOUNT
    )
    context = {
        "clinic": request.clinic,
        "client": consent.client,
        "consent": consent,
        "shown": shown,
        "events": events if may_view else (),
        "told": _told(consent) if may_account else None,
        "form": form or HoldForm(initial={"version": consent.version}),
        "refused": refused,
        "may_sign": may_capture and shown.state is State.DRAFT,
        "may_revoke": may_capture and shown.state in (State.ACTIVE, State.ON_HOLD),
        "may_hold": may_hold and shown.state in (State.ACTIVE, State.ON_HOLD),
        "may_disclose": may_disclose and shown.state is State.ACTIVE and Kind(consent.kind) not in INSIDE,
        "may_end": may_capture and consent.expiry_event and shown.state in (State.ACTIVE, State.ON_HOLD),
    }
    status = 422 if refused or (form is not None and form.errors) else 200
    return TemplateResponse(request, "clients/consent_detail.html", context, status=status)


def _told(consent: Consent) -> Any:
    return Disclosure.objects.filter(consent=consent).select_related("made_by").order_by("-made_at")[:50]


@reauthentication_required
def consent_sign(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Have a consent read and signed on this device, with oneself as witness; its text is final from there."""
    consent = _find(request, public_id, CAPTURE)
    if consent.state != Consent.State.DRAFT:
        messages.info(request, _("This consent is signed already."))
        return redirect("consent_list", clinic_slug, consent.client.public_id)
    form = SignForm(request.POST if request.method == "POST" else None, initial={"version": consent.version})
    if form.is_valid():
        data = form.cleaned_data
        try:
            consents.sign_consent(
                consent=consent, version=data["version"], signer=data["signer"], signed_name=data["signed_name"],
                authority=data["authority"], by=request.user, now=timezone.now(),
            )  # fmt: skip
        except consents.Incomplete as error:
            for problem in error.problems:
                form.add_error(problem.element if problem.element in form.fields else None, problem.sentence)
        except (consents.NotADraft, Stale) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The consent is signed and in force."))
            return redirect("consent_list", clinic_slug, consent.client.public_id)
    context = {
        "clinic": request.clinic,
        "client": consent.client,
        "consent": consent,
        "shown": selectors.shown(consent, timezone.now()),
        "form": form,
        "back_url": reverse("consent_list", args=[clinic_slug, consent.client.public_id]),
    }
    return TemplateResponse(request, "clients/consent_sign.html", context, status=422 if form.is_bound else 200)


@require_POST
def consent_discard(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Set aside a consent that nobody signed."""
    consent = _find(request, public_id, CAPTURE)
    client = consent.client
    try:
        consents.discard_draft(consent=consent, by=request.user)
    except consents.NotADraft as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The consent is set aside. Nobody had signed it."))
    return redirect("consent_list", clinic_slug, client.public_id)


def consent_revoke(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take in a wish to revoke: spoken it holds the consent at once, in writing it ends it."""
    consent = _find(request, public_id, CAPTURE)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    key = f"consent_revoke:{consent.public_id}"
    if form.is_valid():
        try:
            answer = _revoke_once(request, consent, form, key)
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            if answer is not None:
                level = messages.warning if answer.effect in (Effect.KEPT, Effect.NONE) else messages.success
                level(request, answer.sentence)
            return redirect("consent_list", clinic_slug, consent.client.public_id)
    context = {
        "clinic": request.clinic,
        "client": consent.client,
        "consent": consent,
        "shown": selectors.shown(consent, timezone.now()),
        "form": form,
        "told": _told(consent) if permits(consent.client, request.user, ACCOUNT)[0] else None,
        "back_url": reverse("consent_list", args=[clinic_slug, consent.client.public_id]),
    }
    return TemplateResponse(request, "clients/consent_revoke.html", context, status=422 if form.is_bound else 200)


def _revoke_once(request: Any, consent: Consent, form: RevokeForm, key: str) -> Revocation | None:
    """Do what the wish asks for, once; None when the same form was sent before."""
    data, said = form.cleaned_data, []

    def act() -> Consent:
        said.append(
            consents.ask_to_revoke(
                consent=consent, written=data["how"] == "written", note=data["note"], by=request.user,
                now=timezone.now(),
            )
        )  # fmt: skip
        return consent

    repeat.once(user=request.user, key=data[repeat.FIELD], route=key, body=repeat.form_body(request.POST), act=act)
    return said[0] if said else None


@require_POST
def consent_hold(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Put a consent on hold, let it go on, or find it not valid: the privacy officer, with a reason."""
    consent = _find(request, public_id, HOLD)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _detail(request, consent, form=form)
    acts = {"hold": consents.hold, "resume": consents.resume, "find_invalid": consents.find_invalid}
    try:
        if form.cleaned_data["version"] != consent.version:
            raise Stale(consent)
        act = acts[form.cleaned_data["act"]]
        act(consent=consent, note=form.cleaned_data["note"], by=request.user, now=timezone.now())
    except (consents.NotNow, Stale) as error:
        form.add_error("note" if isinstance(error, consents.NotNow) else None, str(error))
        return _detail(request, consent, form=form, refused=str(error))
    messages.success(request, _("It is done. Nothing was told to anybody by this."))
    return redirect("consent_detail", clinic_slug, consent.public_id)


@require_POST
def consent_event(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Record that the event has happened with which a consent ends."""
    consent = _find(request, public_id, CAPTURE)
    try:
        consents.event_occurred(consent=consent, by=request.user, now=timezone.now())
    except consents.NotNow as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The consent has ended. It permits nothing from now on."))
    return redirect("consent_list", clinic_slug, consent.client.public_id)


# --- the privacy officer's list -------------------------------------------------------------------------------------


def consent_work(request: Any, clinic_slug: str) -> HttpResponse:
    """List the consents that somebody must look at: held, asked to be revoked, ended or ending, not valid."""
    require(request.user, HOLD)
    now = timezone.now()
    page = paging.page_or_404(request, selectors.to_look_after(request.user, now), ("id",))
    audit.listed("consent", [one.client_id for one in page.rows], purpose="privacy")
    rows = []
    for consent in page.rows:
        consent.clinic = request.clinic
        one = selectors.shown(consent, now, asked=consent.asked)
        rows.append((one, selectors.why_waiting(one), selectors.days_left(one, now)))
    before_url, after_url = page.urls(request)
    context = {"clinic": request.clinic, "rows": rows, "before_url": before_url, "after_url": after_url}
    return TemplateResponse(request, "clients/consent_work.html", context)
