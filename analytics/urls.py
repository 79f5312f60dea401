"""Addresses of this app, under /clinics/<slug>/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
