"""One inquiry: what was said, how they may be reached, each attempt, each step, and what holds it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.inquiries import STEPS, AttemptForm, MoveForm
from clients.models import ContactAttempt, Inquiry, SafetyConcern, Task
from clients.rules import contact, transitions
from clients.rules.dates import ImpossibleDate
from clients.rules.safety import Level
from clients.rules.transitions import LABELS, REASON_LABELS, IllegalMove, Move, Status
from clients.selectors import circumstances, guards, people
from clients.selectors import inquiry as selectors
from clients.selectors.beside import beside
from clients.selectors.pathway import pathway_of
from clients.selectors.standing import moment, put_off_until, standing, suggestion
from clients.selectors.triage import due_of
from clients.services import inquiries
from clinics import audit, drafts, repeat
from clinics.access import find_permitted
from clinics.roles import Reach

CHANGE, VIEW = "clinics.change_inquiry", "clinics.view_inquiry"
SHOWN_WITH = ("client", "master", "organisation", "program")
# A day that stands for the one still to be agreed on, so that the step is offered and asks for it.
ANY_DAY = timedelta(days=1)
MOST_ALIKE = 10
# Steps with a page of their own, which says what they need.
ON_THE_WAY = frozenset({Status.WAITLISTED, Status.ADMITTED})


def inquiry_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show an inquiry to whoever works with it, or only reads it."""
    inquiry = _to_read(request, public_id)
    return _page(request, inquiry)


@require_POST
def inquiry_attempt(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Log one attempt to reach the caller. It stands as it was logged."""
    inquiry = _to_change(request, public_id)
    form = AttemptForm(request.POST, clinic=request.clinic, unsafe=selectors.is_unsafe(inquiry))
    if form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        try:
            repeat.once(
                user=request.user, key=data[repeat.FIELD], route=f"inquiry_attempt:{inquiry.public_id}",
                body=repeat.form_body(request.POST),
                act=lambda: inquiries.log_attempt(
                    inquiry=inquiry, method=data["method"], outcome=data["outcome"], direction=data["direction"],
                    spoke_with=data["spoke_with"] or "other", note=data["note"], by=request.user, now=now,
                    by_safe_way=data["by_safe_way"],
                    call_again_at=_call_again_at(inquiry, data, now),
                ),
            )  # fmt: skip
        except contact.NotAllowed as error:
            form.add_error("outcome", str(error))
        except (repeat.OtherBody, PastCall) as error:
            form.add_error("again_on" if isinstance(error, PastCall) else None, str(error))
        else:
            drafts.settle(user=request.user, key=_draft_key(inquiry))
            messages.success(request, _("The attempt is logged."))
            return redirect("inquiry_detail", clinic_slug, inquiry.public_id)
    return _page(request, inquiry, attempt_form=form, status=422)


@require_POST
def inquiry_move(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take one step; one that is not legal now is answered with those that are."""
    inquiry = _to_change(request, public_id)
    try:
        to = Status(request.POST.get("to", ""))
    except ValueError:
        return _page(request, inquiry, refused=_("Choose one of the steps below."), status=422)
    # Held until the answer is made, so that nobody moves it between the look and the step.
    inquiry = Inquiry.objects.select_for_update(of=("self",)).select_related(*SHOWN_WITH).get(pk=inquiry.pk)
    inquiry.clinic = request.clinic
    alike = _alike(inquiry)
    moves = _moves(inquiry, None, alike)
    move = next((move for move in moves if move.target is to), Move(to, "", ()))
    form = MoveForm(request.POST, move=move, alike=alike)
    if not form.is_valid():
        return _page(request, inquiry, move_form=form, status=422)
    data = form.cleaned_data

    def act() -> Inquiry:
        if data["origin"] and data["origin"] != inquiry.status:
            words = _("This inquiry moved in the meantime. It is now “%(status)s”.")
            legal = tuple(move.target for move in moves if move.holds)
            status = Status(inquiry.status)
            raise IllegalMove(status, to, legal, words % {"status": LABELS[status]})
        return inquiries.move_inquiry(
            inquiry=inquiry, to=to, by=request.user, now=timezone.now(), reason=data.get("reason", ""),
            note=data["note"], follow_up_on=data.get("follow_up_on"),
            master=next((one for one in alike if str(one.public_id) == data.get("master")), None),
        )  # fmt: skip

    try:
        repeat.once(
            user=request.user, key=data[repeat.FIELD], route=f"inquiry_move:{inquiry.public_id}",
            body=repeat.form_body(request.POST), act=act,
        )  # fmt: skip
    except IllegalMove as error:
        return _page(request, inquiry, refused=str(error), move_form=form, status=409)
    except ImpossibleDate as error:
        form.add_error(error.field, str(error))
        return _page(request, inquiry, move_form=form, status=422)
    except repeat.OtherBody as error:
        return _page(request, inquiry, refused=str(error), move_form=form, status=422)
    messages.success(request, _("Now: %(status)s.") % {"status": LABELS[to]})
    return redirect("inquiry_detail", clinic_slug, inquiry.public_id)


# --- who may --------------------------------------------------------------------------------------------------------


def _to_read(request: Any, public_id: str) -> Inquiry:
    """
    Return an inquiry whose words the person may read.

    The right to see inquiries is an administrator's for the operational face in the admin; what was said is for those
    who may also see the person, as far as that right reaches.
    """
    user = request.user
    inquiry = find_permitted(Inquiry, user, VIEW, related=SHOWN_WITH, public_id=public_id)
    everybody = Reach.CLINIC in user.reaches(people.VIEW, request.clinic.pk)
    if not everybody and not Inquiry.objects.permitted(user, people.VIEW).filter(pk=inquiry.pk).exists():
        raise PermissionDenied(VIEW)
    audit.viewed(inquiry, purpose="care")
    inquiry.clinic = request.clinic
    return inquiry


def _to_change(request: Any, public_id: str) -> Inquiry:
    inquiry = find_permitted(
        Inquiry, request.user, CHANGE, view_perm=VIEW, related=SHOWN_WITH, public_id=public_id, purpose="care"
    )
    inquiry.clinic = request.clinic
    return inquiry


# --- the page -------------------------------------------------------------------------------------------------------


class PastCall(ValueError):
    """A call cannot be planned for a time that is over."""

    def __init__(self) -> None:
        super().__init__(_("This time is over. Choose one that is still to come."))


def _call_again_at(inquiry: Inquiry, data: dict[str, Any], now: Any) -> Any:
    """Return when to call again, as chosen; a suggestion is for a working number on which nobody was reached."""
    if data["again"] == "at":
        if data["call_again_at"] <= now:
            raise PastCall
        return data["call_again_at"]
    done_with = contact.LIVE | contact.NUMBER_IS_NO_USE | {"refused"}
    if data["again"] == "no" or data["outcome"] in done_with or data["direction"] == "inbound":
        return None
    tried = list(inquiry.attempts.filter(direction="outbound").values_list("at", flat=True))
    following = suggestion(inquiry, [*tried, now], ZoneInfo(inquiry.clinic.time_zone))
    return following.at if following else None


def _alike(inquiry: Inquiry) -> list[Inquiry]:
    """Return the inquiries that this one may repeat, where it can still be joined to one."""
    if Status.DUPLICATE not in transitions.EDGES[Status(inquiry.status)]:
        return []
    return list(guards.alike(inquiry)[:MOST_ALIKE])


def _moves(inquiry: Inquiry, logged: Sequence[ContactAttempt] | None, alike: Sequence[Inquiry]) -> Sequence[Move]:
    """
    Return the steps from here.

    Each is offered as it will be asked: with the person's no, an agreed day, and one of those alike.
    """
    known = guards.facts(
        inquiry, now=timezone.now(), says_no=True, follow_up_on=timezone.localdate() + ANY_DAY, logged=logged,
        has_master=bool(alike),
    )  # fmt: skip
    here, ways = Status(inquiry.status), list(Status)
    moves = transitions.legal_moves(here, known)
    # Onwards first, so that the first button is the way on; a way back or out stands behind it.
    return sorted(
        moves, key=lambda move: move.target not in transitions.ACTIVE or ways.index(move.target) < ways.index(here)
    )


def _draft_key(inquiry: Inquiry) -> str:
    return f"inquiry_attempt:{inquiry.public_id}"


def _page(
    request: Any,
    inquiry: Inquiry,
    *,
    attempt_form: AttemptForm | None = None,
    move_form: MoveForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    user, clinic, now = request.user, request.clinic, timezone.now()
    zone = ZoneInfo(clinic.time_zone)
    may_change = user.may(CHANGE, clinic.pk)
    attempts = list(inquiry.attempts.select_related("by").order_by("-at", "-id"))
    tried = sorted(one.at for one in attempts if one.direction == "outbound")
    answered = any(_is_answer(one) for one in attempts)
    ways = guards.ways(inquiry, answered)
    is_open = inquiry.status in transitions.ACTIVE
    tasks = list(Task.objects.filter(inquiry=inquiry, done_at=None).order_by("due_at", "pk"))
    concerns, review, raised = _concerns(user, inquiry)
    opens = _opens(user, inquiry)
    context: dict[str, Any] = {
        "clinic": clinic,
        "inquiry": inquiry,
        "number": selectors.number_of(inquiry),
        "may_change": may_change,
        "opens_client": opens,
        "beside": beside(inquiry.client) if opens and inquiry.client is not None else None,
        "standing": standing(inquiry, tried, now, zone, put_off_until=put_off_until(tasks, now)) if is_open else None,
        "rules": selectors.contact_rules(inquiry),
        "way": selectors.way_to_try(inquiry, ways),
        "about": circumstances.of_person(inquiry),
        "sessions": circumstances.of_assistance(inquiry),
        "line": circumstances.of_line(inquiry),
        "told_back": circumstances.of_telling_back(inquiry),
        "guardian": circumstances.of_guardian(inquiry, timezone.localdate()),
        "unsafe": selectors.is_unsafe(inquiry),
        "attempts": [(one, selectors.lasted(one.seconds)) for one in attempts],
        "due": due_of(inquiry, now, raised),
        "history": _history(inquiry),
        "tasks": [task for task in tasks if task.kind != Task.Kind.SAFETY],
        "concerns": [(one, selectors.sentence_of(one, inquiry)) for one in concerns],
        "may_review": review,
        "is_now": any(one.level == Level.S3 for one in concerns),
        "pathway": pathway_of(inquiry, user, now),
        "refused": refused,
        "page_error": bool(refused or status != 200),
    }
    if may_change:
        alike = _alike(inquiry)
        moves = _moves(inquiry, attempts, alike)
        form = attempt_form or AttemptForm(
            clinic=clinic, unsafe=selectors.is_unsafe(inquiry), initial={"method": next(iter(ways), "phone")}
        )
        context |= {
            "form": attempt_form,
            "attempt_form": form,
            "draft": drafts.open_into(form, user=user, clinic=clinic, key=_draft_key(inquiry)),
            "suggested": _suggested(inquiry, tried, now, zone),
            "scripts": selectors.scripts(inquiry, user, clinic),
            "steps": _steps(inquiry, moves, move_form, alike),
            "missing": [
                (STEPS[move.target], move.missing) for move in moves if not move.holds and move.target not in ON_THE_WAY
            ],
            "legal": [STEPS[move.target] for move in moves if move.holds],
            "move_form": move_form if status == 422 else None,
        }
    if concerns and (may_change or review):
        context["hand_over"] = True
    return TemplateResponse(request, "clients/inquiry_detail.html", context, status=status)


def _is_answer(attempt: ContactAttempt) -> bool:
    """Tell whether somebody answered a call of ours."""
    return attempt.direction == "outbound" and attempt.method == "phone" and attempt.outcome in contact.LIVE


def _opens(user: Any, inquiry: Inquiry) -> bool:
    """Tell whether the person's own page opens for who looks."""
    if inquiry.client is None:
        return False
    everybody = Reach.CLINIC in user.reaches(people.VIEW, inquiry.clinic_id)
    return everybody or people.permits(inquiry.client, user, people.VIEW)[0]


def _steps(
    inquiry: Inquiry, moves: Sequence[Move], posted: MoveForm | None, alike: Sequence[Inquiry]
) -> list[MoveForm]:
    """Return a form for each step that may be taken now, the one that was posted with what was typed."""
    return [
        posted
        if posted is not None and posted.errors and posted.move.target is move.target
        else MoveForm(move=move, alike=alike, initial={"origin": inquiry.status, "to": move.target})
        for move in moves
        if move.holds
    ]


def _suggested(inquiry: Inquiry, tried: list[Any], now: Any, zone: ZoneInfo) -> str:
    following = suggestion(inquiry, [*tried, now], zone)
    return moment(following.at, now, zone) if following else ""


def _history(inquiry: Inquiry) -> list[dict[str, Any]]:
    moves = inquiry.moves.select_related("by").order_by("-pk")
    return [
        {
            "to": LABELS[Status(move.to)], "at": move.at, "by": move.by, "note": move.note,
            "reason": REASON_LABELS.get(move.reason, move.reason),
        }
        for move in moves
    ]  # fmt: skip


def _concerns(user: Any, inquiry: Inquiry) -> tuple[list[SafetyConcern], bool, list[str]]:
    """Return the open concerns that the person may see, whether they review them, and the levels of all there are."""
    seen = Exists(selectors.open_concerns(user).filter(pk=OuterRef("pk")))
    raised = SafetyConcern.objects.filter(inquiry=inquiry).annotate(seen=seen).select_related("handed_to")
    rows = list(raised.order_by("-level", "due_at", "pk"))
    concerns, levels = [one for one in rows if one.seen], [one.level for one in rows]
    if not concerns or not user.reaches("clinics.resolve_safety", inquiry.clinic_id):
        return concerns, False, levels
    mine = SafetyConcern.objects.permitted(user, "clinics.resolve_safety").filter(inquiry=inquiry, reviewed_at=None)
    return concerns, mine.exists(), levels
