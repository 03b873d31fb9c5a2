"""Objectives of a budget or annual report, listed as JSON, made into a package with a draft plan.

The listing names a municipality (`gemeente`, `cbs_code`), its documents and its indicators (`indicatoren`: naam,
eenheid, richting, nulmeting, realisaties, doelen, bijzonderheid). Pure. What such a listing says and a package cannot
hold is returned as remarks with a code; nothing is left out in silence and nothing is made up: where something had to
be assumed, a remark and the text of the definition say so.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from koersvast.connectors.figure_words import folded
from koersvast.engine.quantities import Direction, TargetKind, Unit
from koersvast.policy.package import (
    AreaEntry,
    DefinitionEntry,
    DeliveryEntry,
    IndicatorEntry,
    MunicipalityEntry,
    ObjectiveEntry,
    ObservationEntry,
    Package,
    PlanEntry,
    PriorityEntry,
    SourceEntry,
    TargetSetEntry,
)

# The code, and the keys that `Remark.values` then has.
CODES: Mapping[str, tuple[str, ...]] = {
    "X01": ("first", "later", "on"),  # the unit changes within a series: two indicators, the later succeeds the first
    "X02": (),  # no direction given: lower is assumed
    "X03": ("series", "count"),  # figures of an area or class that has no CBS code
    "X04": ("period",),  # the baseline has no single period
    "X05": ("amount",),  # a target without a year
    "X06": ("period",),  # one value for several years
    "X07": ("kind",),  # not an effect but a performance
    "X08": (),  # the theme is a guess
    "X09": ("amount",),  # not a number
    "X10": ("unit",),  # a unit that cannot be expressed
    "X11": ("count",),  # remarks and test questions beside the indicators
    "X12": ("source",),  # more than one source for one series
    "X13": ("period",),  # two values for one period: the first is kept
}
NATION = "NL01"
LOWER = ("omlaag", "maximaal", "lager", "dalen", "afname")
HIGHER = ("omhoog", "minimaal", "hoger", "stijgen", "toename")
UNITS = (
    (r"per 10[.\s]?000", Unit.PER_10000),
    (r"per 1[.\s]?000", Unit.PER_1000),
    (r"rapportcijfer|cijfer 1", Unit.MARK_1_10),
    (r"schaalscore", Unit.SCALE_0_10),
    (r"%|procent|percentage", Unit.PERCENT),
    (r"index", Unit.INDEX),
    (r"euro|€", Unit.EURO),
    (r"aantal|stuks|absoluut", Unit.COUNT),
)
THEMES = (
    (r"winkel", "2.1"),
    (r"bedrij", "2.2"),
    (r"evenement", "2.4"),
    (r"halt|harde kern|jeugdcrim", "3.2"),
    (r"jeugd|jongeren", "3.1"),
    (r"verkeer|ongeval|rijden", "4.1"),
    (r"brand", "4.2"),
    (r"ondermijn|hennep|drugs", "5.2"),
    (r"leefbaar|overlast|cohesie", "1.1"),
    (r"vernieling", "1.2"),
    (r"onveilig|beleving|veilig voelt|gevoel", "1.4"),
    (r"geweld|diefstal|inbra|misdrijf|misdrijven|criminal", "1.3"),
)
ELSEWHERE = "1.3"
SUFFIX = {Unit.PER_1000: "per-1000", Unit.PER_10000: "per-10000", Unit.PERCENT: "procent", Unit.COUNT: "aantal"}


class NotAListing(ValueError):
    """The JSON is not a listing of objectives."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What could not be taken over as it stands; `place` is the name of the indicator."""

    code: str
    place: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the installation knows already: the municipality itself and the areas by code."""

    municipality: MunicipalityEntry | None
    areas: Mapping[str, AreaEntry]
    taxonomy: str
    sources: Mapping[str, SourceEntry] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The package and everything that it does not say."""

    package: Package
    remarks: tuple[Remark, ...]


@dataclass
class _Reading:
    """One listing while it is read."""

    remarks: list[Remark] = field(default_factory=list)
    sources: dict[str, SourceEntry] = field(default_factory=dict)
    indicators: list[IndicatorEntry] = field(default_factory=list)
    figures: dict[tuple[str, str, str], tuple[Decimal, str]] = field(default_factory=dict)
    objectives: list[ObjectiveEntry] = field(default_factory=list)

    def remark(self, code: str, place: str, /, **values: str | int) -> None:
        self.remarks.append(Remark(code=code, place=place, values=values))


def package_of(listing: Mapping[str, Any], *, known: Known, digest: str) -> Listed:
    """Make a package of a listing; `digest` is the SHA-256 of its bytes. Raises NotAListing."""
    name, code = _head(listing)
    reading = _Reading()
    for number, entry in enumerate(listing["indicatoren"], 1):
        _read_indicator(reading, entry, number, known, name)
    extra = len(listing.get("toetsvragen", []))
    if extra:
        reading.remark("X11", name, count=extra)
    return Listed(package=_package(reading, listing, name, code, known, digest), remarks=tuple(reading.remarks))


def _head(listing: Mapping[str, Any]) -> tuple[str, str]:
    name, code = listing.get("gemeente"), listing.get("cbs_code")
    indicators = listing.get("indicatoren")
    sound = isinstance(name, str) and isinstance(code, str) and re.fullmatch(r"GM\d{4}", code or "")
    if not sound or not isinstance(indicators, list) or not all(isinstance(one, dict) for one in indicators):
        raise NotAListing("gemeente, cbs_code, indicatoren")
    if any(not isinstance(one.get("naam"), str) or not one["naam"].strip() for one in indicators):
        raise NotAListing("indicatoren.naam")
    return str(name), str(code)


# --- one indicator --------------------------------------------------------------------------------------------------


def _read_indicator(reading: _Reading, entry: Mapping[str, Any], number: int, known: Known, municipality: str) -> None:
    name = str(entry["naam"]).strip()
    spans = list(_spans(str(entry.get("eenheid") or "")))
    if not spans:
        reading.remark("X10", name, unit=str(entry.get("eenheid") or ""))
        return
    source = _source(reading, entry, name, known)
    direction, is_assumed = _direction(str(entry.get("richting") or ""))
    if is_assumed:
        reading.remark("X02", name)
    if entry.get("soort") not in (None, "", "effect"):
        reading.remark("X07", name, kind=str(entry["soort"]))
    codes = [f"{slug(name)[:60]}-{SUFFIX.get(unit, unit.value.replace('_', '-'))}" for _, unit in spans]
    for place, (first_year, unit) in enumerate(spans):
        later = place + 1 < len(spans)
        if later:
            reading.remark("X01", name, first=codes[place], later=codes[place + 1], on=spans[place + 1][0])
        reading.indicators.append(
            IndicatorEntry(
                code=codes[place],
                position=1000 + 10 * number + place,
                name_nl=name,
                name_en=name,
                taxonomy=known.taxonomy,
                theme=_theme(reading, name),
                perspective="subjective" if source.kind == "survey" else "objective",
                unit=unit.value,
                direction=direction.value,
                source=source.code,
                successor=codes[place + 1] if later else "",
                discontinued_on=date(spans[place + 1][0], 1, 1) if later else None,
                definitions=(_definition(entry, name, first_year, is_assumed=is_assumed),),
            )
        )
    _read_figures(reading, entry, spans, codes, municipality, known)
    _read_objective(reading, entry, codes[-1], source.code, number)


def _spans(text: str) -> Iterator[tuple[int, Unit]]:
    """Read a unit: one for all years, or several with the year from which each holds."""
    for part in text.split(";"):
        unit = next((unit for pattern, unit in UNITS if re.search(pattern, part.lower())), None)
        year = re.search(r"\b(19|20)\d\d\b", part)
        if unit is not None:
            yield int(year[0]) if year else 1900, unit


def _direction(text: str) -> tuple[Direction, bool]:
    """Which way is better, and whether that had to be assumed."""
    said = text.lower()
    if any(word in said for word in HIGHER):
        return Direction.HIGHER_IS_BETTER, False
    return Direction.LOWER_IS_BETTER, not any(word in said for word in LOWER)


def _theme(reading: _Reading, name: str) -> str:
    theme = next((code for pattern, code in THEMES if re.search(pattern, name.lower())), "")
    if not theme:
        reading.remark("X08", name)
    return theme or ELSEWHERE


def _definition(entry: Mapping[str, Any], name: str, first_year: int, *, is_assumed: bool) -> DefinitionEntry:
    note = str(entry.get("bijzonderheid") or "")
    if is_assumed:
        note = " ".join(["Het document geeft geen richting; lager is beter is een aanname.", note]).strip()
    text = f"{name}, in de eenheid {entry['eenheid']}, zoals het document het noemt."
    return DefinitionEntry(number=1, valid_from=date(first_year, 1, 1), text_nl=text, note_nl=note)


def _source(reading: _Reading, entry: Mapping[str, Any], name: str, known: Known) -> SourceEntry:
    said = str(entry.get("bron_volgens_document") or "niet genoemd").strip()
    if ";" in said:
        reading.remark("X12", name, source=said)
    code = slug(said)[:50].strip("-")
    if code in known.sources:
        return reading.sources.setdefault(code, known.sources[code])
    is_survey = "monitor" in said.lower()
    return reading.sources.setdefault(
        code,
        SourceEntry(
            code=code,
            name_nl=said[:200],
            name_en=said[:200],
            label_nl=said[:40],
            label_en=said[:40],
            kind="survey" if is_survey else "registration",
            holder=said[:120],
            interval_years=2 if is_survey else 1,
            note_nl="De bron zoals het document haar noemt; verder is er niets over bekend.",
        ),
    )


def slug(text: str) -> str:
    """Return a text as a short name: lower case, letters and figures, hyphens between."""
    return re.sub(r"[^a-z0-9]+", "-", folded(text).lower()).strip("-") or "x"


# --- its figures ----------------------------------------------------------------------------------------------------


def _read_figures(
    reading: _Reading,
    entry: Mapping[str, Any],
    spans: list[tuple[int, Unit]],
    codes: list[str],
    municipality: str,
    known: Known,
) -> None:
    name, elsewhere = str(entry["naam"]), Counter[str]()
    for line in entry.get("realisaties") or ():
        period, series = _split(str(line.get("periode") or ""), municipality)
        area = "" if series == "" else NATION if series == "Nederland" and NATION in known.areas else None
        if period is None or area is None:
            elsewhere[series or str(line.get("periode"))] += 1
            continue
        _figure(reading, name, _code_in(period, spans, codes), area, period, str(line.get("waarde") or ""))
    for series, count in elsewhere.items():
        reading.remark("X03", name, series=series, count=count)
    baseline = entry.get("nulmeting") or {}
    year = str(baseline.get("jaar") or "")
    if re.fullmatch(r"\d{4}", year):
        _figure(reading, name, _code_in(year, spans, codes), "", year, str(baseline.get("waarde") or ""))


def _split(text: str, municipality: str) -> tuple[str | None, str]:
    """Take a period such as `2014 Nederland` or `ref 2017` apart: the year, and whose figure it is ("" our own)."""
    year = re.search(r"\b\d{4}\b", text)
    rest = text.replace(year[0], "").strip() if year else text.strip()
    return (year[0] if year else None), "" if rest in ("", municipality) else rest


def _code_in(year: str, spans: list[tuple[int, Unit]], codes: list[str]) -> str:
    """Which of the indicators counts in this year."""
    return codes[max(place for place, (first, _) in enumerate(spans) if place == 0 or first <= int(year))]


def _figure(reading: _Reading, name: str, code: str, area: str, period: str, text: str) -> None:
    amount = _amount(text)
    if amount is None:
        reading.remark("X09", name, amount=text)
        return
    key = (code, area, period)
    if key in reading.figures and reading.figures[key][0] != amount:
        reading.remark("X13", name, period=period)
    reading.figures.setdefault(key, (amount, text))


def _amount(text: str) -> Decimal | None:
    """Read a Dutch number, with or without a percent sign; None for anything else."""
    bare = text.replace("%", "").replace("\u00a0", " ").strip()
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?", bare):
        bare = bare.replace(".", "")
    try:
        amount = Decimal(bare.replace(",", "."))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < Decimal(10) ** 12 else None


# --- its objective --------------------------------------------------------------------------------------------------


def _read_objective(reading: _Reading, entry: Mapping[str, Any], indicator: str, source: str, number: int) -> None:
    name, targets = str(entry["naam"]), entry.get("doelen") or []
    if not targets:
        return
    baseline, period = _baseline(reading, entry, name)
    agreed: dict[int, Decimal] = {}
    notes = []
    for target in targets:
        amount, text = _amount(str(target.get("waarde") or "")), str(target.get("periode") or "")
        years = [int(year) for year in re.findall(r"\b\d{4}\b", text)]
        if amount is None:
            reading.remark("X09", name, amount=str(target.get("waarde") or ""))
        elif not years:
            reading.remark("X05", name, amount=str(target["waarde"]))
            notes.append(f"Het document noemt {target['waarde']}, {text}, zonder jaar.")
        else:
            if len(years) > 1:
                reading.remark("X06", name, period=text)
            agreed |= dict.fromkeys(range(years[0], min(years[-1], years[0] + 30) + 1), amount)
    keeps = baseline is not None and bool(agreed) and set(agreed.values()) == {baseline}
    reading.objectives.append(
        ObjectiveEntry(
            code=slug(name)[:80],
            position=number,
            title=name[:200],
            priority="doelen",
            indicator=indicator,
            source=source,
            wording="; ".join(f"{one.get('periode')}: {one.get('waarde')}" for one in targets),
            target_sets=(
                TargetSetEntry(
                    number=1,
                    kind=(TargetKind.KEEP if keeps else TargetKind.LEVEL).value,
                    baseline_amount=baseline,
                    baseline_period=period,
                    baseline_definition=1 if baseline is not None else None,
                    baseline_source=source if baseline is not None else "",
                    note=" ".join(notes),
                    agreed=agreed,
                ),
            ),
        )
    )


def _baseline(reading: _Reading, entry: Mapping[str, Any], name: str) -> tuple[Decimal | None, str]:
    """The baseline with its year; one without a single year is left out, and said so."""
    said = entry.get("nulmeting") or {}
    amount, period = _amount(str(said.get("waarde") or "")), str(said.get("jaar") or "")
    if amount is not None and not re.fullmatch(r"\d{4}", period):
        reading.remark("X04", name, period=period)
        return None, ""
    return amount, period if amount is not None else ""


# --- the whole ------------------------------------------------------------------------------------------------------


def _package(reading: _Reading, listing: Mapping[str, Any], name: str, code: str, known: Known, digest: str) -> Package:
    years = [int(period) for _, _, period in reading.figures] or [2000]
    area = known.areas.get(code) or AreaEntry(code=code, name=name, kind="municipality", valid_from=min(years))
    areas = {area.code: area}
    if any(where for _, where, _ in reading.figures):
        areas[NATION] = known.areas[NATION]
    as_of = date(max(years) + 1, 1, 1)
    return Package(
        municipality=known.municipality or _municipality(name, code),
        areas=tuple(areas[key] for key in sorted(areas)),
        sources=tuple(reading.sources[key] for key in sorted(reading.sources)),
        indicators=tuple(reading.indicators),
        deliveries=(_delivery(listing, digest, as_of, len(reading.figures)),),
        observations=tuple(_observations(reading, area, areas, as_of)),
        plans=(_plan(reading, listing, known, area, years),) if reading.objectives else (),
    )


def _municipality(name: str, code: str) -> MunicipalityEntry:
    return MunicipalityEntry(
        code=code,
        slug=slug(name),
        name=name[:80],
        house_colour="#0b6157",
        on_course_from=0.9,
        off_course_to=0.1,
        priorities_at_most=6,
    )


def _delivery(listing: Mapping[str, Any], digest: str, as_of: date, count: int) -> DeliveryEntry:
    documents = "; ".join(f"{one.get('titel')} ({one.get('url')})" for one in listing.get("documenten") or ())
    moment = datetime(as_of.year, 1, 1, tzinfo=UTC)
    note = (
        f"Overgenomen uit een lijst van doelen en cijfers: {documents}. De stand van {as_of.isoformat()} is een "
        "aanname: de lijst noemt geen dag."
    )
    return DeliveryEntry(
        number=1,
        file_name=f"doelen-{slug(str(listing['gemeente']))}.json",
        snapshot=digest,
        identity=hashlib.sha256(f"{digest} {as_of}".encode()).hexdigest(),
        as_of=as_of,
        state="stored",
        received_at=moment,
        received_by="operator:command-line",
        closed_at=moment,
        closed_by="operator:command-line",
        new=count,
        note_nl=note,
    )


def _observations(
    reading: _Reading, area: AreaEntry, areas: Mapping[str, AreaEntry], as_of: date
) -> Iterator[ObservationEntry]:
    places = {one.code: (one.position, one.source) for one in reading.indicators}
    ordered = sorted(reading.figures, key=lambda key: (places[key[0]], key[1], key[2]))
    for line, key in enumerate(ordered, 1):
        code, where, period = key
        place = areas[where] if where else area
        yield ObservationEntry(
            indicator=code,
            definition=1,
            source=places[code][1],
            area=place.code,
            area_since=place.valid_from,
            period=period,
            amount=reading.figures[key][0],
            certainty="final",
            as_of=as_of,
            delivery=1,
            line=line,
        )


def _plan(reading: _Reading, listing: Mapping[str, Any], known: Known, area: AreaEntry, years: list[int]) -> PlanEntry:
    """The draft: nothing in it is decided, since the listing gives no decision."""
    agreed = [year for one in reading.objectives for made in one.target_sets for year in made.agreed]
    title = str((listing.get("documenten") or [{}])[0].get("titel") or "Doelen")
    stated = re.search(r"\b(19|20)\d\d\b", title)
    first = int(stated[0]) if stated else min(agreed, default=max(years))
    return PlanEntry(
        code=f"doelen-{slug(title)[:40]}",
        title=f"Doelen uit {title}"[:200],
        first_year=min([first, *agreed]),
        last_year=max([first, *agreed]),
        analysis_first_year=min(years),
        analysis_last_year=max(years),
        taxonomy=known.taxonomy,
        area=area.code,
        area_since=area.valid_from,
        main_course="\n".join(str(one) for one in listing.get("doelformulering") or ()),
        priorities=(PriorityEntry(code="doelen", position=1, reach="local", title="Doelen uit het document"),),
        objectives=tuple(reading.objectives),
    )
