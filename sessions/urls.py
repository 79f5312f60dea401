"""Addresses of this app, under /clinics/<slug>/."""

from django.urls import path

from sessions.views import list as listing
from sessions.views import record, today

urlpatterns = [
    path("today/", today.today, name="today"),
    path("sessions/", listing.session_list, name="session_list"),
    path("appointments/<str:public_id>/record/", record.session_record, name="session_record"),
    path("sessions/<str:public_id>/", record.session_detail, name="session_detail"),
    path("sessions/<str:public_id>/sign/", record.session_sign, name="session_sign"),
    path("sessions/<str:public_id>/addendum/", record.note_addendum, name="note_addendum"),
]
