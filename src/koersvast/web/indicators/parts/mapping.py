"""A map on a page: the answer in a sentence, the drawing, the table under it, what is hidden and why."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.models import Municipality
from koersvast.engine.quantities import Missing
from koersvast.engine.shrinkage import SmallCell
from koersvast.indicators import wording
from koersvast.indicators.queries.mapping import AreaMap, MapMeasure, MappedArea, is_small
from koersvast.indicators.wording import comparisons as words
from koersvast.publications.blocks import Language
from koersvast.publications.charts import Spec
from koersvast.publications.map_classes import BadClasses, Classes, ClassMethod, classes, rounded
from koersvast.publications.maps import AreaValue, choropleth, describe, map_rows
from koersvast.web import components as c
from koersvast.web.indicators.charting import house_theme
from koersvast.web.indicators.parts.comparing import reasons
from koersvast.web.indicators.parts.months import Answer

WIDTH, MOST_HEIGHT = 860, 620
# Smoothed rates that lie within a tenth of the mean of each other get one colour.
HARDLY = 0.1


def measure_name(measure: MapMeasure) -> str:
    """What a map shows, as a choice."""
    return {
        MapMeasure.SMOOTHED: _("Per 1,000 inhabitants, smoothed"),
        MapMeasure.RATE: _("Per 1,000 inhabitants"),
        MapMeasure.COUNT: _("Number"),
    }[measure]


def level_name(level: str) -> str:
    """Which areas, as a choice."""
    return {"buurt": _("Buurten"), "wijk": _("Wijken")}[level]


def decimals_of(found: AreaMap) -> int:
    """No decimals for numbers; one or two for rates."""
    if found.measure is MapMeasure.COUNT:
        return 0
    return 2 if (found.mean or 0) < 5 else 1


def answer(found: AreaMap) -> Answer:
    """Where it stands out, as far as that is more than chance: an area whose interval leaves out the mean."""
    named = {"name": words.in_a_sentence(found.name), "area": found.area.name, "period": found.period.label()}
    above = [one for one in found.areas if not one.hidden and _lies_above(one, found.mean)]
    above.sort(key=lambda one: -(one.smoothed.rate or 0))
    if found.mean is None or all(one.smoothed.rate is None for one in found.areas):
        sentence = _("{name} by neighbourhood in {area}, {period}.").format(**(named | {"name": found.name}))
        badge = c.Badge(text=_("No rate per inhabitant"), symbol="cannot-tell", tone="info")
        return Answer(badge=badge, sentence=sentence, notes=reasons(found.reasons), tone="info")
    if not above:
        sentence = _(
            "In {period} no neighbourhood of {area} had demonstrably more {name} per inhabitant than {area} as a whole."
        ).format(**named)
        badge = c.Badge(text=_("No neighbourhood stands out"), symbol="no-change", tone="neutral")
        return Answer(badge=badge, sentence=sentence, notes=[], tone="neutral")
    listed = _and([one.name for one in above[:4]])
    more = len(above) - 4
    if more > 0:
        listed = _("{names} and {number} more").format(names=", ".join(one.name for one in above[:4]), number=more)
    sentence = _(
        "In {period} these had demonstrably more {name} per inhabitant than {area} as a whole: {names}."
    ).format(**named, names=listed)
    number = ngettext("{number} neighbourhood stands out", "{number} neighbourhoods stand out", len(above))
    badge = c.Badge(text=number.format(number=len(above)), symbol="info", tone="warning")
    return Answer(badge=badge, sentence=sentence, notes=[], tone="warning")


def _lies_above(one: MappedArea, mean: float | None) -> bool:
    return mean is not None and one.smoothed.low is not None and one.smoothed.low > mean


def _and(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])


# ── The drawing ──────────────────────────────────────────────────────────────────────────────────────────────────


def specification(found: AreaMap, municipality: Municipality) -> Spec | None:
    """The map in Vega-Lite; None without shapes or fonts."""
    theme = house_theme(municipality)
    if theme is None or not found.shapes:
        return None
    return choropleth(
        found.shapes,
        _values(found),
        classes=_classes(found),
        theme=theme,
        description=description(found),
        unit=_unit(found),
        language=Language(wording.language_now()),
        width=WIDTH,
        most_height=MOST_HEIGHT,
    )


def description(found: AreaMap) -> str:
    """The map in words: how many areas, from where to where, how many without an amount."""
    language = Language(wording.language_now())
    rows = map_rows(found.shapes, _values(found), classes=_classes(found), language=language)
    return describe(rows, what=_unit(found), language=language)


def _unit(found: AreaMap) -> str:
    return f"{found.name}, {measure_name(found.measure).lower()}, {found.period.label()}"


def _values(found: AreaMap) -> dict[str, AreaValue]:
    decimals = decimals_of(found)
    values = {}
    for one in found.areas:
        if one.value is None:
            hidden = one.hidden is not None and one.hidden.code in {"too_small_to_colour", "no_inhabitants"}
            missing = Missing.WITHHELD if hidden else one.missing or Missing.NOT_KNOWN
            values[one.code] = AreaValue(missing=missing)
        else:
            text = wording.format_number(one.value, decimals)
            values[one.code] = AreaValue(amount=one.value, low=one.low, high=one.high, text=text)
    return values


def hardly_differ(found: AreaMap) -> bool:
    """Whether smoothed rates lie so near to each other that colours would tell apart what is the same."""
    amounts = [one.value for one in found.areas if one.value is not None]
    if found.measure is not MapMeasure.SMOOTHED or not amounts:
        return False
    return max(amounts) - min(amounts) < HARDLY * (found.mean or 0)


def _classes(found: AreaMap) -> Classes | None:
    amounts = [one.value for one in found.areas if one.value is not None]
    if hardly_differ(found):
        decimals = decimals_of(found)
        ends = tuple(rounded(end, decimals) for end in (min(amounts), max(amounts)))
        return Classes(method=ClassMethod.NATURAL, edges=ends, decimals=decimals)
    try:
        return classes(amounts, method=ClassMethod.NATURAL, most=5, decimals=decimals_of(found))
    except BadClasses:
        return None


# ── The table ────────────────────────────────────────────────────────────────────────────────────────────────────


def table(found: AreaMap) -> c.DataTable:
    """Every area with its number, inhabitants, rate and smoothed rate; what is hidden on the map says why here."""
    ordered = sorted(found.areas, key=lambda one: (one.value is None, -(one.value or 0), one.name))
    columns = [
        c.Column(label=level_name(found.level)),
        c.Column(label=_("Number"), numeric=True),
        c.Column(label=_("Inhabitants"), numeric=True),
        c.Column(label=_("Per 1,000"), numeric=True),
        c.Column(label=_("Smoothed"), numeric=True, starts_block=True),
        c.Column(label=_("95% interval"), numeric=True),
    ]
    return c.DataTable(
        id="kaart-tabel",
        caption=_("{name} by neighbourhood").format(name=found.name),
        subtitle=f"{found.area.name}, {found.period.label()}",
        columns=columns,
        groups=[c.RowGroup(rows=[_row(one, found) for one in ordered])],
        notes=_notes(found),
    )


def _row(one: MappedArea, found: AreaMap) -> c.Row:
    places = 2 if (found.mean or 0) < 5 else 1
    smoothed, interval = one.smoothed, ""
    if smoothed.low is not None and smoothed.high is not None and not is_small(smoothed):
        interval = _("{low} to {high}").format(
            low=wording.format_number(smoothed.low, places), high=wording.format_number(smoothed.high, places)
        )
    shown = smoothed.rate is not None and not is_small(smoothed)
    return c.Row(
        head=c.Cell(text=one.name, note=one.code),
        cells=[
            _number(one.events, 0, missing=wording.missing_name(one.missing)),
            _number(one.inhabitants, 0),
            _number(one.rate.rate if one.rate and not is_small(smoothed) else None, places, missing=_why(one)),
            c.Cell(
                text=wording.format_number(smoothed.rate or 0, places) if shown else "",
                missing="" if shown else _why(one),
                numeric=True,
                starts_block=True,
                strong=_lies_above(one, found.mean) and shown,
            ),
            c.Cell(text=interval, numeric=True),
        ],
    )


def _number(value: float | None, decimals: int, *, missing: str = "") -> c.Cell:
    if value is None:
        return c.Cell(missing=missing or _("not known"), numeric=True)
    return c.Cell(text=wording.format_number(value, decimals), numeric=True)


def _why(one: MappedArea) -> str:
    """Why there is no rate, in a word or two."""
    if one.inhabitants is not None and one.inhabitants <= 0:
        return _("nobody lives there")
    return _("too small") if is_small(one.smoothed) else _("not known")


def _notes(found: AreaMap) -> list[str]:
    notes = [
        _("Smoothed: a small area is drawn towards the mean of all, as far as its own figures are thin."),
        _("In bold: demonstrably above {area} as a whole.").format(area=found.area.name),
    ]
    if any(is_small(one.smoothed) for one in found.areas):
        limit = wording.format_number(SmallCell().inhabitants, 0)
        notes.append(
            _(
                "Too small: fewer than {limit} inhabitants, or less than one case to be expected. A few cases would "
                "decide the colour, so there is none."
            ).format(limit=limit)
        )
    if found.mean is not None:
        mean = wording.format_number(found.mean, 2 if found.mean < 5 else 1)
        notes.insert(0, _("All areas together: {rate} per 1,000 inhabitants.").format(rate=mean))
    return notes


def remarks(found: AreaMap) -> list[str]:
    """What a reader should know about this map."""
    said = reasons(found.reasons)
    if hardly_differ(found):
        said.insert(
            0, _("The smoothed rates hardly differ, so all areas have the same colour: there is no difference to show.")
        )
    hidden = [one for one in found.areas if one.hidden is not None]
    if hidden:
        said.append(
            ngettext(
                "{number} area has no colour; the table says why.",
                "{number} areas have no colour; the table says why.",
                len(hidden),
            ).format(number=len(hidden))
        )
    if not found.shapes:
        said.append(_("The borders of these areas have not been fetched, so there is only a table."))
    if found.shapes_source:
        said.append(
            _("Borders of {year}: {source}.").format(
                year=found.shapes_year or "", source=found.shapes_source.rstrip(".")
            )
        )
    said.append(_("Who works, shops or goes out somewhere is not among its inhabitants: a centre looks worse."))
    caution = found.feed.caution.en if wording.language_now() == "en" else found.feed.caution.nl
    return [*said, *([caution] if caution else [])]
