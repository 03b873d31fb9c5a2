"""The page of one objective: the agreed path beside what was measured, versions, and what later documents say."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koersvast.access.models import Municipality
from koersvast.engine.quantities import EvidenceVerdict
from koersvast.policy.queries.ledger import CourseLine, Drift, Ledger, LedgerEntry, LedgerValue, LedgerVersion
from koersvast.policy.queries.plans import ObjectiveDetail
from koersvast.policy.queries.standing import Moment, ObjectiveStanding
from koersvast.policy.wording import amounts
from koersvast.policy.wording.agreements import course_name
from koersvast.programme.reasons import reason_name
from koersvast.publications.charts import Spec
from koersvast.publications.compose.account import method_words
from koersvast.web import components as c
from koersvast.web.policy import objective_chart, plan_page


def context(found: ObjectiveDetail, *, plan: str, municipality: Municipality) -> dict[str, Any]:
    """Everything that the page shows of an objective."""
    return {
        "objective": found,
        "plan_code": plan,
        "badges": badges(found.standing),
        "years": [(moment, _method(moment)) for moment in found.standing.path],
        "path": path_table(found.standing) if found.standing.path else None,
        "chart": chart(found, plan, municipality),
        "versions": versions_table(found.ledger),
        "courses": courses(found.ledger.courses),
        "drift": drift_table(found.ledger.drift, title=found.title),
    }


def ledger_context(ledger: Ledger, *, municipality: str) -> dict[str, Any]:
    """Everything that the page of decisions shows."""
    return {
        "ledger": ledger,
        "tabs": plan_page.pages(ledger.plan_code, municipality=municipality, here="ledger", drafts=ledger.drafts),
        "entries": plan_page.decisions(ledger.decisions),
        "objectives": [
            (
                entry,
                versions_table(entry, anchor=f"versies-{entry.code}"),
                drift_table(entry.drift, title=entry.title, anchor=f"later-{entry.code}"),
                courses(entry.courses),
            )
            for entry in ledger.entries
        ],
    }


def courses(lines: Sequence[CourseLine]) -> list[c.TimelineEntry]:
    """Decisions on the course of an objective, oldest first, as a line in time."""
    language = get_language() or "nl"
    return [
        c.TimelineEntry(
            date=amounts.day(line.decided_on),
            title=_("{choice}, after looking back on {period}").format(
                choice=course_name(line.choice), period=line.period
            ),
            text=line.text,
            badge=c.EVIDENCE[line.evidence],
            facts=[
                (name, value)
                for name, value in (
                    (_("Who decided"), line.body),
                    (_("Reason"), _reason(line, language)),
                    (_("Document"), line.document),
                    (_("New values"), _("decision {number}").format(number=line.decision_number))
                    if line.decision_number
                    else ("", ""),
                )
                if value
            ],
        )
        for line in lines
    ]


def _reason(line: CourseLine, language: str) -> str:
    named = reason_name(line.reason_code, language) if line.reason_code else ""
    return ". ".join(part for part in (named, line.reason) if part)


def badges(line: ObjectiveStanding) -> list[c.Badge]:
    """The pair of evidence and fact, once where there is no figure; nothing while nothing was agreed."""
    if line.headline is None:
        return []
    if line.evidence is EvidenceVerdict.NOT_MEASURED:
        return [c.EVIDENCE[line.evidence]]
    return [c.EVIDENCE[line.evidence], c.ATTAINED[line.attained]]


def _method(moment: Moment) -> str:
    """How a year was judged, in words; empty where nothing was calculated."""
    name, _slash, version = moment.method.partition("/")
    if moment.probability_text == "":
        return ""
    return _("{method}, version {version}").format(method=method_words().get(name, name), version=version)


def path_table(line: ObjectiveStanding) -> c.DataTable:
    """Every agreed year with its figure, the formal fact and the evidence."""
    return c.DataTable(
        id="pad",
        caption=_("Agreed and measured, year by year"),
        subtitle=_("Source of the figures: {source}").format(source=line.source_label) if line.source_label else "",
        columns=[
            c.Column(label=_("Year")),
            c.Column(label=_("Agreed"), numeric=True),
            c.Column(label=_("Measured"), numeric=True),
            c.Column(label=_("Interval")),
            c.Column(label=_("Met")),
            c.Column(label=_("Evidence")),
            c.Column(label=_("Probability"), numeric=True),
        ],
        groups=[c.RowGroup(rows=[_path_row(moment) for moment in line.path])],
        notes=[
            _("Probability: the chance that the level behind the figure is at the agreed value or better."),
        ],
    )


def _path_row(moment: Moment) -> c.Row:
    measured = c.Cell(text=moment.observed_text, numeric=True, note=_("provisional") if moment.is_provisional else "")
    if moment.observed is None:
        measured = c.Cell(missing=_("not measured") if moment.is_due else _("not yet"), numeric=True)
    return c.Row(
        head=c.Cell(text=str(moment.year), strong=moment.is_headline),
        cells=[
            c.Cell(text=moment.agreed_text, numeric=True),
            measured,
            c.Cell(text=moment.interval_text) if moment.interval_text else c.Cell(missing=_("none")),
            c.Cell(badge=c.ATTAINED[moment.attained]),
            c.Cell(badge=c.EVIDENCE[moment.evidence]),
            c.Cell(text=moment.probability_text, numeric=True)
            if moment.probability_text
            else c.Cell(missing=_("none"), numeric=True),
        ],
    )


def chart(found: ObjectiveDetail, plan: str, municipality: Municipality) -> c.ChartFigure | None:
    """The drawing with the same numbers as a table; None when there is nothing to draw."""
    spec = objective_chart.specification(found.standing, municipality)
    where = {"municipality": municipality.slug, "plan": plan, "objective": found.code}
    return figure(found.standing, spec, spec_href=reverse("objective-chart", kwargs=where)) if spec else None


def figure(line: ObjectiveStanding, spec: Spec, *, spec_href: str = "") -> c.ChartFigure:
    """A drawn chart with its table; without `spec_href` the browser keeps the server's drawing."""
    return c.ChartFigure(
        id="verloop",
        title=_("{indicator}: measured and agreed").format(indicator=line.indicator_name),
        description=objective_chart.description(line),
        svg=objective_chart.svg(spec),
        spec_href=spec_href,
        table=_series_table(line),
        sources=[c.SourceLine(name=line.source_label)],
    )


def _series_table(line: ObjectiveStanding) -> c.DataTable:
    agreed = {moment.year: moment.agreed_text for moment in line.path}
    measured = {point.year: point for point in line.series}
    rows = []
    for year in sorted({*agreed, *measured}):
        point = measured.get(year)
        rows.append(
            c.Row(
                head=c.Cell(text=str(year)),
                cells=[
                    c.Cell(text=point.text, numeric=True) if point else c.Cell(missing=_("not measured"), numeric=True),
                    c.Cell(text=agreed[year], numeric=True)
                    if year in agreed
                    else c.Cell(missing=_("nothing agreed"), numeric=True),
                ],
            )
        )
    return c.DataTable(
        id="verloop-tabel",
        caption=_("Measured and agreed values of {indicator}").format(indicator=line.indicator_name),
        columns=[
            c.Column(label=_("Year")),
            c.Column(label=_("Measured"), numeric=True),
            c.Column(label=_("Agreed"), numeric=True),
        ],
        groups=[c.RowGroup(rows=rows)],
    )


def versions_table(entry: LedgerEntry, *, anchor: str = "versies") -> c.DataTable | None:
    """Every version of the agreement side by side: one row a version, one column a year."""
    if not entry.versions:
        return None
    return c.DataTable(
        id=anchor,
        caption=_("{title}: versions of the agreement").format(title=entry.title),
        columns=[
            c.Column(label=_("Version")),
            c.Column(label=_("Decision")),
            c.Column(label=_("Baseline"), numeric=True),
            *(c.Column(label=str(year), numeric=True, starts_block=year == entry.years[0]) for year in entry.years),
        ],
        groups=[c.RowGroup(rows=[_version_row(version, entry) for version in entry.versions])],
        notes=[version.note for version in entry.versions if version.note],
    )


def _version_row(version: LedgerVersion, entry: LedgerEntry) -> c.Row:
    decision, note = _("none yet"), ""
    if version.decision:
        decision = _("{kind} by {body}").format(kind=version.decision.kind_text, body=version.decision.body)
        note = version.decision.date_text
    baseline = c.Cell(missing=_("none"), numeric=True)
    if version.baseline_text:
        parts = (version.baseline_period, version.baseline_source_label)
        baseline = c.Cell(text=version.baseline_text, note=", ".join(part for part in parts if part), numeric=True)
    return c.Row(
        head=c.Cell(text=f"{version.number}: {version.state_text}", note=version.stated_text),
        cells=[
            c.Cell(text=decision, note=note),
            baseline,
            *(_value_cell(value, first=entry.years[0]) for value in version.values),
        ],
    )


def _value_cell(value: LedgerValue, *, first: int) -> c.Cell:
    starts = value.year == first
    if not value.text:
        left_out = _("left out; was {was}").format(was=value.previous_text) if value.previous_text else ""
        return c.Cell(missing=left_out or _("nothing agreed"), numeric=True, starts_block=starts)
    note = ""
    if value.is_changed and value.previous_text:
        note = _("changed: was {was} ({difference})").format(was=value.previous_text, difference=value.difference_text)
    elif value.is_changed:
        note = _("added")
    return c.Cell(text=value.text, note=note, numeric=True, strong=value.is_changed, starts_block=starts)


def drift_table(drift: Sequence[Drift], *, title: str, anchor: str = "later") -> c.DataTable | None:
    """What later documents call the agreement, beside what was decided; None when none does."""
    if not drift:
        return None
    return c.DataTable(
        id=anchor,
        caption=_("What later documents say about {title}").format(title=title),
        columns=[
            c.Column(label=_("Document")),
            c.Column(label=_("Year"), numeric=True),
            c.Column(label=_("Decided"), numeric=True),
            c.Column(label=_("In the document"), numeric=True),
            c.Column(label=_("Agrees")),
            c.Column(label=_("Explanation")),
        ],
        groups=[c.RowGroup(rows=[_drift_row(one) for one in drift])],
    )


def _drift_row(one: Drift) -> c.Row:
    same = c.Badge(text=_("As decided"), symbol="same", tone="neutral")
    other = c.Badge(text=_("Differs"), symbol="warning", tone="warning")
    decided = c.Cell(text=one.agreed_text, numeric=True)
    return c.Row(
        head=c.Cell(text=one.document, note=one.place, href=one.source_url),
        cells=[
            c.Cell(text=str(one.year or ""), numeric=True),
            decided if one.agreed_text else c.Cell(missing=_("nothing agreed"), numeric=True),
            c.Cell(text=one.claimed_text, numeric=True, strong=one.differs),
            c.Cell(badge=other if one.differs else same),
            c.Cell(text=one.sentence),
        ],
    )
