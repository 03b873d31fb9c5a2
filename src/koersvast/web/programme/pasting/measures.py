"""The page of known measures: per part of safety, with what is known of their effect, to take over as an action."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from koersvast.access.permissions import Permission
from koersvast.indicators.wording import language_now
from koersvast.programme.measures import Evidence, Measure, library
from koersvast.programme.models import Programme
from koersvast.reference import queries
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.actions import words

EVIDENCE: Mapping[Evidence, c.Badge] = {
    Evidence.STRONG: c.Badge(text=gettext_lazy("Works, by good research"), symbol="on-course", tone="positive"),
    Evidence.PROMISING: c.Badge(text=gettext_lazy("Promising"), symbol="improved", tone="info"),
    Evidence.MIXED: c.Badge(text=gettext_lazy("Results differ"), symbol="cannot-tell", tone="warning"),
    Evidence.NONE: c.Badge(text=gettext_lazy("Does not work"), symbol="off-course", tone="negative"),
    Evidence.UNKNOWN: c.Badge(text=gettext_lazy("Effect not known"), symbol="not-measured"),
}
MEANING: Mapping[Evidence, str | Promise] = {
    Evidence.STRONG: gettext_lazy("several good comparisons found an effect"),
    Evidence.PROMISING: gettext_lazy("one good comparison, or a review of few studies, found an effect"),
    Evidence.MIXED: gettext_lazy("studies contradict each other, or only knowledge changed"),
    Evidence.NONE: gettext_lazy("studies found no effect, or harm"),
    Evidence.UNKNOWN: gettext_lazy("nobody compared, or we know of no such study; it can work all the same"),
}


@dataclass(frozen=True, kw_only=True)
class MeasureCard:
    """A measure as the page shows it."""

    code: str
    title: str
    evidence: c.Badge
    mechanism: str
    needs: str
    basis: str
    url: str
    chain_link: str
    output: str
    take_href: str = ""


@permitted(GET=Permission.PROGRAMME_VIEW)
def measures(request: TenantRequest, programme: str) -> HttpResponse:
    """Known measures of one part of safety (`?veld=1`), the best founded first."""
    chosen = get_object_or_404(Programme.objects.select_related("plan", "municipality"), code=programme)
    fields = _fields()
    here = request.GET.get("veld", "") if request.GET.get("veld", "") in dict(fields) else fields[0][0]
    take = Permission.PROGRAMME_EDIT in request.entry.permissions and chosen.state != Programme.State.CLOSED
    new = reverse("action-new", kwargs={"municipality": chosen.municipality.slug, "programme": chosen.code})
    order = list(Evidence)
    found = sorted(library().about([here]), key=lambda one: (order.index(one.evidence), one.code))
    shown: dict[str, Any] = {
        "programme": chosen,
        "tabs": [c.Link(label=name, href=f"?veld={code}", current=code == here) for code, name in fields],
        "cards": _cards(found, new=new if take else ""),
        "meanings": [(EVIDENCE[one], MEANING[one]) for one in order],
        "back": reverse("programme-table", kwargs={"municipality": chosen.municipality.slug, "programme": programme}),
    }
    return render(request, "programme/measures.html", shown)


def _fields() -> list[tuple[str, str]]:
    """The parts of safety that have a measure; by their code when the list of themes is not installed."""
    taxonomy, language = queries.taxonomy(library().taxonomy), language_now()
    if taxonomy is None:
        return [(code, code) for code in sorted({theme[:1] for one in library().measures for theme in one.themes})]
    found = [(one.code, one.name_nl if language == "nl" else one.name_en) for one in taxonomy.fields.all()]
    return [(code, name) for code, name in found if library().about([code])]


def _cards(found: Sequence[Measure], *, new: str) -> list[MeasureCard]:
    language = language_now()
    return [
        MeasureCard(
            code=one.code,
            evidence=EVIDENCE[one.evidence],
            url=one.url,
            chain_link=words.chain_link_name(one.chain_link),
            take_href=f"{new}?maatregel={one.code}" if new and one.evidence is not Evidence.NONE else "",
            **{name: one.said(name, language=language) for name in ("title", "mechanism", "needs", "basis", "output")},
        )
        for one in found
    ]
