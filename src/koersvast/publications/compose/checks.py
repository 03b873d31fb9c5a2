"""The plan check in the report: how many findings there are, the open ones in full, and the answers that were given."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from koersvast.policy.queries.checking import CheckReport, Finding
from koersvast.policy.wording import amounts
from koersvast.publications.blocks import (
    Block,
    Bullets,
    Column,
    Heading,
    KeyFigure,
    KeyFigures,
    Row,
    RowGroup,
    Table,
    Text,
    Tone,
    paragraph,
    strong,
)
from koersvast.publications.compose.material import Material

SEVERITIES = ("error", "warning", "note")


def severity_name(severity: str, number: int) -> str:
    """Findings of one severity, named in the singular or the plural."""
    return {
        "error": npgettext("report", "defect", "defects", number),
        "warning": npgettext("report", "warning", "warnings", number),
        "note": npgettext("report", "remark", "remarks", number),
    }[severity]


def chapter(material: Material) -> list[Block]:
    """What the rules of the plan check find on the plan as it stands on the day of the report."""
    report = material.check
    opening = ngettext(
        "{number} rule looked at the plan as it stands on {day}.",
        "{number} rules looked at the plan as it stands on {day}.",
        len(report.rules),
    ).format(number=len(report.rules), day=amounts.day(material.today))
    blocks: list[Block] = [Heading(1, pgettext("report", "Plan check")), Text.of(opening)]
    if not report.findings:
        return [*blocks, Text.of(_("They found nothing."))]
    return [
        *blocks,
        KeyFigures(title=_("Findings by severity"), figures=_cards(report)),
        *_open(report, material),
        *_answered(report),
    ]


def _cards(report: CheckReport) -> tuple[KeyFigure, ...]:
    tones = {"error": Tone.BAD, "warning": Tone.UNSURE, "note": Tone.NEUTRAL}
    numbers = {severity: _of(report.open_findings, severity) for severity in SEVERITIES}
    cards = [
        KeyFigure(
            label=_("Open {severity}").format(severity=severity_name(severity, len(found))),
            value=str(len(found)),
            tone=tones[severity] if found else Tone.NEUTRAL,
        )
        for severity, found in numbers.items()
    ]
    answered = len(report.findings) - len(report.open_findings)
    return (*cards, KeyFigure(label=pgettext("report", "Answered"), value=str(answered)))


def _of(findings: Sequence[Finding], severity: str) -> list[Finding]:
    return [finding for finding in findings if finding.severity == severity]


def _open(report: CheckReport, material: Material) -> list[Block]:
    """The defects and warnings that nobody answered yet; remarks are counted only."""
    named = {
        "error": pgettext("report", "Open defects"),
        "warning": pgettext("report", "Open warnings"),
    }
    blocks: list[Block] = []
    for severity, title in named.items():
        found = _of(report.open_findings, severity)
        if found:
            blocks += [Heading(2, title), _table(title, found, material)]
    return blocks


def _table(title: str, findings: Sequence[Finding], material: Material) -> Table:
    subjects = dict.fromkeys(finding.title for finding in findings)
    return Table(
        caption=title,
        columns=(Column(label=pgettext("report", "Where"), share=2.4), Column(label=_("What was found"), share=5)),
        groups=tuple(
            RowGroup(subject, _rows([finding for finding in findings if finding.title == subject]))
            for subject in subjects
        ),
        source=_("plan check of {day}").format(day=amounts.day(material.today)),
    )


def _rows(findings: Sequence[Finding]) -> tuple[Row, ...]:
    """The findings of one rule; what to do is said once where it is the same for all of them."""
    remedies = dict.fromkeys(finding.remedy for finding in findings)
    if len(remedies) == 1:
        found = [Row(finding.place, (finding.message,)) for finding in findings]
        return (*found, Row(_("What to do"), tuple(remedies)))
    return tuple(Row(finding.place, (f"{finding.message} {finding.remedy}",)) for finding in findings)


def _answered(report: CheckReport) -> list[Block]:
    answered = [(finding, finding.answer) for finding in report.findings if finding.answer]
    if not answered:
        return []
    lines = [
        paragraph(
            strong(f"{finding.place}: "),
            f"{finding.message} ",
            _("Answer of {name}, {day}: {text}").format(
                name=answer.name, day=amounts.day(answer.answered_on), text=answer.text
            ),
        )
        for finding, answer in answered
    ]
    return [Heading(2, pgettext("report", "Answered findings")), Bullets.of(*lines)]
