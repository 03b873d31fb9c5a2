"""Addresses of organisations, agreements, promises, regional plans, under the slug of a municipality."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
