"""The form of target values: kind, change, baseline, a value for each year; and the advice while it is filled in."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from koersvast.engine.quantities import TargetKind, Unit
from koersvast.indicators.models import Definition, Source
from koersvast.indicators.queries.vintages import Series, series_of
from koersvast.indicators.wording import unit_name
from koersvast.policy.models import Objective, TargetSet
from koersvast.policy.queries.advice import Advice, advice
from koersvast.policy.wording.agreements import kind_name
from koersvast.web.forms import ChangeForm, long_text

MINUS = "−"


class SignedField(forms.DecimalField):
    """A number that people may write with a typographic minus."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(localize=True, max_digits=12, decimal_places=3, required=False, **kwargs)

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override] # the stubs call it an integer field
        return super().to_python(str(value).replace(MINUS, "-") if value not in self.empty_values else None)


class AmountField(forms.DecimalField):
    """A figure in the unit of the indicator."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(localize=True, max_digits=18, decimal_places=6, required=False, **kwargs)


class TargetForm(ChangeForm):
    """Target values of one objective. Has a field for every year of the plan and of the present draft."""

    kind = forms.ChoiceField(label=_("Kind of target"), widget=forms.RadioSelect)
    stated_change = SignedField(
        label=_("By how much"), help_text=_("With a minus when it has to go down: −6. Leave it empty for a value.")
    )
    baseline_source = forms.ModelChoiceField(label=_("Source"), queryset=Source.objects.none(), required=False)
    baseline_period = forms.CharField(label=_("Year"), required=False, max_length=8)
    baseline_amount = AmountField(label=_("Figure"))
    note = forms.CharField(label=_("Note"), required=False, widget=long_text(2), max_length=2000)

    def __init__(self, *args: Any, objective: Objective, series: Iterable[Series], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.objective, self.series = objective, tuple(series)
        unit = Unit(objective.indicator.unit) if objective.indicator else Unit.COUNT
        self.unit = unit_name(unit)
        kinds = [kind for kind in TargetKind if kind is not TargetKind.POINTS or unit is Unit.PERCENT]
        self.fields["kind"].choices = [(kind.value, kind_name(kind).capitalize()) for kind in kinds]  # type: ignore[attr-defined] # a choice
        codes = [one.source for one in self.series]
        self.fields["baseline_source"].queryset = Source.objects.filter(code__in=codes)  # type: ignore[attr-defined] # a model choice
        self.fields["baseline_source"].label_from_instance = lambda source: source.label  # type: ignore[attr-defined]
        self.years = tuple(sorted({*_years_of(objective), *_years_in(self.initial)}))
        for year in self.years:
            self.fields[f"agreed_{year}"] = AmountField(label=str(year))

    def year_fields(self) -> list[forms.BoundField]:
        """The fields of the years, in order."""
        return [self[f"agreed_{year}"] for year in self.years]

    def first_fields(self) -> list[forms.BoundField]:
        """The fields before the years."""
        return [self[name] for name in ("baseline_source", "baseline_period", "baseline_amount")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        kind = given.get("kind")
        if kind in (TargetKind.ABSOLUTE, TargetKind.RELATIVE, TargetKind.POINTS) and given.get("stated_change") is None:
            self.add_error("stated_change", ValidationError(_("Fill in by how much."), code="change_missing"))
        return given

    def values(self) -> dict[int, Decimal]:
        """The filled-in values by year."""
        found = ((year, self.cleaned_data.get(f"agreed_{year}")) for year in self.years)
        return {year: value for year, value in found if value is not None}

    def changes(self) -> dict[str, Any]:
        """What `policy.changes.targets.draft_targets` takes."""
        given = self.cleaned_data
        return {
            "kind": TargetKind(given["kind"]),
            "values": self.values(),
            "stated_change": self._change(),
            "baseline_amount": given["baseline_amount"],
            "baseline_period": given["baseline_period"],
            "baseline_source": given["baseline_source"],
            "baseline_definition": self._definition(),
            "note": given["note"],
        }

    def _change(self) -> Decimal | None:
        typed = {TargetKind.ABSOLUTE, TargetKind.RELATIVE, TargetKind.POINTS}
        return self.cleaned_data.get("stated_change") if self.cleaned_data.get("kind") in typed else None

    def _definition(self) -> Definition | None:
        """The definition under which the baseline was measured; the newest one where that is not known."""
        given, indicator = self.cleaned_data, self.objective.indicator
        if indicator is None or given.get("baseline_amount") is None:
            return None
        own = (one for one in self.series if given["baseline_source"] and one.source == given["baseline_source"].code)
        value = next((one.value(given["baseline_period"]) for one in own), None)
        known = indicator.definitions.all()
        return known.filter(number=value.definition_number).first() if value else known.last()

    def advise(self, *, today: date) -> Advice | None:
        """What can be said about what was filled in so far; None while there is no kind."""
        self.is_valid()
        given = self.cleaned_data
        if not given.get("kind"):
            return None
        change = self._change()
        return advice(
            self.objective,
            kind=TargetKind(given["kind"]),
            stated_change=None if change is None else float(change),
            baseline=None if given.get("baseline_amount") is None else float(given["baseline_amount"]),
            baseline_period=given.get("baseline_period", ""),
            values={year: float(value) for year, value in self.values().items()},
            today=today,
            baseline_source=given.get("baseline_source"),
        )


def _years_of(objective: Objective) -> range:
    return range(objective.plan.first_year, objective.plan.last_year + 1)


def _years_in(initial: Mapping[str, Any]) -> set[int]:
    return {int(name.removeprefix("agreed_")) for name in initial if name.startswith("agreed_")}


def series_for(objective: Objective) -> tuple[Series, ...]:
    """What is known of the indicator today, by source."""
    if objective.indicator is None:
        return ()
    return series_of([objective.indicator], area=objective.plan.area)[objective.indicator.pk]


def start_of(objective: Objective, series: Iterable[Series]) -> dict[str, Any]:
    """What the form starts with: the draft, else the adopted values, else the latest figure as baseline."""
    newest = objective.target_sets.order_by("number").last()
    if newest is not None:
        return _from_set(newest)
    source = objective.source or (objective.indicator.source if objective.indicator else None)
    own = next((one for one in series if source and one.source == source.code), None)
    latest = own.latest() if own else None
    return {
        "kind": TargetKind.LEVEL.value,
        "baseline_source": source,
        "baseline_period": latest.period.code if latest else "",
        "baseline_amount": latest.amount if latest else None,
    }


def _from_set(made: TargetSet) -> dict[str, Any]:
    start: dict[str, Any] = {
        "kind": made.kind,
        "stated_change": _bare(made.stated_change),
        "baseline_source": made.baseline_source,
        "baseline_period": made.baseline_period,
        "baseline_amount": _bare(made.baseline_amount),
        "note": made.note if made.decision_id is None else "",
    }
    return start | {f"agreed_{target.year}": _bare(target.agreed) for target in made.targets.all()}


def _bare(value: Decimal | None) -> Decimal | None:
    """Without the noughts that the database adds: 20.000000 is 20."""
    if value is None:
        return None
    bare = value.normalize()
    return bare.quantize(Decimal(1)) if bare == bare.to_integral_value() else bare
