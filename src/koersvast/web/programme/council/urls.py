"""Addresses of the council, under the slug of a municipality."""

from django.urls import URLPattern, path

from koersvast.web.programme.council import views

urlpatterns: list[URLPattern] = [
    path("raad/", views.council, name="council"),
    path("raad/nieuw/", views.item_new, name="council-new"),
    path("raad/vragen/", views.ask, name="council-ask"),
    path("raad/<int:council_item>/", views.item, name="council-item"),
    path("raad/<int:council_item>/bewerken/", views.item_edit, name="council-edit"),
    path("raad/<int:council_item>/antwoord/", views.settle, name="council-settle"),
    path("raad/<int:council_item>/intrekken/", views.withdraw, name="council-withdraw"),
    path("raad/<int:council_item>/heropenen/", views.reopen, name="council-reopen"),
]
