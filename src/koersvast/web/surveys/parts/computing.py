"""A computation on a page: how far it is, what came of it, and what of it becomes public."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.indicators.wording import format_day, format_moment
from koersvast.surveys import wording
from koersvast.surveys.models import Catalogue, Computation, ComputationProgress, Wave
from koersvast.web import components as c
from koersvast.web.surveys.parts.steps import count
from koersvast.web.surveys.parts.weighting import Backgrounds, frame_name

State = Computation.State
_STEPS: Mapping[str, str | Promise] = {
    "reading": gettext_lazy("The answers are being opened."),
    "estimating": gettext_lazy("Questions are being computed."),
    "storing": gettext_lazy("The outcomes are being kept."),
}
_WHY: Mapping[str, str | Promise] = {
    "small_base": gettext_lazy("too few respondents"),
    "small_group": gettext_lazy("too few people gave this answer"),
    "protects_another": gettext_lazy("would give away another figure"),
    "not_estimable": gettext_lazy("nobody has an answer to estimate from"),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How it stands with a computation."""

    title: str
    sentence: str
    badge: c.Badge
    is_busy: bool
    is_done: bool
    percent: int | None
    progress: str
    problems: Sequence[str]


def standing(computation: Computation, *, is_current: bool) -> Standing:
    """How it stands with a computation, in words and as a share of 100."""
    busy = computation.state in {State.QUEUED, State.RUNNING}
    step, percent = _progress(computation)
    title, sentence, badge = _words(computation, is_current=is_current)
    return Standing(
        title=title,
        sentence=sentence,
        badge=badge,
        is_busy=busy,
        is_done=computation.state == State.DONE,
        percent=percent,
        progress=step,
        problems=[wording.refusal(one["code"], one["values"]) for one in computation.problems],
    )


def _words(computation: Computation, *, is_current: bool) -> tuple[str, str, c.Badge]:
    if computation.state == State.QUEUED:
        badge = c.Badge(text=_("Waits"), symbol="not-measured", tone="neutral")
        return _("The outcomes are asked for"), _("The computation begins as soon as there is room."), badge
    if computation.state == State.RUNNING:
        badge = c.Badge(text=_("Being computed"), symbol="changed", tone="info")
        return _("The outcomes are being computed"), _("You may leave this page; it goes on."), badge
    if computation.state == State.FAILED:
        badge = c.Badge(text=_("Did not succeed"), symbol="error", tone="negative")
        return _("The outcomes could not be computed"), _("Nothing was kept. This is what stands in the way."), badge
    made = _("{questions} questions and {estimates} estimates, of which {hidden} stay hidden.").format(
        questions=count(computation.questions), estimates=count(computation.estimates), hidden=count(computation.hidden)
    )
    if not is_current:
        badge = c.Badge(text=_("Out of date"), symbol="warning", tone="warning")
        return _("The outcomes are out of date"), _("Something was changed since. Compute again."), badge
    return _("The outcomes are ready"), made, c.Badge(text=_("Ready"), symbol="ok", tone="positive")


def _progress(computation: Computation) -> tuple[str, int | None]:
    """What is being done, and how far that is; unknown where it cannot be told."""
    found = ComputationProgress.objects.filter(computation=computation).first()
    if found is None or computation.state != State.RUNNING:
        return "", None
    said = str(_STEPS.get(found.step, ""))
    if not found.total:
        return said, None
    told = _("{done} of {total} questions").format(done=count(found.done), total=count(found.total))
    return f"{said} {told}", min(100, round(100 * found.done / found.total))


def history(computations: Iterable[Computation], *, wave: Wave) -> c.DataTable:
    """What was computed before, newest first."""
    rows = [
        c.Row(
            head=c.Cell(
                text=format_moment(one.asked_at),
                href=reverse("computation", args=[wave.municipality.slug, wave.pk, one.pk]),
            ),
            cells=[
                c.Cell(text=", ".join(frame_name(frame) for frame in one.frames)),
                c.Cell(text=count(one.estimates), numeric=True),
                c.Cell(text=count(one.hidden), numeric=True),
                c.Cell(badge=_words(one, is_current=True)[2]),
            ],
        )
        for one in computations
    ]
    return c.DataTable(
        id="berekeningen",
        caption=_("Computed before"),
        columns=[
            c.Column(label=_("Asked")),
            c.Column(label=_("Of whom")),
            c.Column(label=_("Estimates"), numeric=True),
            c.Column(label=_("Hidden"), numeric=True),
            c.Column(label=_("Status")),
        ],
        groups=[c.RowGroup(rows=rows)],
    )


def release_figures(computation: Computation) -> list[c.KeyFigure]:
    """How much becomes public, and how much stays hidden."""
    shown = computation.estimates - computation.hidden
    share = round(100 * computation.hidden / computation.estimates) if computation.estimates else 0
    return [
        c.KeyFigure(label=_("Questions"), value=count(computation.questions)),
        c.KeyFigure(label=_("Figures shown"), value=count(shown)),
        c.KeyFigure(
            label=_("Stay hidden"),
            value=count(computation.hidden),
            note=_("{percent}% of all figures").format(percent=count(share)),
        ),
    ]


def release_facts(catalogue: Catalogue, known: Backgrounds) -> list[tuple[str, str]]:
    """The closed list of what is published."""
    names = ", ".join(known.name(code) for code in catalogue.backgrounds)
    entries = len(catalogue.entries)
    released = catalogue.released_at
    return [
        (_("Broken down by"), names or _("nothing: only everybody together")),
        (_("Questions"), count(entries) if entries else _("all that are confirmed")),
        (_("A figure is shown from"), _("{number} respondents").format(number=count(catalogue.smallest_base))),
        (_("An answer is shown from"), _("{number} respondents").format(number=count(catalogue.smallest_group))),
        (_("Published"), format_day(released.date()) if released else _("not yet")),
    ]


def hidden_table(computation: Computation) -> c.DataTable:
    """Why figures stay hidden, counted by reason."""
    counts = Counter(computation.rows.filter(is_hidden=True).values_list("why_hidden", flat=True))
    return c.DataTable(
        id="verborgen",
        caption=_("Why figures stay hidden"),
        columns=[c.Column(label=_("Reason")), c.Column(label=_("Figures"), numeric=True)],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(head=c.Cell(text=str(_WHY.get(code, code))), cells=[c.Cell(text=count(number), numeric=True)])
                    for code, number in counts.most_common()
                ]
            )
        ],
    )


def release_callouts(computation: Computation | None, catalogue: Catalogue, *, is_current: bool) -> list[c.Callout]:
    """What to know before publishing."""
    if computation is None:
        return []
    said = []
    if not is_current:
        said.append(
            c.Callout(
                title=_("These outcomes are out of date"),
                text=_("The codebook, the weighting or the file was changed since. Compute again to publish that."),
                tone="warning",
            )
        )
    if catalogue.released_computation_id == computation.pk:
        said.append(c.Callout(title=_("These outcomes are published"), tone="positive"))
    return said
