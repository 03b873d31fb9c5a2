"""Addresses of check moments, under the slug of a municipality."""

from django.urls import URLPattern, path

from koersvast.web.programme.reviews import documents, reading, views

urlpatterns: list[URLPattern] = [
    path("terugblik/", views.overview, name="reviews"),
    path("terugblik/plannen/", views.plan_moments, name="reviews-plan"),
    path("terugblik/<int:moment>/", views.moment, name="review"),
    path("terugblik/<int:moment>/beginnen/", views.begin, name="review-begin"),
    path("terugblik/<int:moment>/verzetten/", views.move, name="review-move"),
    path("terugblik/<int:moment>/weghalen/", views.remove, name="review-remove"),
    path("terugblik/<int:moment>/afsluiten/", views.close, name="review-close"),
    path("terugblik/<int:moment>/bestand/<slug:fmt>/", documents.review_file, name="review-file"),
    path("terugblik/<int:moment>/doel/<slug:objective>/", reading.step, name="review-step"),
    path("terugblik/<int:moment>/doel/<slug:objective>/besluit/", reading.decision, name="review-decide"),
    path("terugblik/<int:moment>/doel/<slug:objective>/overslaan/", reading.skip, name="review-skip"),
]
