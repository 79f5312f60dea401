"""Addresses of this app, under /clinics/<slug>/."""

from django.urls import path

from clinics.views import start

urlpatterns = [
    path("", start.home, name="home"),
    path("find/", start.find, name="find"),
]
