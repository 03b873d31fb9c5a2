"""Addresses of the council, under the slug of a municipality."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
