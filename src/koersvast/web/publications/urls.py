"""Addresses of these pages."""

from django.urls import path

from koersvast.web.publications import views

urlpatterns = [
    path("documenten/", views.documents, name="documents"),
    path("documenten/bestand/", views.document_file, name="document-file"),
]
