"""Weights on a page: the backgrounds with their numbers, and what the weighting did, in words, bars and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from koersvast.indicators.wording import format_day, format_number, language_now
from koersvast.surveys.codebook import Entry, Role
from koersvast.surveys.columns import categories_of
from koersvast.surveys.models import Computation, PopulationMargin, Wave
from koersvast.web import components as c
from koersvast.web.surveys.parts.steps import count
from koersvast.web.surveys.parts.weight_chart import weight_chart

HIGH_DESIGN_EFFECT, HEAVY_WEIGHT, SMALL_GROUP = 2.0, 5.0, 10
BAR_WIDTH, BAR_HEIGHT = 200, 34


@dataclass(frozen=True, kw_only=True)
class Backgrounds:
    """The confirmed entries of a wave that weighting can use."""

    entries: Mapping[str, Entry]
    has_frames: bool
    has_weight: bool

    def choices(self) -> list[tuple[str, str]]:
        """Backgrounds by code and name."""
        return [(code, one.text(language_now())) for code, one in self.entries.items()]

    def name(self, code: str) -> str:
        """The name of a background or crossing."""
        names = [self.entries[one].text(language_now()) if one in self.entries else one for one in code.split("*")]
        return " × ".join(names)

    def groups(self, code: str) -> list[tuple[str, str]]:
        """The groups of a background or crossing, by code and name, in order."""
        found = [("", "")]
        for part in code.split("*"):
            groups = [(one.code, one.text(language_now())) for one in categories_of(self.entries[part])]
            found = [
                (f"{code}*{own}" if code else own, f"{name}, {text}" if name else text)
                for code, name in found
                for own, text in groups
            ]
        return found


def backgrounds_of(wave: Wave) -> Backgrounds:
    """The backgrounds that are confirmed, and whether the file has frames and a weight."""
    rows = wave.entries.exclude(confirmed_at=None)
    entries = [row.entry for row in rows]
    return Backgrounds(
        entries={one.code: one for one in entries if one.role is Role.BACKGROUND and categories_of(one)},
        has_frames=any(one.role is Role.FRAME for one in entries),
        has_weight=any(one.role is Role.WEIGHT for one in entries),
    )


def given_margins(wave: Wave) -> dict[str, list[PopulationMargin]]:
    """The numbers of the population by background or crossing."""
    found: dict[str, list[PopulationMargin]] = {}
    for one in wave.margins.all():
        found.setdefault(one.code, []).append(one)
    return found


def margins_table(wave: Wave, known: Backgrounds, given: Mapping[str, Sequence[PopulationMargin]]) -> c.DataTable:
    """The backgrounds with the numbers of the population, each with where they come from."""
    codes = [*known.entries, *(code for code in given if "*" in code)]
    return c.DataTable(
        id="bevolking",
        caption=_("Numbers of the population"),
        subtitle=_("How many people each group has in the whole population."),
        columns=[
            c.Column(label=_("Background")),
            c.Column(label=_("Groups"), numeric=True),
            c.Column(label=_("People"), numeric=True),
            c.Column(label=_("Source")),
            c.Column(label=_("As of")),
        ],
        groups=[c.RowGroup(rows=[_margin_row(wave, known, code, given.get(code, ())) for code in codes])],
    )


def _margin_row(wave: Wave, known: Backgrounds, code: str, rows: Sequence[PopulationMargin]) -> c.Row:
    href = reverse("margin", args=[wave.municipality.slug, wave.pk, code])
    head = c.Cell(text=known.name(code), href=href)
    if not rows:
        blank = c.Cell(missing=_("not filled in yet"))
        return c.Row(head=head, cells=[blank, blank, blank, blank])
    return c.Row(
        head=head,
        cells=[
            c.Cell(text=count(len(rows)), numeric=True),
            c.Cell(text=count(round(sum(one.people for one in rows))), numeric=True),
            c.Cell(text=rows[0].source_text),
            c.Cell(text=format_day(rows[0].as_of)),
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What the weighting of one frame came to."""

    frame: str
    sentence: str
    figures: Sequence[c.KeyFigure]
    warnings: Sequence[str]
    charts: Sequence[c.ChartFigure]
    spread: c.ChartFigure | None


def weighed(computation: Computation, known: Backgrounds) -> list[Weighed]:
    """The outcome of the weighting by frame, the chosen frame first."""
    kept: Mapping[str, Any] = computation.diagnostics
    return [_weighed(frame, kept[frame], known) for frame in computation.frames if frame in kept]


def frame_name(frame: str) -> str:
    """A frame in words."""
    names = {
        "everybody": _("All respondents"),
        "sample": _("Random sample"),
        "panel": _("Panel"),
        "pooled": _("Random sample and panel together"),
    }
    return names.get(frame, frame)


def _weighed(frame: str, found: Mapping[str, Any], known: Backgrounds) -> Weighed:
    people, effective = int(found["respondents"]), float(found["effective_respondents"])
    sentence = _("Your {respondents} respondents count as {effective}.").format(
        respondents=count(people), effective=count(round(effective))
    )
    return Weighed(
        frame=frame_name(frame),
        sentence=sentence,
        figures=[
            c.KeyFigure(label=_("Respondents"), value=count(people)),
            c.KeyFigure(
                label=_("Count as"),
                value=count(round(effective)),
                note=_("the rest is the price of unequal weights"),
            ),
            c.KeyFigure(
                label=_("Design effect"),
                value=format_number(found["design_effect"], 2),
                note=_("1 is without loss"),
            ),
            c.KeyFigure(
                label=_("Weights"),
                value=_("{low} to {high}").format(
                    low=format_number(found["smallest"], 2), high=format_number(found["largest"], 2)
                ),
                note=_("times the mean weight"),
            ),
        ],
        warnings=_warnings(found, known),
        charts=[_bars(frame, table, known) for table in found.get("margins", ())],
        spread=weight_chart(frame, frame_name(frame), found["spread"]) if found.get("spread") else None,
    )


def _warnings(found: Mapping[str, Any], known: Backgrounds) -> list[str]:
    """What to look at before the outcomes are trusted."""
    said = []
    if found.get("converged") is False:
        said.append(_("The weights did not meet all backgrounds. Take groups together, or widen the limits."))
    if found["design_effect"] > HIGH_DESIGN_EFFECT:
        said.append(
            _("The weights differ much: more than half of the precision is lost. Fit to fewer backgrounds, or cut off.")
        )
    if found["largest"] > HEAVY_WEIGHT:
        said.append(
            _("The heaviest respondent counts {times} times the mean. Consider a limit.").format(
                times=format_number(found["largest"], 1)
            )
        )
    if found.get("trimmed"):
        said.append(_("The weights of {number} respondents were cut off.").format(number=count(found["trimmed"])))
    for table in found.get("margins", ()):
        names = dict(known.groups(table["code"])) if set(table["code"].split("*")) <= set(known.entries) else {}
        said += [
            _("Only {number} respondents are in “{group}”.").format(
                number=count(row["respondents"]), group=names.get(row["category"], row["category"])
            )
            for row in table["rows"]
            if row["category"] and row["respondents"] < SMALL_GROUP
        ]
    return said


def _bars(frame: str, table: Mapping[str, Any], known: Backgrounds) -> c.ChartFigure:
    """A background before and after weighting, beside the population."""
    code, rows = table["code"], table["rows"]
    names = dict(known.groups(code)) if set(code.split("*")) <= set(known.entries) else {}
    named = [(names.get(row["category"]) or row["category"] or _("unknown"), row) for row in rows]
    return c.ChartFigure(
        id=f"weging-{frame}-{code.replace('*', '-')}",
        title=_title(frame, code, known),
        lead=_("Share of the respondents before and after weighting, and of the population."),
        description=_("Bars by group: before weighting, after weighting and a line for the population."),
        svg=_drawing(named),
        table=_before_after(frame, code, named, known),
    )


def _before_after(
    frame: str, code: str, named: Sequence[tuple[str, Mapping[str, Any]]], known: Backgrounds
) -> c.DataTable:
    return c.DataTable(
        id=f"tabel-{frame}-{code.replace('*', '-')}",
        caption=_title(frame, code, known),
        subtitle=_("Before and after weighting, and in the population"),
        columns=[
            c.Column(label=_("Group")),
            c.Column(label=_("Respondents"), numeric=True),
            c.Column(label=_("Before weighting"), numeric=True),
            c.Column(label=_("After weighting"), numeric=True),
            c.Column(label=_("Population"), numeric=True),
        ],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(
                        head=c.Cell(text=name),
                        cells=[
                            c.Cell(text=count(row["respondents"]), numeric=True),
                            *(_percent(row[what]) for what in _SHARES),
                        ],
                    )
                    for name, row in named
                ]
            )
        ],
    )


def _title(frame: str, code: str, known: Backgrounds) -> str:
    """The background with the frame that it is of."""
    return f"{known.name(code)} · {frame_name(frame)}"


_SHARES = ("before_percent", "after_percent", "population_percent")


def _percent(value: float | None) -> c.Cell:
    if value is None:
        return c.Cell(missing=_("unknown"))
    return c.Cell(text=_("{percent}%").format(percent=format_number(value, 1)), numeric=True)


def _drawing(named: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Two bars and a line for each group; the numbers stand in the table beside it."""
    most = max((row[what] or 0 for _name, row in named for what in _SHARES), default=1) or 1
    step, left, height = BAR_HEIGHT + 18, 12, len(named) * (BAR_HEIGHT + 18) + 8
    scale = 560 / most
    groups = format_html_join(
        "",
        '<text class="kv-bars__text" x="{}" y="{}">{}</text>'
        '<rect class="kv-bars__before" x="{}" y="{}" width="{}" height="8" rx="2"></rect>'
        '<rect class="kv-bars__after" x="{}" y="{}" width="{}" height="12" rx="2"></rect>'
        '<line class="kv-bars__population" x1="{}" x2="{}" y1="{}" y2="{}"></line>',
        (
            (
                left, place * step + 14, f"{name}: {_words(row)}",
                left, place * step + 20, _length(row["before_percent"], scale),
                left, place * step + 29, _length(row["after_percent"], scale),
                *(2 * [_length(row["population_percent"], scale, from_left=left)]),
                place * step + 18, place * step + 43,
            )
            for place, (name, row) in enumerate(named)
        ),
    )  # fmt: skip
    return str(format_html('<svg class="kv-bars" viewBox="0 0 600 {}" role="presentation">{}</svg>', height, groups))


def _length(percent: float | None, scale: float, *, from_left: float = 0) -> str:
    """A length of the drawing; nothing for a share that is not known."""
    return f"{from_left + (percent or 0) * scale:.1f}"


def _words(row: Mapping[str, Any]) -> str:
    return _("{before}% before, {after}% after").format(
        before=format_number(row["before_percent"], 0), after=format_number(row["after_percent"], 0)
    )
