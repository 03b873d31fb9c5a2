"""The codebook on a page: questions in groups to work through, each with its answers, cuts, base and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.indicators.wording import format_number, language_now
from koersvast.surveys import wording
from koersvast.surveys.codebook import Answer, Composition, Cut, Entry, Kind, Role
from koersvast.surveys.models import CodebookEntry, Wave
from koersvast.web import components as c
from koersvast.web.surveys.forms.codebook import KINDS, POLARITIES, ROLES
from koersvast.web.surveys.parts.steps import count

MOST_ANSWERS = 12
_NOT_USED = {Role.IGNORED, Role.OPEN}


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """One answer of a question; `is_missing` when it stands for none."""

    text: str
    is_missing: bool


@dataclass(frozen=True, kw_only=True)
class EntryCard:
    """One question to look at."""

    code: str
    anchor: str
    title: str
    variables: str
    badge: c.Badge
    counted: str
    facts: Sequence[tuple[str, str]]
    answers: Sequence[AnswerLine]
    more_answers: str
    why: Sequence[str]
    changed: Sequence[str]
    edit_href: str
    is_confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entries that a person looks at in one way. Where nothing waits they are lines that open."""

    code: str
    label: str | Promise
    text: str | Promise
    is_compact: bool = True


GROUPS: Mapping[str, Group] = {
    one.code: one
    for one in (
        Group(
            code="kijken",
            label=gettext_lazy("Need a look"),
            text=gettext_lazy("Here something has to be chosen, or it differs from the wave before. Look at each."),
            is_compact=False,
        ),
        Group(
            code="zeker",
            label=gettext_lazy("Sure"),
            text=gettext_lazy(
                "Here the labels in the file leave no doubt. Glance through them and confirm all at once."
            ),
        ),
        Group(
            code="bevestigd",
            label=gettext_lazy("Confirmed"),
            text=gettext_lazy("These count. You can still change them; after that the outcomes are computed again."),
        ),
        Group(
            code="buiten",
            label=gettext_lazy("Not used"),
            text=gettext_lazy("Numbers of respondents, days and open answers. They become no outcomes."),
        ),
    )
}


def group_of(row: CodebookEntry) -> str:
    """Return the code of the group in which an entry is shown."""
    if row.confirmed_at is not None and row.role not in _NOT_USED:
        return "bevestigd"
    if row.role in _NOT_USED:
        return "buiten" if row.is_sure or row.confirmed_at is not None else "kijken"
    return "zeker" if row.is_sure else "kijken"


def tabs(counts: Mapping[str, int], *, chosen: str, query: str) -> list[c.Link]:
    """The groups with how many each has."""
    return [
        c.Link(
            label=f"{group.label} ({count(counts.get(group.code, 0))})",
            href=f"?groep={group.code}{f'&zoek={query}' if query else ''}",
            current=group.code == chosen,
        )
        for group in GROUPS.values()
    ]


def cards(rows: Iterable[CodebookEntry], *, wave: Wave) -> list[EntryCard]:
    """The entries of one page of the list."""
    others = [row.entry for row in wave.entries.all()]
    names = {one.variables[0]: one.text(language_now()) for one in others if len(one.variables) == 1}
    return [_card(row, names, wave) for row in rows]


def _card(row: CodebookEntry, names: Mapping[str, str], wave: Wave) -> EntryCard:
    entry = row.entry
    shown = entry.answers[:MOST_ANSWERS]
    more = len(entry.answers) - len(shown)
    return EntryCard(
        code=entry.code,
        anchor=f"vraag-{entry.code}",
        title=entry.text(language_now()),
        variables=" · ".join([_variables(entry), str(ROLES[entry.role]), *_kind(entry)]),
        badge=badge_of(row),
        counted="; ".join(_cut_name(cut) for cut in entry.cuts) if entry.cuts and not _are_the_answers(entry) else "",
        facts=facts(entry, names),
        answers=[AnswerLine(text=_answer(one), is_missing=one.is_missing) for one in shown],
        more_answers=_("and {number} more").format(number=count(more)) if more else "",
        why=[wording.reason(one) for one in row.reasons],
        changed=[wording.reason(one) for one in row.changes],
        edit_href=reverse("codebook-entry", args=[wave.municipality.slug, wave.pk, entry.code]),
        is_confirmed=row.confirmed_at is not None,
    )


def badge_of(row: CodebookEntry) -> c.Badge:
    """How an entry stands: confirmed, sure or to be looked at."""
    if row.confirmed_at is not None:
        return c.Badge(text=_("Confirmed"), symbol="ok", tone="positive")
    if row.changed:
        return c.Badge(
            text=_("Differs from {period}").format(period=row.carried_from), symbol="changed", tone="warning"
        )
    if row.is_sure:
        return c.Badge(text=_("Sure"), symbol="ok", tone="neutral")
    return c.Badge(text=_("Needs a look"), symbol="cannot-tell", tone="info")


def facts(entry: Entry, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is proposed for a question, in words."""
    found: list[tuple[str, str]] = []
    if entry.role in _NOT_USED:
        return found
    if entry.cuts and not _are_the_answers(entry):
        found.append((_("Counted together"), "; ".join(_cut(cut, entry) for cut in entry.cuts)))
    elif entry.cuts and entry.role is Role.QUESTION and entry.kind is Kind.SINGLE:
        found.append((_("Counted together"), _("each answer apart")))
    if entry.has_mean:
        found.append((_("Outcome"), _("mean")))
    if entry.base:
        found.append((_("Asked"), _base(entry, names)))
    if entry.composition:
        found.append((_("Made of"), _composition(entry.composition, names)))
    if entry.role is Role.QUESTION:
        found.append((_("Which way is better"), str(POLARITIES[entry.polarity])))
    return found


def _cut_name(cut: Cut) -> str:
    return (cut.text_en if language_now() == "en" else "") or cut.text_nl


def _kind(entry: Entry) -> list[str]:
    """How a question is answered; of a column that is none it says nothing."""
    return [str(KINDS[entry.kind])] if entry.role in {Role.QUESTION, Role.BACKGROUND} else []


def _variables(entry: Entry) -> str:
    if len(entry.variables) <= 3:
        return ", ".join(entry.variables)
    return _("{first} to {last} ({number} columns)").format(
        first=entry.variables[0], last=entry.variables[-1], number=count(len(entry.variables))
    )


def _answer(answer: Answer) -> str:
    text = (answer.text_en if language_now() == "en" else "") or answer.text_nl
    return _("{answer} (no answer)").format(answer=text) if answer.is_missing else text


def _are_the_answers(entry: Entry) -> bool:
    """Whether every cut is one answer and nothing more: then the list of answers says it already."""
    return all(len(cut.answers) == 1 and not cut.is_range for cut in entry.cuts)


def _cut(cut: Cut, entry: Entry) -> str:
    name = (cut.text_en if language_now() == "en" else "") or cut.text_nl
    if cut.is_range:
        return name
    counted = [one.text_nl for one in entry.answers if one.code in cut.answers]
    return _("{cut} = {answers}").format(cut=name, answers=" + ".join(counted)) if counted else name


def _base(entry: Entry, names: Mapping[str, str]) -> str:
    assert entry.base is not None  # noqa: S101 asked by the caller
    asked = names.get(entry.base.variable, entry.base.variable)
    if entry.base.others_count:
        return _("after “{question}”; who was not asked counts as no").format(question=asked)
    return _("after “{question}”; the outcome is of who was asked").format(question=asked)


def _composition(made: Composition, names: Mapping[str, str]) -> str:
    items = "; ".join(
        _("{question} (turned round)").format(question=names.get(item, item))
        if item in made.reversed_items
        else names.get(item, item)
        for item in made.items
    )
    return _("{items}. From 0 to {most}, when at least {least} of {number} are answered.").format(
        items=items, most=format_number(made.scale_to, 0), least=made.least_answered, number=len(made.items)
    )
