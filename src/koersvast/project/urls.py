"""All addresses. Every page of a municipality lives under its slug."""

from django.urls import include, path

urlpatterns = [
    # Before the pages of municipalities, of which none is called "melden".
    path("", include("koersvast.web.programme.progress.public_urls")),
    path("", include("koersvast.web.site.urls")),
    path("", include("koersvast.web.partners.consultations.feed_urls")),
    path("<slug:municipality>/", include("koersvast.web.policy.urls")),
    path("<slug:municipality>/", include("koersvast.web.indicators.urls")),
    path("<slug:municipality>/", include("koersvast.web.surveys.urls")),
    path("<slug:municipality>/", include("koersvast.web.programme.urls")),
    path("<slug:municipality>/", include("koersvast.web.partners.urls")),
    path("<slug:municipality>/", include("koersvast.web.publications.urls")),
]

handler400 = "koersvast.web.site.errors.bad_request"
handler403 = "koersvast.web.site.errors.denied"
handler404 = "koersvast.web.site.errors.not_found"
handler500 = "koersvast.web.site.errors.server_error"
