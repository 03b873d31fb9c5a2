"""Addresses of the policy pages, under the slug of a municipality."""

from django.urls import path

from koersvast.web.policy import views

urlpatterns = [
    path("stand/", views.start, name="standing"),
    path("plan/<slug:plan>/doelen/<slug:objective>/", views.start, name="objective"),
    path("plan/<slug:plan>/toets/", views.start, name="plan-check"),
]
