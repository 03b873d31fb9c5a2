"""Which years, which area, which edition and as known on what day: from the address, else from the plan."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils import timezone

from koersvast.indicators.models import Observation
from koersvast.policy.models import Plan
from koersvast.policy.queries.plans import current_plan
from koersvast.reference.models import Area, Taxonomy
from koersvast.reference.queries import area_of, taxonomy_on
from koersvast.web.gate import TenantRequest
from koersvast.web.indicators.forms import PeriodForm


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a page of figures is about. `query` carries what was chosen on to the next page."""

    taxonomy: Taxonomy
    area: Area
    first_year: int
    last_year: int
    known_on: date | None
    plan: Plan | None
    query: str

    @property
    def shown_on(self) -> date:
        """The day of knowledge as a day: today when nobody chose one."""
        return self.known_on or timezone.localdate()


def choose(request: TenantRequest) -> tuple[PeriodForm, Choice | None]:
    """Return the form as filled in and the choice; no choice while there is no area or edition to show."""
    today = timezone.localdate()
    plan = current_plan(today=today)
    municipality = request.entry.municipality
    taxonomy = plan.taxonomy if plan else taxonomy_on(today, municipality_code=municipality.code)
    area = plan.area if plan else area_of(municipality.code)
    first, last = _years(plan, area)
    names = ("first", "last", "known_on")
    given = {name: request.GET[name] for name in names if request.GET.get(name)}
    form = PeriodForm({"first": first, "last": last} | given)
    form.is_valid()
    clean = form.cleaned_data if not form.errors else {}
    if taxonomy is None or area is None:
        return form, None
    return form, Choice(
        taxonomy=taxonomy,
        area=area,
        first_year=clean.get("first") or first,
        last_year=clean.get("last") or last,
        known_on=clean.get("known_on"),
        plan=plan,
        query=f"?{urlencode(given)}" if given and not form.errors else "",
    )


def _years(plan: Plan | None, area: Area | None) -> tuple[int, int]:
    """The years of the plan's analysis; without a plan the last five with figures."""
    if plan:
        return plan.analysis_first_year, plan.analysis_last_year
    newest = Observation.objects.filter(area=area).order_by("-period_start").first() if area else None
    last = newest.period_start.year if newest else timezone.localdate().year - 1
    return last - 4, last
