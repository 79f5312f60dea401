"""Addresses of this app, under /clinics/<slug>/."""

from django.urls import path

from clients.views import appointments, break_glass, contact, inquiries, intake, people, queue, safety, targets, tasks

urlpatterns = [
    path("intake/new/", intake.intake_create, name="intake_create"),
    path("intake/matches/", intake.intake_matches, name="intake_matches"),
    path("inquiries/<str:public_id>/edit/", intake.inquiry_edit, name="inquiry_edit"),
    path("people/", people.client_list, name="client_list"),
    path("people/new/", people.client_create, name="client_create"),
    path("people/<str:public_id>/", people.client_detail, name="client_detail"),
    path("people/<str:public_id>/edit/", people.client_edit, name="client_edit"),
    path("people/<str:public_id>/goals/new/", targets.target_create, name="target_create"),
    path("goals/<str:public_id>/end/", targets.target_end, name="target_end"),
    path("people/<str:public_id>/appointments/", appointments.appointment_list, name="appointment_list"),
    path("people/<str:public_id>/appointments/new/", appointments.appointment_create, name="appointment_create"),
    path("appointments/<str:public_id>/edit/", appointments.appointment_edit, name="appointment_edit"),
    path(
        "appointments/<str:public_id>/attendance/",
        appointments.appointment_attendance,
        name="appointment_attendance",
    ),
    path("people/<str:public_id>/break-glass/", break_glass.break_glass, name="break_glass"),
    path("contact/", contact.contact_form, name="contact_form"),
    path("break-glass/find/", break_glass.break_glass_find, name="break_glass_find"),
    path("break-glass/", break_glass.break_glass_reviews, name="break_glass_reviews"),
    path("break-glass/<str:public_id>/review/", break_glass.break_glass_review, name="break_glass_review"),
    path("queue/", queue.inquiry_queue, name="inquiry_queue"),
    path("queue/missed/", queue.missed_call, name="missed_call"),
    path("inquiries/<str:public_id>/", inquiries.inquiry_detail, name="inquiry_detail"),
    path("inquiries/<str:public_id>/attempts/", inquiries.inquiry_attempt, name="inquiry_attempt"),
    path("inquiries/<str:public_id>/moves/", inquiries.inquiry_move, name="inquiry_move"),
    path("safety/", safety.safety_list, name="safety_list"),
    path("concerns/<str:public_id>/hand-over/", safety.concern_hand_over, name="concern_hand_over"),
    path("concerns/<str:public_id>/review/", safety.concern_review, name="concern_review"),
    path("tasks/", tasks.task_list, name="task_list"),
    path("tasks/<str:public_id>/take/", tasks.task_take, name="task_take"),
    path("tasks/<str:public_id>/done/", queue.task_done, name="task_done"),
    path("tasks/<str:public_id>/snooze/", queue.task_snooze, name="task_snooze"),
]
