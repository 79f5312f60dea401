"""Exercises that are worked out together: writing one, its revisions, and the person's own copy."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from clients.forms.exercises import ExerciseForm, NeutralForm
from clients.models import ChangeTarget, Client, Exercise, Printout
from clients.models.people import person_of
from clients.rules import exercises as rules
from clients.rules.exercises import Kind, Wrong
from clients.selectors import exercises as selectors
from clients.selectors.motivation import CHANGE, SEES_MANDATES, VIEW, find_standing
from clients.selectors.people import permits
from clients.selectors.printing import exercise_page
from clients.services import exercises
from clients.services.targets import SetAside
from clients.views.persons import find_person
from clients.views.printouts import ask_on_page, panel
from clients.views.revisions import write_anew
from clients.views.targets import find_target
from clinics import drafts
from clinics.access import find_permitted


def exercise_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show one revision of an exercise as it was written, and list the others."""
    exercise = _find(request, public_id)
    client, kind = person_of(exercise), selectors.kind_of(exercise)
    others = list(selectors.written(client, kind, exercise.target).defer("content"))
    content = selectors.content_of(exercise)
    may_write = permits(client, request.user, CHANGE)[0]
    discrepancy = rules.discrepancy(content) if kind is Kind.VALUES else None
    context = {
        "clinic": request.clinic,
        "client": client,
        "exercise": exercise,
        "pieces": selectors.shown(exercise),
        "others": [one for one in others if one.pk != exercise.pk],
        "newest": others[0],
        "is_newest": others[0].pk == exercise.pk,
        "may_write": may_write and (exercise.target is None or exercise.target.is_active),
        "write_url": _write_url(request, client, kind, exercise.target),
        "discrepancy": discrepancy,
        "discrepancy_text": f"{float(discrepancy.value):.1f}" if discrepancy and discrepancy.value is not None else "",
        "smaller": rules.asks_for_smaller_step(content),
    }
    return TemplateResponse(request, "clients/exercise_detail.html", context)


def _find(request: Any, public_id: str) -> Exercise:
    exercise = find_permitted(
        Exercise, request.user, VIEW, public_id=public_id, purpose="care",
        related=("client__merged_into", "target", "made_by"),
    )  # fmt: skip
    exercise.clinic = exercise.client.clinic = request.clinic
    return exercise


def _write_url(request: Any, client: Client, kind: Kind, target: ChangeTarget | None) -> str:
    routes = {Kind.BALANCE: "target_balance", Kind.CHANGE_PLAN: "target_change_plan"}
    if target is None:
        return reverse("client_values", args=[request.clinic.slug, client.public_id])
    return reverse(routes[kind], args=[request.clinic.slug, target.public_id])


def target_balance(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """
    Weigh both sides of one change.

    Where somebody is still deciding, it opens only once a neutral choice is confirmed: it may make the change less
    wanted.
    """
    target = find_target(request, public_id, CHANGE)
    client = person_of(target)
    now = find_standing(target)
    if not rules.needs_neutral(now.suggested.intensity):
        return _write(request, client, Kind.BALANCE, target, neutral=False)
    if request.method != "POST":
        gate = NeutralForm(request.GET if "open" in request.GET else None)
        if not gate.is_valid():
            context = {
                "clinic": request.clinic,
                "client": client,
                "target": target,
                "form": gate,
                "now": now,
                "caution": rules.CAUTION,
                "instead": rules.INSTEAD,
                "sees_mandates": permits(target.client, request.user, SEES_MANDATES)[0],
                "back_url": _room(request, client),
            }
            return TemplateResponse(
                request, "clients/balance_caution.html", context, status=422 if gate.is_bound else 200
            )
    return _write(request, client, Kind.BALANCE, target, neutral=True)


def target_change_plan(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write a plan for one change together."""
    target = find_target(request, public_id, CHANGE)
    return _write(request, person_of(target), Kind.CHANGE_PLAN, target)


def client_values(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down what matters most to a person, and how far they live by it."""
    return _write(request, find_person(request, public_id, CHANGE), Kind.VALUES, None)


def _room(request: Any, client: Client) -> str:
    return reverse("client_motivation", args=[request.clinic.slug, client.public_id])


def _write(
    request: Any, client: Client, kind: Kind, target: ChangeTarget | None, *, neutral: bool = False
) -> HttpResponse:
    """Write one exercise: a new revision, beginning with what the last one says."""
    key = f"exercise_{kind.value}:{(target or client).public_id}"
    newest = selectors.newest(client, kind, target)
    form = ExerciseForm(
        request.POST if request.method == "POST" else None, kind=kind, neutral=neutral,
        initial=ExerciseForm.stored(newest, kind),
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if neutral:
        form.initial = {**form.initial, "meant": True, "purpose": rules.NEUTRAL}
    written = write_anew(
        request, form, key=key, stored=lambda row: ExerciseForm.stored(row, kind), refusals=(Wrong, SetAside),
        act=lambda: exercises.write(
            client=client, kind=kind, target=target, seen=form.seen, content=form.entered(), by=request.user,
            now=timezone.now(), **form.beside(),
        ),
    )  # fmt: skip
    if written:
        return _written(request, client, kind, target)
    context = {
        "clinic": request.clinic,
        "client": client,
        "target": target,
        "kind": kind.value,
        "form": form,
        "draft": draft,
        "caution": rules.CAUTION if neutral else "",
        "back_url": _room(request, client),
    }
    return TemplateResponse(request, "clients/exercise_form.html", context, status=422 if form.is_bound else 200)


def _written(request: Any, client: Client, kind: Kind, target: ChangeTarget | None) -> HttpResponse:
    newest = selectors.newest(client, kind, target)
    messages.success(request, _("It is saved. What stood before is kept as an older revision."))
    if newest is not None and rules.asks_for_smaller_step(selectors.content_of(newest)):
        messages.info(request, _("Confidence is under 7. Look together for a smaller step."))
    return redirect(_room(request, client) if newest is None else _page_of(request, newest))


def _page_of(request: Any, exercise: Exercise) -> str:
    return reverse("exercise_detail", args=[request.clinic.slug, exercise.public_id])


@never_cache
def exercise_print(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """
    Show an exercise as the person's own copy: no name, no clinic, nothing that tells where it was written.

    One that they keep off what is printed is not shown here. The copy is theirs, so it is no disclosure to anybody; the
    trail says that it was printed. A POST asks for its PDF.
    """
    exercise = _find(request, public_id)
    if exercise.is_private:
        messages.info(request, _("The person keeps this off everything that is printed."))
        return redirect(_page_of(request, exercise))
    if request.method == "POST":
        return ask_on_page(request, Printout.Kind.EXERCISE, exercise)
    exercises.printed(exercise=exercise, by=request.user)
    context = {**exercise_page(exercise), "printout": panel(request, Printout.Kind.EXERCISE, exercise)}
    return TemplateResponse(request, "clients/exercise_print.html", context)
