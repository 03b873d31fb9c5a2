"""Addresses of actions in their views, under the slug of a municipality."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
