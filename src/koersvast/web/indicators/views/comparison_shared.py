"""What the pages that compare share: the subject, the head with its tabs, the page when there is nothing, downloads."""

from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import municipalities_of
from koersvast.connectors.tables_out import About
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries.comparing import NoComparison, feed_of
from koersvast.indicators.queries.national import TableNote
from koersvast.reference.models import Area
from koersvast.reference.queries import area_of
from koersvast.registers.practice import PRACTICE
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest

# Name of the address and label of each tab; those that a feed does not carry are left out.
_TABS = ("indicator", "compare", "months", "map")


def subject(request: TenantRequest, code: str) -> tuple[Indicator, Area]:
    """The indicator with this code and the municipality as an area; 404 without one of them."""
    found = Indicator.objects.select_related("source", "theme__field", "municipality").filter(code=code).first()
    area = area_of(request.entry.municipality.code)
    if found is None or area is None:
        raise Http404
    return found, area


def frame(request: TenantRequest, indicator: Indicator, *, here: str) -> dict[str, Any]:
    """The head of a page: crumbs, kicker, title, tabs."""
    slug = request.entry.municipality.slug
    theme = indicator.theme
    titles = {
        "compare": _("{name} compared"),
        "months": _("{name} by month"),
        "map": _("{name} on the map"),
    }
    labels = {"compare": _("Compare"), "months": _("Months"), "map": _("Map")}
    return {
        "crumbs": [
            c.Link(label=_("Safety picture"), href=reverse("analysis", args=[slug])),
            c.Link(label=theme.field.name, href=reverse("analysis-field", args=[slug, theme.field.code])),
            c.Link(label=indicator.name, href=reverse("indicator", args=[slug, indicator.code])),
            c.Link(label=labels[here]),
        ],
        "kicker": f"{theme.code} {theme.name}",
        "title": titles[here].format(name=indicator.name),
        "tabs": tabs(indicator, municipality=slug, here=here),
        "indicator_name": indicator.name,
        "code": indicator.code,
    }


def tabs(indicator: Indicator, *, municipality: str, here: str) -> list[c.Link]:
    """The pages about one indicator; only the first when no national table holds its figures."""
    feed = feed_of(indicator)
    if feed is None:
        return []
    labels = {"indicator": _("Figures"), "compare": _("Compare"), "months": _("Months"), "map": _("Map")}
    shown = {
        "indicator": True,
        "compare": bool(feed.population_table),
        "months": bool(feed.monthly_table),
        "map": any(level in feed.levels for level in ("wijk", "buurt")),
    }
    return [
        c.Link(label=labels[name], href=reverse(name, args=[municipality, indicator.code]), current=name == here)
        for name in _TABS
        if shown[name]
    ]


def nothing(found: NoComparison, request: TenantRequest) -> c.Empty:
    """Why there is nothing to compare, and what to do about it."""
    values = found.reason.values
    texts = {
        "no_feed": _("No national table holds the figures of this indicator."),
        "not_counted": _("These figures are no counts, so no rate per inhabitant can be made of them."),
        "not_monthly": _("The national table does not give these figures by month."),
        "not_by_neighbourhood": _("The national table does not give these figures by neighbourhood."),
        "no_vintage": _("Table {table} has not been fetched yet."),
        "no_population": _("Table {table} with the number of inhabitants has not been fetched yet."),
        "no_borders": _("The borders of these areas have not been fetched yet."),
        "area_not_in_table": _("The national table has no figures of {area}."),
    }
    if settings.DEMO and (elsewhere := _practice_page(request)):
        text = _(
            "{name} has no national figures in this demo. The practice municipality does; all of them are invented."
        )
        return c.Empty(
            title=_("Look at this page with practice figures"),
            text=text.format(name=request.entry.municipality.name),
            action=elsewhere,
        )
    action = None
    if found.reason.code in {"no_vintage", "no_population", "no_borders"}:
        action = _follow(request)
    return c.Empty(title=_("Nothing can be shown yet"), text=texts[found.reason.code].format(**values), action=action)


def practice_elsewhere(request: TenantRequest) -> Municipality | None:
    """The practice municipality, when the visitor is in another one and may go there."""
    mine = municipalities_of(request.entry.user, on=timezone.localdate())
    return next((one for one in mine if one.code == PRACTICE and one != request.entry.municipality), None)


def _practice_page(request: TenantRequest) -> c.Link | None:
    """The same page of the practice municipality, for who may see it there and has not it before him already."""
    place, match = practice_elsewhere(request), request.resolver_match
    if place is None or match is None or not match.url_name:
        return None
    with scope(municipality=place):
        is_there = Indicator.objects.filter(code=match.kwargs.get("code")).exists()
    address = reverse(match.url_name, kwargs={**match.kwargs, "municipality": place.slug})
    return c.Link(label=place.name, href=address) if is_there else None


def _follow(request: TenantRequest) -> c.Link | None:
    if Permission.FIGURES_IMPORT not in request.entry.permissions:
        return None
    try:
        return c.Link(
            label=_("Go to open figures"), href=reverse("open-figures", args=[request.entry.municipality.slug])
        )
    except NoReverseMatch:
        return None  # This installation does not have that part.


def downloads(request: TenantRequest, name: str, code: str) -> list[c.Link]:
    """The figures of a page as files, with what was chosen on it."""
    made = []
    for form, label in (("xlsx", _("Figures as Excel")), ("csv", _("Figures as CSV")), ("ods", _("Figures as ODS"))):
        arguments = {"municipality": request.entry.municipality.slug, "code": code, "form": form}
        address = reverse(name, kwargs=arguments)
        made.append(c.Link(label=label, href=f"{address}?{request.GET.urlencode()}" if request.GET else address))
    return made


def about(title: str, *notes: TableNote | None) -> About:
    """Where the figures of a file come from: every table with its version and day."""
    known = [note for note in dict.fromkeys(notes) if note]
    named = (f"{note.title} ({note.table}, {_('version')} {note.vintage}, {note.as_of.isoformat()})" for note in known)
    return About(
        title=title,
        source="; ".join(named) or _("no figures"),
        licence="; ".join(dict.fromkeys(note.licence for note in known if note.licence)) or _("as the source states"),
        vintage=max((note.as_of.isoformat() for note in known), default=""),
    )
