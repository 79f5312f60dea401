"""Addresses of this app, under /clinics/<slug>/."""

from django.urls import path

from clinics.views import audit, drafts, jobs, join, tokens

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
]
