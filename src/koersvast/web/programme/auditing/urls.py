"""Addresses of the self-test and of the steps of a plan, under the slug of a municipality."""

from django.urls import path

from koersvast.web.programme.auditing import steps, views

urlpatterns = [
    path("zelftoets/", views.overview, name="self-audits"),
    path("zelftoets/beginnen/", views.start, name="self-audit-start"),
    path("zelftoets/<int:self_audit>/", views.one, name="self-audit"),
    path("zelftoets/<int:self_audit>/sluiten/", views.close, name="self-audit-close"),
    path("zelftoets/<int:self_audit>/<slug:norm>/", views.norm, name="self-audit-norm"),
    path("stappen/", steps.overview, name="plan-steps"),
    path("stappen/<slug:plan>/<int:step>/", steps.take, name="plan-step"),
]
