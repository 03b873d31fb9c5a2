"""Addresses of the policy pages, under the slug of a municipality."""

from django.urls import path

from koersvast.web.policy import deciding, editing, views
from koersvast.web.policy.prioritising import urls as prioritising

urlpatterns = [
    path("stand/", views.start, name="standing"),
    path("toets/", views.plan_check, name="plan-check"),
    path("plan/", views.plan, name="plans"),
    path("plan/nieuw/", editing.plan_new, name="plan-new"),
    path("plan/<slug:plan>/", views.plan, name="plan"),
    path("plan/<slug:plan>/bewerken/", editing.plan_edit, name="plan-edit"),
    path("plan/<slug:plan>/uitgangspunten/", editing.principles, name="principles"),
    path("plan/<slug:plan>/prioriteiten/nieuw/", editing.priority, name="priority-new"),
    path("plan/<slug:plan>/prioriteiten/<slug:priority>/bewerken/", editing.priority, name="priority-edit"),
    path("plan/<slug:plan>/aanpak/nieuw/", editing.approach_line, name="approach-line-new"),
    path("plan/<slug:plan>/aanpak/<int:line>/bewerken/", editing.approach_line, name="approach-line-edit"),
    path("plan/<slug:plan>/doelen/nieuw/", editing.objective, name="objective-new"),
    path("plan/<slug:plan>/doelen/<slug:objective>/", views.objective, name="objective"),
    path("plan/<slug:plan>/doelen/<slug:objective>/grafiek.json", views.chart, name="objective-chart"),
    path("plan/<slug:plan>/doelen/<slug:objective>/bewerken/", editing.objective, name="objective-edit"),
    path("plan/<slug:plan>/doelen/<slug:objective>/doelwaarden/", deciding.targets, name="target-form"),
    path("plan/<slug:plan>/doelen/<slug:objective>/doelwaarden/advies/", deciding.target_advice, name="target-advice"),
    path(
        "plan/<slug:plan>/doelen/<slug:objective>/doelwaarden/intrekken/",
        deciding.target_withdraw,
        name="target-withdraw",
    ),
    path("plan/<slug:plan>/besluiten/", views.ledger, name="ledger"),
    path("plan/<slug:plan>/vaststellen/", deciding.adopt, name="adopt"),
    path("plan/<slug:plan>/toets/", views.plan_check, name="plan-check"),
    path("plan/<slug:plan>/toets/antwoord/", deciding.answer, name="plan-check-answer"),
    *prioritising.urlpatterns,
]
