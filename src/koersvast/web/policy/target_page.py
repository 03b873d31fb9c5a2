"""The page of the target form: known figures beside the fields, and the advice in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import localize_input
from django.utils.translation import gettext as _

from koersvast.engine.quantities import TargetKind
from koersvast.indicators.queries.vintages import Series
from koersvast.policy.models import Objective, Plan, TargetSet
from koersvast.policy.queries.advice import Advice, AdviceLine, advice
from koersvast.policy.wording import amounts
from koersvast.web import components as c
from koersvast.web.policy.target_form import TargetForm

TONES: dict[str, c.Tone] = {"positive": "positive", "info": "info", "warning": "warning", "negative": "negative"}


def context(form: TargetForm, objective: Objective, *, today: date) -> dict[str, Any]:
    """Everything that the page shows."""
    adopted = objective.target_sets.exclude(decision=None).exists()
    return advice_context(form, today=today) | {
        "objective": objective,
        "plan_code": objective.plan.code,
        "table": known_figures(form.series),
        "is_revision": adopted,
        "has_draft": objective.target_sets.filter(decision=None).exists(),
    }


def advice_context(form: TargetForm, *, today: date) -> dict[str, Any]:
    """The form with the advice on what stands in it."""
    if form.is_bound:
        found = form.advise(today=today)
    else:
        filled = {name: form[name].value() for name in form.fields}
        found = type(form)(
            _as_typed(filled), objective=form.objective, series=form.series, initial=form.initial
        ).advise(today=today)
    return {"form": form, "advice": callouts(found)}


def _as_typed(values: dict[str, Any]) -> dict[str, str]:
    """What a browser would send for the present values."""
    typed = {}
    for name, value in values.items():
        if value is None:
            continue
        typed[name] = str(localize_input(getattr(value, "pk", value)))
    return typed


@dataclass(frozen=True, kw_only=True)
class DraftWarnings:
    """What to know about one draft before it is adopted."""

    title: str
    sentences: tuple[str, ...]


def draft_warnings(plan: Plan, *, today: date) -> list[DraftWarnings]:
    """The warnings of the advice for every draft of the plan; drafts without one are left out."""
    drafts = TargetSet.objects.filter(objective__plan=plan, decision=None).prefetch_related("targets")
    related = ("plan__area", "plan__municipality", "indicator__source", "source")
    drafts = drafts.select_related("baseline_source", *(f"objective__{name}" for name in related))
    return [found for draft in drafts if (found := _warnings(draft, today=today)).sentences]


def _warnings(draft: TargetSet, *, today: date) -> DraftWarnings:
    found = advice(
        draft.objective,
        kind=TargetKind(draft.kind),
        stated_change=None if draft.stated_change is None else float(draft.stated_change),
        baseline=None if draft.baseline_amount is None else float(draft.baseline_amount),
        baseline_period=draft.baseline_period,
        values={target.year: float(target.agreed) for target in draft.targets.all()},
        today=today,
        baseline_source=draft.baseline_source,
    )
    warnings = tuple(line.sentence for line in found.lines if line.tone in ("warning", "negative"))
    return DraftWarnings(title=draft.objective.title, sentences=warnings)


def callouts(found: Advice | None) -> list[c.Callout]:
    """The advice as callouts: first what a percentage means, then what to know."""
    if found is None:
        return []
    shown = [_reading(line) for line in found.readings]
    shown += [c.Callout(text=line.sentence, tone=TONES[line.tone]) for line in found.lines]
    return shown


def _reading(line: AdviceLine) -> c.Callout:
    is_chosen = line.tone == "positive"
    return c.Callout(
        title=_("This is what you chose") if is_chosen else _("This is what it could mean too"),
        text=line.sentence,
        tone="positive" if is_chosen else "neutral",
    )


def known_figures(series: Iterable[Series]) -> c.DataTable | None:
    """The figures to choose a baseline from: one row a source, one column a period."""
    known = [one for one in series if one.latest()]
    periods = sorted({value.period for one in known for value in one.values})
    if not periods:
        return None
    return c.DataTable(
        id="bekende-cijfers",
        caption=_("Known figures"),
        columns=[
            c.Column(label=_("Source")),
            *(c.Column(label=period.code, numeric=True) for period in periods),
        ],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(
                        head=c.Cell(text=one.source_label),
                        cells=[_cell(one, period.code) for period in periods],
                    )
                    for one in known
                ]
            )
        ],
    )


def _cell(series: Series, period: str) -> c.Cell:
    value = series.value(period)
    if value is None or value.amount is None:
        return c.Cell(missing=_("none"), numeric=True)
    return c.Cell(text=amounts.amount(value.amount, series.unit, decimals=value.decimals), numeric=True)
