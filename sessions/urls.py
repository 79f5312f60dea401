"""Addresses of this app, under /clinics/<slug>/."""

from django.urls import path

from sessions.views import imports, record, today, transcripts
from sessions.views import list as listing

urlpatterns = [
    path("today/", today.today, name="today"),
    path("sessions/", listing.session_list, name="session_list"),
    path("appointments/<str:public_id>/record/", record.session_record, name="session_record"),
    path("sessions/<str:public_id>/", record.session_detail, name="session_detail"),
    path("sessions/<str:public_id>/sign/", record.session_sign, name="session_sign"),
    path("sessions/<str:public_id>/addendum/", record.note_addendum, name="note_addendum"),
    path("practice/", transcripts.practice_room, name="practice_room"),
    path("practice/import/", imports.transcript_import, name="transcript_import"),
    path("practice/imports/<str:public_id>/", imports.import_detail, name="import_detail"),
    path("practice/imports/<str:public_id>/undo/", imports.import_undo, name="import_undo"),
    path("transcripts/<str:public_id>/", transcripts.transcript_detail, name="transcript_detail"),
]
