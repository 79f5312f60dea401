"""Addresses of this app, under /clinics/<slug>/."""

from django.urls import URLPattern, path

from analytics.views import fidelity, funnel

urlpatterns: list[URLPattern] = [
    path("fidelity/", fidelity.fidelity, name="fidelity"),
    path("fidelity/practice/<slug:key>/", fidelity.practice_fidelity, name="practice_fidelity"),
    path("funnel/", funnel.funnel, name="funnel"),
    path("growth/", fidelity.growth, name="growth"),
]
