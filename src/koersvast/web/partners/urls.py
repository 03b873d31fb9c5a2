"""All addresses of these pages, under the slug of a municipality."""

from koersvast.web.partners.consultations import urls as consultations
from koersvast.web.partners.organisations import urls as organisations

urlpatterns = [
    *organisations.urlpatterns,
    *consultations.urlpatterns,
]
