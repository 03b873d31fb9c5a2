"""Addresses of the self-test and the steps of a plan, under the slug of a municipality."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
