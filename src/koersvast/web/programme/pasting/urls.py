"""Addresses of pasting a table, known measures, under the slug of a municipality."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
