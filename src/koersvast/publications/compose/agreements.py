"""The ledger in the report: who decided what, every version side by side, and what later documents make of it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from koersvast.policy.queries.ledger import DecisionLine, Drift, LedgerEntry, LedgerVersion
from koersvast.publications.blocks import (
    Align,
    Block,
    Column,
    Heading,
    Row,
    RowGroup,
    Table,
    Text,
)
from koersvast.publications.compose.material import Material
from koersvast.publications.compose.words import sentence_case


def chapter(material: Material) -> list[Block]:
    """The decisions, the agreements as they count now, and each objective that has more than that to show."""
    found = material.ledger
    blocks: list[Block] = [
        Heading(1, _("What was agreed")),
        Text.of(
            _(
                "An agreed value never changes in place. A revision is a new decision with a reason, and the earlier "
                "values stay beside it."
            )
        ),
    ]
    blocks.append(_decisions(found.decisions) if found.decisions else Text.of(_("No decision was recorded yet.")))
    entries = [entry for entry in found.entries if entry.versions]
    if entries:
        blocks += [Heading(2, pgettext("report", "The agreements")), *_agreements(entries)]
    revised = [entry for entry in entries if len(entry.versions) > 1]
    if revised:
        blocks += [Heading(2, _("Every version side by side")), *(_side_by_side(entry) for entry in revised)]
    return [*blocks, *_later_documents(material)]


def _decisions(decisions: tuple[DecisionLine, ...]) -> Table:
    with_reason = any(decision.reason for decision in decisions)
    return Table(
        caption=pgettext("report", "Decisions"),
        columns=(
            Column(label=pgettext("report", "Decision"), share=2.0),
            Column(label=pgettext("report", "Decided by"), share=1.9),
            Column(label=pgettext("report", "Day"), share=2.6),
            Column(label=pgettext("report", "Document"), share=2.6),
            Column(label=pgettext("report", "Objectives"), align=Align.RIGHT, share=2.0),
            *((Column(label=pgettext("report", "Reason"), share=2.4),) if with_reason else ()),
        ),
        groups=(RowGroup("", tuple(_decision(decision, with_reason=with_reason) for decision in decisions)),),
    )


def _decision(decision: DecisionLine, *, with_reason: bool) -> Row:
    name = _("{number}: {kind}").format(number=decision.number, kind=decision.kind_text)
    cells = (sentence_case(decision.body), decision.date_text, decision.document, str(decision.objectives))
    return Row(name, (*cells, decision.reason) if with_reason else cells)


def _agreements(entries: list[LedgerEntry]) -> list[Block]:
    """The newest version of every objective: baseline, change and the value of each year."""
    years = sorted({year for entry in entries for year in entry.years})
    rows = []
    for entry in entries:
        newest = _counting(entry)
        values = {value.year: value.text for value in newest.values}
        baseline = _("{amount} ({period})").format(amount=newest.baseline_text, period=newest.baseline_period)
        rows.append(
            Row(
                entry.title,
                (
                    baseline if newest.baseline_text else pgettext("report", "none"),
                    newest.stated_text,
                    *(values.get(year, "") for year in years),
                ),
            )
        )
    return [
        Table(
            caption=_("The agreements as they count now"),
            columns=(
                Column(label=pgettext("report", "Objective"), share=3.2),
                Column(label=pgettext("report", "Baseline"), align=Align.RIGHT, share=1.8),
                Column(label=pgettext("report", "Change"), share=2.2),
                *(Column(label=str(year), align=Align.RIGHT, share=1.0) for year in years),
            ),
            groups=(RowGroup("", tuple(rows)),),
            notes=(_("An empty cell: nothing was agreed for that year."), *_draft_note(entries)),
        )
    ]


def _counting(entry: LedgerEntry) -> LedgerVersion:
    """The version that counts: the newest adopted one, else the draft."""
    adopted = [version for version in entry.versions if version.state == "adopted"]
    return (adopted or list(entry.versions))[-1]


def _draft_note(entries: list[LedgerEntry]) -> tuple[str, ...]:
    drafts = [entry.title for entry in entries if _counting(entry).state == "draft"]
    if not drafts:
        return ()
    return (_("A draft, not decided on yet: {titles}.").format(titles=", ".join(drafts)),)


def _side_by_side(entry: LedgerEntry) -> Table:
    """The versions of one objective next to each other, with the reason of each revision."""
    values = [{value.year: value.text for value in version.values} for version in entry.versions]
    reasons = [
        _("Version {number}: {reason}").format(number=version.number, reason=version.decision.reason)
        for version in entry.versions
        if version.decision and version.decision.reason
    ]
    return Table(
        caption=_("{title}: every version").format(title=entry.title),
        columns=(
            Column(label=pgettext("report", "Year"), share=1.0),
            *(Column(label=_version_label(version), align=Align.RIGHT, share=1.6) for version in entry.versions),
        ),
        groups=(
            RowGroup("", tuple(Row(str(year), tuple(some.get(year, "") for some in values)) for year in entry.years)),
        ),
        notes=(_("An empty cell: nothing was agreed for that year."), *reasons),
    )


def _later_documents(material: Material) -> list[Block]:
    """What documents after the decisions name as the agreement. The decided document itself is no later document."""
    decided = {decision.document for decision in material.ledger.decisions}
    later = [(entry, [one for one in entry.drift if one.document not in decided]) for entry in material.ledger.entries]
    later = [(entry, some) for entry, some in later if some]
    if not later:
        return []
    differing = sum(one.differs for _entry, some in later for one in some)
    told = ngettext(
        "{number} value in a later document differs from what was decided, without a decision that is known.",
        "{number} values in later documents differ from what was decided, without a decision that is known.",
        differing,
    ).format(number=differing)
    return [
        Heading(2, pgettext("report", "Later documents")),
        Table(
            caption=_("What was decided and what later documents name"),
            columns=(
                Column(label=pgettext("report", "Year"), share=1.0),
                Column(label=pgettext("report", "Document"), share=3.2),
                Column(label=pgettext("report", "Named"), align=Align.RIGHT, share=1.5),
                Column(label=pgettext("report", "Decided"), align=Align.RIGHT, share=1.5),
                Column(label=pgettext("report", "Difference"), align=Align.RIGHT, share=2.2),
            ),
            groups=tuple(RowGroup(entry.title, tuple(_drift(one) for one in some)) for entry, some in later),
        ),
        Text.of(told if differing else _("Later documents name the values that were decided.")),
    ]


def _drift(one: Drift) -> Row:
    where = _("{document}, {place}").format(document=one.document, place=one.place) if one.place else one.document
    if one.agreed is None:
        return Row(str(one.year or ""), (where, one.claimed_text, "", pgettext("report", "nothing decided")))
    difference = one.difference_text or pgettext("report", "as decided")
    return Row(str(one.year or ""), (where, one.claimed_text, one.agreed_text, difference))


def _version_label(version: LedgerVersion) -> str:
    state = version.state_text
    if version.decision is None:
        return _("Version {number} ({state})").format(number=version.number, state=state)
    return _("Version {number} ({state}, {year})").format(
        number=version.number, state=state, year=version.decision.decided_on.year
    )
