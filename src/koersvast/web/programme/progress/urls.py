"""Addresses of progress by page, phone and mail link, under the slug of a municipality."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
