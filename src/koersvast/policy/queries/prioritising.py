"""Rounds of choosing priorities: what is listed, who scored, what came out. Nobody sees another's before closing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from koersvast.access.models import User
from koersvast.engine.periods import Period
from koersvast.engine.quantities import ChangeVerdict
from koersvast.indicators.queries import AnalysisRow, analysis
from koersvast.policy.models import Prioritising, Score, ScoringParty
from koersvast.policy.prioritising import Item, Outcome, Round, outcome
from koersvast.reference.models import Area
from koersvast.reference.queries import area_of

YEARS_BACK = 10
MOST_FIGURES = 6


@dataclass(frozen=True, kw_only=True)
class PartyLine:
    """How far a party is: numbers only, never what it gave."""

    code: str
    name: str
    weight: float
    user_id: int | None
    user_name: str
    given: int
    asked: int
    finished_on: date | None


def rounds() -> QuerySet[Prioritising]:
    """The rounds of the municipality in scope, newest first."""
    return Prioritising.objects.select_related("plan", "taxonomy", "municipality", "predecessor").annotate(
        options_count=Count("options", distinct=True),
        parties_count=Count("parties", distinct=True),
        finished_count=Count("parties", filter=Q(parties__finished_on__isnull=False), distinct=True),
    )


def own_parties(user: User) -> QuerySet[ScoringParty]:
    """The parties for which this person scores, in rounds that are not decided on first."""
    return (
        ScoringParty.objects.filter(user=user)
        .select_related("prioritising__municipality")
        .order_by("prioritising__closed_on", "-prioritising__opened_on")
    )


def parties_of(found: Prioritising) -> tuple[PartyLine, ...]:
    """Every party with how much it has filled in."""
    asked = found.options.count() * found.criteria.count()
    rows = found.parties.select_related("user").annotate(given=Count("scores"))
    return tuple(
        PartyLine(
            code=row.code,
            name=row.name,
            weight=float(row.weight),
            user_id=row.user_id,
            user_name=row.user.name if row.user else "",
            given=row.given,
            asked=asked,
            finished_on=row.finished_on,
        )
        for row in rows
    )


def scores_of_party(party: ScoringParty) -> dict[tuple[str, str], Score]:
    """What one party gave, by the codes of option and criterion. For its own page, or for entering from paper."""
    rows = Score.objects.filter(party=party).select_related("option", "criterion")
    return {(row.option.code, row.criterion.code): row for row in rows}


def outcome_of(found: Prioritising, *, top: int | None = None) -> Outcome | None:
    """What came out; None while the round is open, for anybody. `top` is else how many priorities a team can carry."""
    if found.closed_on is None:
        return None
    return outcome(_round(found), top=top or found.municipality.priorities_at_most)


def figures_for(found: Prioritising, *, today: date) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """What the registry says of the theme of each option: newest figure, change, source. Facts, never points."""
    area = _area(found)
    if area is None:
        return {}
    known = analysis(
        found.municipality,
        taxonomy=found.taxonomy,
        area=area,
        first_year=today.year - YEARS_BACK,
        last_year=today.year,
        known_on=today,
    )
    by_theme = {theme.code: theme.rows for field in known.fields for theme in field.themes}
    options = found.options.filter(theme__isnull=False).select_related("theme")
    return {one.code: _lines(by_theme.get(one.theme.code, ())) for one in options if one.theme}


def _area(found: Prioritising) -> Area | None:
    return found.plan.area if found.plan else area_of(found.municipality.code)


def _lines(rows: Sequence[AnalysisRow]) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = []
    for row in rows[:MOST_FIGURES]:
        cells = [cell for cell in row.cells if cell.text and cell.value is not None]
        if not cells:
            continue
        text = _("{name}: {amount} in {period}").format(
            name=row.name, amount=cells[-1].text, period=_year(cells[-1].period)
        )
        lines.append({"criterion": "volume", "text": text, "source": row.source_label})
        if row.change is not None:
            told = _("{name}: {verdict}").format(name=row.name, verdict=_verdict(row.change.verdict))
            lines.append({"criterion": "trend", "text": told, "source": row.source_label})
    return lines


def _year(code: str) -> str:
    return str(Period.parse(code).start.year) if len(code) != 4 else code


def _verdict(verdict: ChangeVerdict) -> str:
    return {
        ChangeVerdict.IMPROVED: _("demonstrably improved"),
        ChangeVerdict.WORSENED: _("demonstrably worsened"),
        ChangeVerdict.NO_DEMONSTRABLE_CHANGE: _("no demonstrable change"),
        ChangeVerdict.NOT_COMPARABLE: _("years that cannot be compared"),
    }[verdict]


def _round(found: Prioritising) -> Round:
    rows = Score.objects.filter(party__prioritising=found).select_related("party", "option", "criterion")
    return Round(
        options=tuple(Item(code=one.code, name=one.title) for one in found.options.all()),
        criteria=tuple(Item(code=one.code, name=one.name, weight=float(one.weight)) for one in found.criteria.all()),
        parties=tuple(Item(code=one.code, name=one.name, weight=float(one.weight)) for one in found.parties.all()),
        points={(row.party.code, row.option.code, row.criterion.code): float(row.points) for row in rows},
    )
