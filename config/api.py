"""/api/v1/: the one list of endpoints. Released fields are only added to; a break is v2."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from analytics.api import views as analytics
from clients.api import (
    admission,
    concerns,
    consents,
    inquiries,
    mandates,
    measures,
    merging,
    payers,
    plans,
    referrals,
    safety_plans,
    targets,
)
from clients.api import views as clients
from clinics.api import clinic_views as clinics
from config.api_docs import api_docs
from sessions.api import views as sessions

clinic_endpoints = [
    path("", clinics.ClinicDetail.as_view(), name="api-clinic"),
    path("people/", clinics.MemberList.as_view(), name="api-people"),
    path("instruments/", clinics.InstrumentList.as_view(), name="api-instruments"),
    path("instruments/<str:public_id>/", clinics.InstrumentDetail.as_view(), name="api-instrument"),
    path("clients/", clients.ClientList.as_view(), name="api-clients"),
    path("clients/<str:public_id>/", clients.ClientDetail.as_view(), name="api-client"),
    path("inquiries/", inquiries.InquiryList.as_view(), name="api-inquiries"),
    path("inquiries/<str:public_id>/", inquiries.InquiryDetail.as_view(), name="api-inquiry"),
    path("inquiries/<str:public_id>/attempts/", inquiries.AttemptList.as_view(), name="api-inquiry-attempts"),
    path("inquiries/<str:public_id>/moves/", inquiries.MoveList.as_view(), name="api-inquiry-moves"),
    path("inquiries/<str:public_id>/bookings/", admission.AssessmentBooking.as_view(), name="api-bookings"),
    path("inquiries/<str:public_id>/decisions/", admission.DecisionList.as_view(), name="api-decisions"),
    path("inquiries/<str:public_id>/waiting/", admission.WaitingCreate.as_view(), name="api-waiting"),
    path("inquiries/<str:public_id>/admission/", admission.AdmissionOfInquiry.as_view(), name="api-admission"),
    path("assessments/", admission.AssessmentList.as_view(), name="api-assessments"),
    path("assessments/<str:public_id>/", admission.AssessmentDetail.as_view(), name="api-assessment"),
    path("waiting-list/", admission.WaitingList.as_view(), name="api-waiting-list"),
    path("waiting-list/<str:public_id>/offer/", admission.WaitingOffer.as_view(), name="api-waiting-offer"),
    path("safety-concerns/", concerns.ConcernList.as_view(), name="api-safety-concerns"),
    path(
        "safety-concerns/<str:public_id>/hand-over/", concerns.ConcernHandOver.as_view(), name="api-concern-hand-over"
    ),
    path("organisations/", referrals.OrganisationList.as_view(), name="api-organisations"),
    path("organisations/<str:public_id>/", referrals.OrganisationDetail.as_view(), name="api-organisation"),
    path("duplicates/", merging.DuplicateList.as_view(), name="api-duplicates"),
    path("merges/", merging.MergeList.as_view(), name="api-merges"),
    path("merges/<str:public_id>/undo/", merging.MergeUndo.as_view(), name="api-merge-undo"),
    path("consents/", consents.ConsentList.as_view(), name="api-consents"),
    path("consents/<str:public_id>/", consents.ConsentDetail.as_view(), name="api-consent"),
    path("mandates/", mandates.MandateList.as_view(), name="api-mandates"),
    path("mandates/<str:public_id>/", mandates.MandateDetail.as_view(), name="api-mandate"),
    path("mandates/<str:public_id>/end/", mandates.MandateEnd.as_view(), name="api-mandate-end"),
    path("mandates/<str:public_id>/reports/", mandates.MandateReports.as_view(), name="api-mandate-reports"),
    path("clients/<str:public_id>/targets/", targets.TargetsOfClient.as_view(), name="api-targets"),
    path("targets/<str:public_id>/", targets.TargetDetail.as_view(), name="api-target"),
    path("targets/<str:public_id>/end/", targets.TargetEnd.as_view(), name="api-target-end"),
    path("targets/<str:public_id>/stages/", targets.TargetStages.as_view(), name="api-target-stages"),
    path("targets/<str:public_id>/rulers/", targets.TargetRulers.as_view(), name="api-target-rulers"),
    path("targets/<str:public_id>/intensity/", targets.TargetIntensity.as_view(), name="api-target-intensity"),
    path("clients/<str:public_id>/safety-plan/", safety_plans.SafetyPlanOfClient.as_view(), name="api-safety-plan"),
    path("clients/<str:public_id>/measures/", measures.MeasuresOfClient.as_view(), name="api-measures"),
    path("clients/<str:public_id>/measure-plans/", measures.MeasurePlans.as_view(), name="api-measure-plans"),
    path("measures/<str:public_id>/", measures.MeasureDetail.as_view(), name="api-measure"),
    path("measure-plans/<str:public_id>/", measures.MeasurePlanDetail.as_view(), name="api-measure-plan"),
    path("plans/", plans.PlanList.as_view(), name="api-plans"),
    path("plans/<str:public_id>/", plans.PlanDetail.as_view(), name="api-plan"),
    path("plans/<str:public_id>/reviews/", plans.PlanReviews.as_view(), name="api-plan-reviews"),
    path("plan-versions/<str:public_id>/", plans.PlanVersionDetail.as_view(), name="api-plan-version"),
    path("plan-versions/<str:public_id>/diff/", plans.PlanVersionDiff.as_view(), name="api-plan-diff"),
    path("plan-versions/<str:public_id>/parts/", plans.PlanParts.as_view(), name="api-plan-parts"),
    path("plan-versions/<str:public_id>/sign/", plans.PlanVersionSign.as_view(), name="api-plan-sign"),
    path("plan-parts/<str:public_id>/", plans.PlanPartDetail.as_view(), name="api-plan-part"),
    path("coverages/", payers.CoverageList.as_view(), name="api-coverages"),
    path("coverages/<str:public_id>/", payers.CoverageDetail.as_view(), name="api-coverage"),
    path("coverages/<str:public_id>/benefit-checks/", payers.BenefitChecks.as_view(), name="api-benefit-checks"),
    path("coverages/<str:public_id>/authorizations/", payers.Authorisations.as_view(), name="api-authorizations"),
    path("authorizations/<str:public_id>/", payers.AuthorisationDetail.as_view(), name="api-authorization"),
    path("disclosures/", consents.DisclosureList.as_view(), name="api-disclosures"),
    path("sessions/", sessions.SessionList.as_view(), name="api-sessions"),
    path("transcripts/", sessions.TranscriptList.as_view(), name="api-transcripts"),
    path("transcripts/<str:public_id>/", sessions.TranscriptDetail.as_view(), name="api-transcript"),
    path("codings/", sessions.CodingList.as_view(), name="api-codings"),
    path("scores/", sessions.ScoreList.as_view(), name="api-scores"),
    path("figures/fidelity/", analytics.FidelityFigures.as_view(), name="api-fidelity"),
]

urlpatterns = [
    path("clinics/", clinics.ClinicList.as_view(), name="api-clinics"),
    path("clinics/<slug:clinic_slug>/", include(clinic_endpoints)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", api_docs, name="api-docs"),
]
