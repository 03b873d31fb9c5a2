"""One indicator on a page: facts, the figures by year with both sources side by side, and where each came from."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.engine.quantities import Direction, Unit
from koersvast.indicators import wording
from koersvast.indicators.models import Source
from koersvast.indicators.queries import IndicatorDetail, Series, Value, Vintage, change_since
from koersvast.web import components as c
from koersvast.web.indicators.charting import Agreed
from koersvast.web.indicators.parts.changes import ChangeAccount, account


@dataclass(frozen=True, kw_only=True)
class VintageLine:
    """An earlier or withdrawn number, as text."""

    amount: str
    known_from: str
    file_name: str
    href: str
    remark: str


@dataclass(frozen=True, kw_only=True)
class ValueLine:
    """A number that counts, with where it came from and what it was before."""

    period: str
    amount: str
    missing: str
    margin: str
    certainty: str
    known_from: str
    file_name: str
    href: str
    line: int
    definition: int
    respondents: str
    note: str
    earlier: list[VintageLine]
    observation: int


@dataclass(frozen=True, kw_only=True)
class SeriesPart:
    """A series with its numbers, and what changed between its first and its last."""

    source: Source
    label: str
    lines: list[ValueLine]
    account: ChangeAccount | None
    is_own: bool


def facts(found: IndicatorDetail) -> list[tuple[str, str]]:
    """What a reader must know to judge the figures; empty facts are left out."""
    indicator, source = found.indicator, found.indicator.source
    newest = found.definitions[-1] if found.definitions else None
    lower = indicator.direction == Direction.LOWER_IS_BETTER.value
    listed = [
        (_("Unit"), wording.unit_name(indicator.unit)),
        (_("Better is"), _("lower") if lower else _("higher")),
        (_("Kind"), _("Registered") if indicator.perspective == "objective" else _("Experienced by residents")),
        (_("Source"), source.name),
        (_("Kept by"), source.holder),
        (_("Question"), newest.question if newest else ""),
        (_("Answers counted"), newest.answers_counted if newest else ""),
        (_("Population"), (newest.population if newest else "") or source.population),
        (_("How respondents were found"), source.frame),
        (_("Composition"), newest.composition if newest else ""),
        (_("Key at the source"), newest.external_code if newest else ""),
        (_("Licence"), source.licence),
    ]
    return [(name, value) for name, value in listed if value]


def definitions(found: IndicatorDetail) -> list[c.TimelineEntry]:
    """Versions of the definition and breaks, newest first."""
    kinds = {
        "definition": _("Break: another definition"),
        "registration": _("Break: another way of registering"),
        "mode": _("Break: another survey method"),
        "boundary": _("Break: other borders"),
    }
    entries = [
        (
            one.valid_from,
            c.TimelineEntry(
                date=wording.format_day(one.valid_from),
                title=_("Definition {number}").format(number=one.number),
                text=f"{one.text} {one.note}".strip(),
            ),
        )
        for one in found.definitions
    ]
    entries += [
        (
            one.on,
            c.TimelineEntry(date=wording.format_day(one.on), title=kinds[one.kind], text=one.note, tone="warning"),
        )
        for one in found.breaks
    ]
    return [entry for _day, entry in sorted(entries, key=lambda pair: pair[0], reverse=True)]


def side_by_side(found: IndicatorDetail) -> c.DataTable | None:
    """The figures by period with a column for each source; None when there is not a single one."""
    periods = sorted({value.period for series in found.series for value in series.values})
    if not periods:
        return None
    several = len(found.series) > 1
    columns = [c.Column(label=_("Period"))]
    for series in found.series:
        columns += [
            c.Column(label=series.source_label if several else _("Figure"), numeric=True, starts_block=several),
            c.Column(label=_("95% interval"), numeric=True),
        ]
    differing = {period for period, _values in found.disagreements}
    rows = []
    for period in periods:
        cells = [cell for series in found.series for cell in _pair(series, series.value(period.code), several)]
        note = _("the sources differ") if period.code in differing else ""
        rows.append(c.Row(head=c.Cell(text=period.label(), note=note), cells=cells))
    return c.DataTable(
        id="cijfers-tabel",
        caption=_("{name} by period").format(name=found.indicator.name),
        columns=columns,
        groups=[c.RowGroup(rows=rows)],
        notes=_notes(found),
    )


def _pair(series: Series, value: Value | None, several: bool) -> list[c.Cell]:
    if value is None:
        return [c.Cell(numeric=True, starts_block=several), c.Cell(numeric=True)]
    if value.amount is None:
        return [
            c.Cell(missing=wording.missing_name(value.missing), numeric=True, starts_block=several),
            c.Cell(numeric=True),
        ]
    return [
        c.Cell(text=amount_text(value, series.unit), numeric=True, strong=True, starts_block=several),
        c.Cell(text=margin_text(value, series.unit), numeric=True),
    ]


def _notes(found: IndicatorDetail) -> list[str]:
    values = [value for series in found.series for value in series.values if value.amount is not None]
    notes = []
    if any(value.is_provisional for value in values):
        notes.append(_("* provisional"))
    if any(value.margin and value.margin.is_assumed for value in values):
        notes.append(_("° the number of respondents is assumed, so the interval is an estimate"))
    methods = dict.fromkeys(wording.method_name(value.margin.method) for value in values if value.margin)
    if methods:
        notes.append(_("Intervals: {methods}.").format(methods="; ".join(methods)))
    notes += dict.fromkeys(wording.margin_reason(value.no_margin_because) for value in values if not value.margin)
    return [note for note in notes if note]


def disagreement(found: IndicatorDetail) -> c.Callout | None:
    """What it means that two sources give different numbers for one period; None when none do."""
    differing = found.disagreements
    if not differing:
        return None
    unit = Unit(found.indicator.unit)
    items = []
    for period, _values in differing:
        said = [
            f"{series.source_label} {amount_text(value, unit)}"
            for series in found.series
            if (value := series.value(period)) and value.amount is not None
        ]
        items.append(f"{period}: {', '.join(said)}")
    return c.Callout(
        title=_("The sources do not give the same figures"),
        text=_(
            "A later state of the same registration or another delimitation can be the cause. Both series stand here "
            "side by side; they are never compared with one another, and no figure overwrites another."
        ),
        tone="warning",
        items=items,
    )


def series_parts(found: IndicatorDetail, *, municipality: str) -> list[SeriesPart]:
    """Each series with its numbers, newest period first."""
    return [_series_part(found, series, municipality=municipality) for series in found.series]


def _series_part(found: IndicatorDetail, series: Series, *, municipality: str) -> SeriesPart:
    change = None
    if series.values:
        change = change_since(series, first=series.values[0].period, last=series.values[-1].period)
    decimals = max((value.decimals for value in series.values), default=0)
    name = found.indicator.name if len(found.series) == 1 else f"{found.indicator.name} ({series.source_label})"
    return SeriesPart(
        source=found.sources[series.source],
        label=series.source_label,
        lines=[_line(value, series.unit, municipality=municipality) for value in reversed(series.values)],
        account=account(series.source, name, change, decimals=decimals) if change else None,
        is_own=series.source == found.indicator.source.code,
    )


def _line(value: Value, unit: Unit, *, municipality: str) -> ValueLine:
    respondents = wording.format_number(value.respondents, 0) if value.respondents else ""
    return ValueLine(
        period=value.period.label(),
        amount=amount_text(value, unit),
        missing=wording.missing_name(value.missing),
        margin=margin_text(value, unit),
        certainty=wording.certainty_name(value.certainty),
        known_from=wording.format_day(value.as_of),
        file_name=value.delivery.file_name,
        href=delivery_href(value.delivery.number, municipality=municipality),
        line=value.delivery.line,
        definition=value.definition_number,
        respondents=_("{number} (assumed)").format(number=respondents)
        if respondents and value.respondents_are_assumed
        else respondents,
        note=value.note,
        earlier=[_vintage(one, unit, municipality=municipality) for one in value.earlier],
        observation=value.observation,
    )


def _vintage(one: Vintage, unit: Unit, *, municipality: str) -> VintageLine:
    amount = wording.missing_name(one.missing)
    if one.amount is not None:
        amount = wording.format_amount(one.amount, unit, one.decimals)
    remark = _("withdrawn: {reason}").format(reason=one.withdrawn_because) if one.is_withdrawn else ""
    return VintageLine(
        amount=amount,
        known_from=wording.format_day(one.as_of),
        file_name=one.delivery.file_name,
        href=delivery_href(one.delivery.number, municipality=municipality),
        remark=remark,
    )


def agreed_lines(agreed: Sequence[Agreed], unit: Unit, *, municipality: str) -> list[c.Link]:
    """The objectives that lean on this indicator, with the values agreed."""
    links = []
    for one in agreed:
        values = ", ".join(
            f"{year}: {wording.format_amount(value, unit, 0 if value.is_integer() else 1)}"
            for year, value in one.targets
        )
        note = values if one.is_adopted else _("{values} (draft)").format(values=values)
        href = reverse("objective", args=[municipality, one.plan_code, one.objective_code])
        links.append(c.Link(label=one.objective, href=href, note=note))
    return links


def amount_text(value: Value, unit: Unit) -> str:
    """A number as printed; provisional ones carry a star."""
    if value.amount is None:
        return ""
    return wording.format_amount(value.amount, unit, value.decimals) + ("*" if value.is_provisional else "")


def margin_text(value: Value, unit: Unit) -> str:
    """The interval as printed; a ring says that the number of respondents is assumed."""
    if value.margin is None:
        return ""
    text = wording.format_margin(value.margin.low, value.margin.high, unit, value.decimals)
    return f"{text}°" if value.margin.is_assumed else text


def delivery_href(number: int, *, municipality: str) -> str:
    """The address of a delivery."""
    return reverse("delivery", kwargs={"municipality": municipality, "number": number})
