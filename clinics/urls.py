"""Addresses of this app, under /clinics/<slug>/."""

from django.urls import path

from clinics.views import attesting, audit, drafts, instruments, jobs, join, tokens

urlpatterns = [
    path("join/<str:token>/", join.join, name="join"),
    path("drafts/<str:key>/", drafts.draft_save, name="draft_save"),
    path("drafts/<str:key>/discard/", drafts.draft_discard, name="draft_discard"),
    path("jobs/", jobs.job_list, name="job_list"),
    path("jobs/<str:public_id>/", jobs.job_detail, name="job_detail"),
    path("jobs/<str:public_id>/retry/", jobs.job_retry, name="job_retry"),
    path("audit/", audit.audit_search, name="audit_search"),
    path("tokens/", tokens.token_list, name="token_list"),
    path("tokens/<str:public_id>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("instruments/", instruments.instrument_list, name="instrument_list"),
    path("instruments/upload/", instruments.instrument_upload, name="instrument_upload"),
    path("instruments/<str:public_id>/", instruments.instrument_detail, name="instrument_detail"),
    path("instruments/<str:public_id>/download/", instruments.instrument_download, name="instrument_download"),
    path("instruments/<str:public_id>/publish/", instruments.instrument_publish, name="instrument_publish"),
    path("instruments/<str:public_id>/retire/", instruments.instrument_retire, name="instrument_retire"),
    path("instruments/<str:public_id>/discard/", instruments.instrument_discard, name="instrument_discard"),
    path("instruments/<str:public_id>/thresholds/", instruments.threshold_create, name="threshold_create"),
    path("instrument-permissions/<str:key>/", attesting.instrument_attest, name="instrument_attest"),
    path("instrument-permissions/<str:key>/end/", attesting.instrument_attest_end, name="instrument_attest_end"),
    path("thresholds/<str:public_id>/in-force/", instruments.threshold_in_force, name="threshold_in_force"),
]
