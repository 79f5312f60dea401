"""The world's rows about care: measures, stages, exercises, and a plan in force with the draft of its next version."""

import base64
import hashlib
import json
from datetime import date, timedelta
from typing import Any

from clients.models import (
    Appointment,
    BlockDecision,
    ChangeReason,
    ChangeTarget,
    Client,
    Craving,
    Episode,
    Exercise,
    Goal,
    GoalReview,
    IntensityChoice,
    Intervention,
    Lapse,
    LintDismissal,
    MeasureLink,
    MeasureResponse,
    MeasureSchedule,
    MeasureScore,
    Objective,
    PlanReview,
    PlanSignature,
    PlanVersion,
    Printout,
    Problem,
    RelapsePlan,
    StageRating,
    Strength,
    TreatmentPlan,
)
from clinics.models import InstrumentAttestation, InstrumentVersion, Job, User
from tests.world_rows import NOW

CONTENT = "0" * 64


def measured(client: Client, therapist: User, mark: str) -> dict[str, Any]:
    """Return answers to a measure with a score, when it is due again, a link to it, and leave to use another."""
    clinic, instrument = client.clinic, InstrumentVersion.objects.get(key="phq9")
    answers = {f"P{number}": value for number, value in enumerate((2, 2, 1, 1, 1, 0, 1, 0, 0), 1)}
    response = MeasureResponse.objects.create(
        clinic=clinic, client=client, instrument=instrument, source="clinician", taken_on=(NOW - timedelta(days=9)).date(),
        taken_at=NOW - timedelta(days=9), taken_by=therapist, answers=answers, complete=True,
    )  # fmt: skip
    return {
        "response": response,
        "score": MeasureScore.objects.create(
            clinic=clinic, response=response, score_key="total", value=8, band="mild", engine_version="world"
        ),
        "schedule": MeasureSchedule.objects.create(
            clinic=clinic, client=client, key="phq9", every_days=30, next_due_on=(NOW + timedelta(days=21)).date(),
            started_by=therapist,
        ),
        "measure_link": MeasureLink.objects.create(
            clinic=clinic, client=client, instrument=instrument, made_by=therapist,
            digest=hashlib.sha256(f"measure-{clinic.slug}".encode()).digest(), expires_at=NOW + timedelta(days=36_500),
        ),
        "attestation": InstrumentAttestation.objects.create(
            clinic=clinic, key="audit", statement=f"{mark} statement",
            attested_by=User.objects.get(email=f"administrator@{clinic.slug}.example"),
        ),
    }  # fmt: skip


def moved(target: ChangeTarget, therapist: User, mark: str) -> dict[str, Any]:
    """Return a stage of the target, and that a clinician works otherwise than the rule suggests."""
    about = {"clinic": target.clinic, "client": target.client, "target": target}
    return {
        "stage": StageRating.objects.create(
            **about, stage="con", basis="interview", rated_on=(NOW - timedelta(days=9)).date(), rated_by=therapist
        ),
        "intensity": IntensityChoice.objects.create(
            **about, suggested="high_evoke", chosen="low_plan", reason=f"{mark} other way", chosen_by=therapist
        ),
    }


def worked_out(target: ChangeTarget, appointment: Appointment, therapist: User, mark: str) -> dict[str, Any]:
    """Return one exercise, a reason, a strength, the plan for return to use, a craving, and a return to use."""
    of_client = {"clinic": target.clinic, "client": target.client}
    cells = {
        "good_now": [{"text": f"{mark} cell", "weight": 4}],
        "less_good_now": [],
        "good_change": [],
        "less_good_change": [],
    }
    trigger = {"category": "conflict", "text": f"{mark} trigger", "risk": 8, "confidence": 3}
    return {
        "exercise": Exercise.objects.create(
            **of_client, target=target, kind="balance", revision=1, content=json.dumps(cells), purpose="neutral_choice",
            made_by=therapist,
        ),
        "reason": ChangeReason.objects.create(
            **of_client, target=target, text=f"{mark} reason", source="family", is_own=True, strength=7,
            first_said_on=NOW.date(), made_by=therapist,
        ),
        "strength": Strength.objects.create(
            **of_client, kind="affirmation", named_by="therapist", text=f"{mark} strength", appointment=appointment,
            made_by=therapist,
        ),
        "relapse_plan": RelapsePlan.objects.create(
            **of_client, revision=1, parts=json.dumps({"triggers": [trigger]}), complete=False, made_by=therapist
        ),
        "craving": Craving.objects.create(
            **of_client, felt_at=NOW - timedelta(days=2), intensity=6, used=False, situation=f"{mark} situation",
            recorded_by=therapist,
        ),
        "lapse": Lapse.objects.create(
            **of_client, target=target, happened_on=(NOW - timedelta(days=40)).date(), situation=f"{mark} lapse",
            review_due_on=(NOW - timedelta(days=33)).date(), recorded_by=therapist,
        ),
    }  # fmt: skip


def planned(episode: Episode, target: ChangeTarget, therapist: User, mark: str) -> dict[str, Any]:
    """Return a plan in force, signed by the author and the person, reviewed once, and the draft of its next version."""
    clinic, client = episode.clinic, episode.client
    plan = TreatmentPlan.objects.create(clinic=clinic, client=client, episode=episode, created_by=therapist)
    version = PlanVersion.objects.create(clinic=clinic, client=client, plan=plan, number=1, author=therapist)
    parts = _parts(version, target, therapist, mark)
    PlanVersion.objects.filter(pk=version.pk).update(state="in_review", content_hash=CONTENT, submitted_at=NOW)
    signatures = [
        PlanSignature.objects.create(
            clinic=clinic, plan_version=version, capacity=capacity, user=user, printed_name=f"{mark} Name",
            method=method, content_hash=CONTENT, recorded_by=therapist,
        )
        for capacity, user, method in (("author", therapist, "signed_in"), ("client", None, "device"))
    ]  # fmt: skip
    PlanVersion.objects.filter(pk=version.pk).update(state="active", activated_at=NOW)
    version.refresh_from_db()
    review = PlanReview.objects.create(clinic=clinic, client=client, plan=plan, due_on=NOW.date())
    goal_review = GoalReview.objects.create(
        clinic=clinic, review=review, goal=parts["goal"], progress=40, status="active", comment=f"{mark} comment"
    )
    PlanReview.objects.filter(pk=review.pk).update(held_on=NOW.date(), held_by=therapist, decision="continue")
    review.refresh_from_db()
    due = PlanReview.objects.create(clinic=clinic, client=client, plan=plan, due_on=(NOW + timedelta(days=90)).date())
    draft = PlanVersion.objects.create(clinic=clinic, client=client, plan=plan, number=2, author=therapist)
    drafted = _parts(draft, target, therapist, mark)
    return {
        "plan": plan, "plan_version": version, "plan_signature": signatures[0], "plan_review": review,
        "block_decision": BlockDecision.objects.create(
            clinic=clinic, client=client, plan=plan, lineage=parts["intervention"].lineage, decision="extend",
            sessions=2, reason=f"{mark} extended", decided_by=therapist,
        ),
        "goal_review": goal_review, "review_due": due, "plan_draft": draft,
        **{f"signed_{name}": part for name, part in parts.items()}, **drafted,
        "dismissal": LintDismissal.objects.create(
            clinic=clinic, plan_version=draft, code="no_strength", reason=f"{mark} dismissed", dismissed_by=therapist
        ),
    }  # fmt: skip


def printed(version: PlanVersion, job: Job, therapist: User, mark: str) -> dict[str, Any]:
    """Return the version as PDF, ready for the therapist who asked for it."""
    return {
        "printout": Printout.objects.create(
            clinic=version.clinic, client=version.client, kind="plan", of=version.public_id, job=job, asked_by=therapist,
            asked_at=NOW + timedelta(days=36_500), ready_at=NOW, pages=1,
            body=base64.b64encode(f"%PDF-1.7 {mark} printed".encode()).decode(),
        )
    }  # fmt: skip


def _parts(version: PlanVersion, target: ChangeTarget, therapist: User, mark: str) -> dict[str, Any]:
    """Return one part of each kind of a version, each under the one before."""
    of = {"clinic": version.clinic, "plan_version": version}
    problem = Problem.objects.create(
        **of, text=f"{mark} problem", client_words=f"{mark} words", evidence="statement", priority=1
    )
    goal = Goal.objects.create(**of, problem=problem, target=target, text=f"{mark} goal", proposed_by="together")
    objective = Objective.objects.create(
        **of, goal=goal, text=f"{mark} objective", metric=f"{mark} metric", baseline=5, target_value=2,
        unit="days a week", by_on=date(2027, 1, 31), achievable=True,
    )  # fmt: skip
    intervention = Intervention.objects.create(
        **of, objective=objective, modality="mi", does="evoke", who=therapist, times=1, per="week", minutes=50,
        starts_on=date(2026, 11, 1), block_sessions=4,
    )  # fmt: skip
    return {"problem": problem, "goal": goal, "objective": objective, "intervention": intervention}
