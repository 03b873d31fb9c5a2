"""What the pages of looking back show: the list, one moment, one objective. Only wording, no decisions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koersvast.access.models import Municipality
from koersvast.indicators.wording.numbers import format_day, format_number
from koersvast.policy.models import CourseDecision
from koersvast.programme.models import CheckMoment, ObjectiveReview
from koersvast.programme.queries.reviews import ActionSeen, MomentDetail, MomentLine, ObjectiveStep, Step
from koersvast.programme.reasons import reason_name
from koersvast.web import components as c
from koersvast.web.policy import objective_chart, objective_page
from koersvast.web.programme.actions import words as action_words
from koersvast.web.programme.reviews import words


def href(name: str, municipality: str, **parts: Any) -> str:
    """An address of these pages."""
    return reverse(name, kwargs={"municipality": municipality, **parts})


def listed(lines: Sequence[MomentLine], *, municipality: str) -> dict[str, Any]:
    """The list of moments: what can be done now first, what is closed last."""
    now = [one for one in lines if one.state in ("open", "due")]
    return {
        "first": _card(now[0], municipality) if now else None,
        "waiting": [_card(one, municipality) for one in now[1:]],
        "coming": [_card(one, municipality) for one in lines if one.state == "planned"],
        "closed": [_card(one, municipality) for one in reversed(lines) if one.state == "closed"],
    }


def _card(line: MomentLine, municipality: str) -> dict[str, Any]:
    return {
        "line": line,
        "href": href("review", municipality, moment=line.number),
        "badge": words.STATE[line.state],
        "kind": words.KIND_OF_ONE[line.kind],
        "when": when(line),
        "progress": progress(line.seen, line.objectives),
    }


def when(line: MomentLine) -> str:
    """When a moment was or is."""
    if line.closed_on:
        return _("closed on {day}").format(day=format_day(line.closed_on))
    return _("planned on {day}").format(day=format_day(line.planned_on))


def progress(done: int, total: int) -> str:
    """How far it has come."""
    return ngettext("{done} of {total} objective", "{done} of {total} objectives", total).format(done=done, total=total)


def moment_page(detail: MomentDetail, *, municipality: str) -> dict[str, Any]:
    """One moment with its objectives and where to go on."""
    waiting, number = detail.next_step, detail.line.number
    return {
        "detail": detail,
        "moment": detail.moment,
        "line": detail.line,
        "kind": words.KIND_OF_ONE[detail.line.kind],
        "badges": [words.STATE[detail.line.state]],
        "progress": progress(detail.finished, detail.line.objectives),
        "steps": [_step_line(one, number, municipality) for one in detail.steps],
        "next_href": href("review-step", municipality, moment=number, objective=waiting.code) if waiting else "",
        "next_title": waiting.title if waiting else "",
        "known_on": format_day(detail.moment.known_on) if detail.moment.known_on else "",
        "when": when(detail.line),
    }


def _step_line(step: ObjectiveStep, number: int, municipality: str) -> dict[str, Any]:
    line = step.standing
    return {
        "step": step,
        "href": href("review-step", municipality, moment=number, objective=step.code),
        "state": words.STEP[step.state],
        "badges": objective_page.badges(line) if line else [],
        "review": reading_facts(step.review) if step.review else None,
        "sentence": line.sentence if line else "",
    }


def reading_facts(review: ObjectiveReview) -> dict[str, Any]:
    """What was read, concluded and decided, as it was kept."""
    readers = [*review.figures.get("readers", ()), *([review.read_by_others] if review.read_by_others else [])]
    language = get_language() or "nl"
    reason = reason_name(review.reason_code, language) if review.reason_code else ""
    return {
        "row": review,
        "readers": ", ".join(readers),
        "reason": ". ".join(part for part in (reason, review.reason_text) if part),
        "decision": decision_facts(review.course_decision) if review.course_decision else None,
    }


def decision_facts(made: CourseDecision) -> dict[str, Any]:
    """A decision on the course in words."""
    number = _("Decision {number} in the ledger").format(number=made.decision.number) if made.decision else ""
    facts = [
        (_("Who decided"), made.body),
        (_("Day of the decision"), format_day(made.decided_on)),
        (_("Document"), made.document),
        (_("New values"), number),
    ]
    return {
        "row": made,
        "badge": words.CHOICE[made.choice],
        "text": made.text,
        "facts": [(name, value) for name, value in facts if value],
    }


def step_page(step: Step, *, municipality: Municipality) -> dict[str, Any]:
    """One objective: what was agreed, what was measured, what is expected, what was done and what that cost."""
    slug, number, line = municipality.slug, step.moment.pk, step.standing
    spec = objective_chart.specification(line, municipality, breaks=step.breaks)
    around = {"previous_href": step.previous_code, "next_href": step.next_code}
    return {
        "seen": step,
        "moment": step.moment,
        "objective": step.objective,
        "kicker": _("Objective {position} of {total}").format(position=step.position, total=step.total),
        "badges": objective_page.badges(line),
        "facts": figure_facts(step),
        "chart": objective_page.figure(line, spec) if spec else None,
        "done_table": actions_table(step),
        "revised": revised(step),
        "review": reading_facts(step.review) if step.review else None,
        "earlier": [decision_facts(one) for one in step.earlier if not _is_of(step, one)],
        "known_on": format_day(step.moment.known_on) if step.moment.known_on else "",
        "back": href("review", slug, moment=number),
        **{
            name: href("review-step", slug, moment=number, objective=code) if code else ""
            for name, code in around.items()
        },
    }


def _is_of(step: Step, decision: CourseDecision) -> bool:
    return step.review is not None and step.review.course_decision_id == decision.pk


def figure_facts(step: Step) -> list[tuple[str, str]]:
    """Agreed, measured, margin and chance of the year that speaks."""
    head = step.standing.headline
    if head is None:
        return []
    facts = [
        (_("Year that speaks"), head.period),
        (_("Agreed"), head.agreed_text),
        (_("Measured"), head.observed_text or (_("not measured") if head.is_due else _("not yet"))),
        (_("Interval"), head.interval_text),
        (_("Probability"), head.probability_text),
    ]
    return [(name, value) for name, value in facts if value]


def revised(step: Step) -> c.Callout | None:
    """What is known today and was not then; None when that is the same story."""
    if step.today is None or step.review is None:
        return None
    return c.Callout(
        title=_("Revised since"),
        text=_("This review keeps what was known on {day}. Today it reads: {sentence}").format(
            day=format_day(step.moment.known_on), sentence=step.today.sentence
        )
        if step.moment.known_on
        else "",
        tone="info",
    )


def actions_table(step: Step) -> c.DataTable | None:
    """What was done for the objective, and what it cost in the year; None when no action serves it."""
    if not step.actions:
        return None
    notes = [_("Amounts are of {year} and come from the programme.").format(year=step.year)]
    if step.unknown_costs:
        notes.append(
            ngettext(
                "{number} action does not say what it costs in this year.",
                "{number} actions do not say what they cost in this year.",
                step.unknown_costs,
            ).format(number=step.unknown_costs)
        )
    rows = [_action_row(one) for one in step.actions]
    if any(one.euro is not None for one in step.actions):
        total = c.Cell(text=action_words.euro(step.euro), numeric=True, strong=True)
        empty = c.Cell(text="")
        rows.append(c.Row(head=c.Cell(text=_("Together")), cells=[empty, empty, empty, total], is_total=True))
    return c.DataTable(
        id="gedaan",
        caption=_("What was done for this objective"),
        columns=[
            c.Column(label=_("Action")),
            c.Column(label=_("State")),
            c.Column(label=_("Last line")),
            c.Column(label=_("Counted"), numeric=True),
            c.Column(label=_("Cost in the year"), numeric=True),
        ],
        groups=[c.RowGroup(rows=rows)],
        notes=notes,
    )


def _action_row(one: ActionSeen) -> c.Row:
    reported = _("reported on {day}").format(day=format_day(one.reported_on)) if one.reported_on else ""
    line = c.Cell(text=one.last_line, note=reported) if one.last_line else c.Cell(missing=_("no line reported"))
    cost = action_words.cost(one.euro, has_no_cost=one.has_no_cost)
    is_known = one.euro is not None or one.has_no_cost
    return c.Row(
        head=c.Cell(text=f"{one.number}. {one.title}"),
        cells=[
            c.Cell(badge=action_words.STATUS[one.status]),
            line,
            _output(one),
            c.Cell(text=cost, numeric=True) if is_known else c.Cell(missing=cost, numeric=True),
        ],
    )


def _output(one: ActionSeen) -> c.Cell:
    if one.output_done is None and one.output_planned is None:
        return c.Cell(missing=_("nothing to count"), numeric=True)
    planned = "" if one.output_planned is None else _plain(one.output_planned)
    if one.output_done is None:
        return c.Cell(missing=_("not counted; {planned} planned").format(planned=planned), numeric=True)
    done = _plain(one.output_done)
    text = _("{done} of {planned}").format(done=done, planned=planned) if planned else done
    return c.Cell(text=text, note=one.output_unit, numeric=True)


def _plain(value: Any) -> str:
    return format_number(value, 0 if value == value.to_integral_value() else 1)


def conflict(mine: dict[str, Any], theirs: ObjectiveReview) -> list[tuple[str, str, str]]:
    """What was typed beside what stands there now, field by field, where it differs."""
    language = get_language() or "nl"
    pairs = [
        (
            _("Who read it together?"),
            ", ".join(one.name for one in mine["readers"]),
            ", ".join(theirs.figures.get("readers", ())),
        ),
        (_("Others who read it"), mine["read_by_others"], theirs.read_by_others),
        (_("What did you conclude?"), mine["reading"], theirs.reading),
        (
            _("Which reason explains it best?"),
            reason_name(mine["reason_code"], language),
            reason_name(theirs.reason_code, language),
        ),
        (_("Why, in a few words"), mine["reason_text"], theirs.reason_text),
    ]
    if theirs.set_aside:
        pairs.append((_("Set aside"), "", theirs.set_aside))
    return [(name, ours or _("(empty)"), other or _("(empty)")) for name, ours, other in pairs if ours != other]


def begin_day(moment: CheckMoment, *, today: date) -> date:
    """The day that is proposed for the figures."""
    return moment.known_on or today
