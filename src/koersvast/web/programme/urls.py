"""All addresses of these pages, under the slug of a municipality."""

from koersvast.web.programme.actions import urls as actions
from koersvast.web.programme.auditing import urls as auditing
from koersvast.web.programme.calendar import urls as calendar
from koersvast.web.programme.council import urls as council
from koersvast.web.programme.pasting import urls as pasting
from koersvast.web.programme.progress import urls as progress
from koersvast.web.programme.reviews import urls as reviews

urlpatterns = [
    *actions.urlpatterns,
    *pasting.urlpatterns,
    *progress.urlpatterns,
    *reviews.urlpatterns,
    *calendar.urlpatterns,
    *council.urlpatterns,
    *auditing.urlpatterns,
]
