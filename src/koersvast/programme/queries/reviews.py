"""Looking back: which moments there are, how far each has come, and what is read of one objective.

What is read comes from the standing as it was known on the day of the moment. What was read already comes from the
review itself, in which all of it is kept: a closed review reads the same for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from koersvast.engine.periods import Period
from koersvast.indicators.models import Break
from koersvast.partners.models import Organisation
from koersvast.policy.models import CourseDecision, Decision, Objective, Plan
from koersvast.policy.queries.standing import ObjectiveStanding, objective_standing, standing
from koersvast.programme.looking_back import differs, needs_reason, speaking_of, standing_from
from koersvast.programme.models import Action, CheckMoment, CostLine, ObjectiveReview, ProgressReport

# More names than this are no choice but a register; others are named as roles.
MOST_READERS = 12


@dataclass(frozen=True, kw_only=True)
class MomentLine:
    """A moment in the list. `state` is planned, due (its day has come), open or closed."""

    number: int
    kind: str
    title: str
    period: str
    planned_on: date
    known_on: date | None
    closed_on: date | None
    state: str
    seen: int
    objectives: int
    decisions: int


@dataclass(frozen=True, kw_only=True)
class ObjectiveStep:
    """One objective of a moment. `state` is unread, undecided, finished or set_aside."""

    code: str
    title: str
    priority_title: str
    state: str
    standing: ObjectiveStanding | None
    review: ObjectiveReview | None


@dataclass(frozen=True, kw_only=True)
class MomentDetail:
    """A moment with its objectives in the order of the plan."""

    moment: CheckMoment
    line: MomentLine
    steps: tuple[ObjectiveStep, ...]

    @property
    def finished(self) -> int:
        """How many objectives were read or set aside."""
        return sum(step.state in ("finished", "set_aside") for step in self.steps)

    @property
    def next_step(self) -> ObjectiveStep | None:
        """The first objective that waits."""
        return next((step for step in self.steps if step.state not in ("finished", "set_aside")), None)


@dataclass(frozen=True, kw_only=True)
class ActionSeen:
    """What was done for an objective, as it was known on the day of the review. Amounts in euros of the year."""

    number: int
    title: str
    status: str
    last_line: str
    reported_on: date | None
    output_done: Decimal | None
    output_planned: Decimal | None
    output_unit: str
    euro: Decimal | None
    has_no_cost: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """Everything that is read of one objective at a moment."""

    moment: CheckMoment
    objective: Objective
    standing: ObjectiveStanding
    actions: tuple[ActionSeen, ...]
    breaks: tuple[tuple[date, str], ...]
    year: int
    review: ObjectiveReview | None
    readers: tuple[str, ...]
    asks_reason: bool
    today: ObjectiveStanding | None
    """How it stands today, where that tells another story than what was read."""
    earlier: tuple[CourseDecision, ...]
    """Decisions on the course of this objective, newest first."""
    position: int
    total: int
    previous_code: str
    next_code: str

    @property
    def euro(self) -> Decimal:
        """The sum of the amounts that were filled in."""
        return sum((one.euro for one in self.actions if one.euro is not None), Decimal(0))

    @property
    def unknown_costs(self) -> int:
        """How many actions say neither an amount nor that they cost nothing."""
        return sum(one.euro is None and not one.has_no_cost for one in self.actions)


def moments(plan: Plan, *, today: date) -> list[MomentLine]:
    """Return the moments of a plan by day, in a constant number of queries."""
    read = Q(reviews__reading__gt="") | Q(reviews__set_aside__gt="")
    found = plan.check_moments.annotate(
        seen=Count("reviews", filter=read, distinct=True),
        decisions=Count("reviews__course_decision", distinct=True),
    )
    objectives = plan.objectives.count()
    return [_line(one, objectives=objectives, today=today) for one in found.order_by("planned_on", "pk")]


def _line(moment: CheckMoment, *, objectives: int, today: date) -> MomentLine:
    state = "planned" if moment.planned_on > today else "due"
    state = "closed" if moment.closed_on else "open" if moment.opened_on else state
    return MomentLine(
        number=moment.pk,
        kind=moment.kind,
        title=moment.title,
        period=moment.period,
        planned_on=moment.planned_on,
        known_on=moment.known_on,
        closed_on=moment.closed_on,
        state=state,
        seen=getattr(moment, "seen", 0),
        objectives=objectives,
        decisions=getattr(moment, "decisions", 0),
    )


def moment_detail(moment: CheckMoment, *, today: date) -> MomentDetail:
    """Return a moment with how far each objective has come. What was not read yet is judged now, on its day."""
    reviews = {one.objective_id: one for one in reviews_of(moment)}
    objectives = list(moment.plan.objectives.select_related("priority"))
    lines = _standings(moment) if moment.known_on and len(reviews) < len(objectives) else {}
    line = _line(moment, objectives=len(objectives), today=today)
    return MomentDetail(
        moment=moment,
        line=line,
        steps=tuple(_step_of(one, reviews.get(one.pk), lines.get(one.code)) for one in objectives),
    )


def reviews_of(moment: CheckMoment) -> list[ObjectiveReview]:
    """Return what was read at a moment, with the decisions that came of it."""
    found = moment.reviews.select_related("objective__priority", "course_decision__decision", "moment")
    return list(found.prefetch_related("readers"))


def _standings(moment: CheckMoment) -> dict[str, ObjectiveStanding]:
    day = moment.known_on or timezone.localdate()
    found = standing(moment.plan, known_on=day, today=day)
    return {line.code: speaking_of(line, moment.period) for line in found.objectives}


def _step_of(objective: Objective, review: ObjectiveReview | None, line: ObjectiveStanding | None) -> ObjectiveStep:
    state = "unread"
    if review is not None:
        line = standing_from(review.figures["standing"])
        state = "set_aside" if review.set_aside else "finished" if is_finished(review) else "undecided"
    return ObjectiveStep(
        code=objective.code,
        title=objective.title,
        priority_title=objective.priority.title if objective.priority else "",
        state=state,
        standing=line,
        review=review,
    )


def is_finished(review: ObjectiveReview) -> bool:
    """Whether an objective was read with the decision that its verdict asks for, or set aside."""
    if review.set_aside:
        return True
    asks = needs_reason(standing_from(review.figures["standing"]))
    return bool(review.reading) and (not asks or review.course_decision_id is not None)


def unfinished(moment: CheckMoment) -> list[Objective]:
    """Return the objectives that keep a moment from closing: not read or set aside, or without a decision it needs."""
    done = {one.objective_id for one in moment.reviews.all() if is_finished(one)}
    return [one for one in moment.plan.objectives.all() if one.pk not in done]


def standing_of(moment: CheckMoment, objective: Objective) -> ObjectiveStanding:
    """Return how an objective stood for the period of a moment, with the figures of its day."""
    day = moment.known_on or timezone.localdate()
    return speaking_of(objective_standing(objective, known_on=day, today=day), moment.period)


def step(moment: CheckMoment, objective: Objective, *, today: date) -> Step:
    """Return what is read of one objective: kept values where it was read already, else the standing on the day."""
    review = next((one for one in reviews_of(moment) if one.objective_id == objective.pk), None)
    codes = list(moment.plan.objectives.values_list("code", flat=True))
    place = codes.index(objective.code)
    line = standing_from(review.figures["standing"]) if review else standing_of(moment, objective)
    now = speaking_of(objective_standing(objective, known_on=today, today=today), moment.period) if review else None
    return Step(
        moment=moment,
        objective=objective,
        standing=line,
        actions=kept_actions(review) if review else actions_seen(moment, objective),
        breaks=tuple(kept_breaks(review) if review else breaks_of(objective)),
        year=Period.parse(moment.period).year,
        review=review,
        readers=tuple(review.figures["readers"]) if review else (),
        asks_reason=needs_reason(line),
        today=now if now is not None and differs(line, now) else None,
        earlier=tuple(_decisions(objective)),
        position=place + 1,
        total=len(codes),
        previous_code=codes[place - 1] if place else "",
        next_code=codes[place + 1] if place + 1 < len(codes) else "",
    )


def _decisions(objective: Objective) -> Sequence[CourseDecision]:
    return list(objective.course_decisions.select_related("decision").order_by("-decided_on", "-number"))


def actions_seen(moment: CheckMoment, objective: Objective) -> tuple[ActionSeen, ...]:
    """Return what served an objective in the period of a moment, with the last line up to the day of its figures."""
    period, day = Period.parse(moment.period), moment.known_on or timezone.localdate()
    end_of_day = timezone.make_aware(datetime.combine(day, time.min)) + timedelta(days=1)
    reports = ProgressReport.objects.filter(at__lt=end_of_day).order_by("-at", "-pk")
    found = (
        Action.objects.filter(
            objectives=objective, programme__first_day__lte=period.end, programme__last_day__gte=period.start
        )
        .prefetch_related(
            Prefetch("reports", queryset=reports, to_attr="reports_then"),
            Prefetch("cost_lines", queryset=CostLine.objects.filter(year=period.year), to_attr="costs_then"),
        )
        .order_by("number")
    )
    return tuple(_seen(one) for one in found)


def _seen(action: Action) -> ActionSeen:
    reports: list[ProgressReport] = getattr(action, "reports_then", [])
    costs: list[CostLine] = getattr(action, "costs_then", [])
    last = reports[0] if reports else None
    counted = next((one.output_done for one in reports if one.output_done is not None), None)
    return ActionSeen(
        number=action.number,
        title=action.title,
        status=last.state if last else action.status,
        last_line=next((one.line for one in reports if one.line), ""),
        reported_on=timezone.localdate(last.at) if last else None,
        output_done=counted,
        output_planned=action.output_planned,
        output_unit=action.output_unit,
        euro=sum((one.euro for one in costs), Decimal(0)) if costs else None,
        has_no_cost=action.has_no_cost,
    )


def kept_form(actions: Sequence[ActionSeen]) -> list[dict[str, Any]]:
    """Return what was done as values that JSON can hold."""
    return [{name: _plain(value) for name, value in asdict(one).items()} for one in actions]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def kept_actions(review: ObjectiveReview) -> tuple[ActionSeen, ...]:
    """Return what was done, as it was kept with a review."""
    return tuple(_action_from(one) for one in review.figures.get("actions", ()))


def _action_from(values: Mapping[str, Any]) -> ActionSeen:
    numbers = ("output_done", "output_planned", "euro")
    more: dict[str, Any] = {name: None if values[name] is None else Decimal(values[name]) for name in numbers}
    day = values["reported_on"]
    return ActionSeen(**{**values, **more, "reported_on": date.fromisoformat(day) if day else None})


def breaks_of(objective: Objective) -> list[tuple[date, str]]:
    """Return the breaks that are registered for the indicator of an objective: day and kind."""
    return list(Break.objects.filter(indicator=objective.indicator_id).values_list("on", "kind"))


def kept_breaks(review: ObjectiveReview) -> list[tuple[date, str]]:
    """Return the breaks that were known when a review was recorded."""
    return [(date.fromisoformat(on), kind) for on, kind in review.figures.get("breaks", ())]


def decisions_to_choose(moment: CheckMoment, objective: Objective) -> list[Decision]:
    """Return decisions that set values for an objective and that no decision on its course refers to yet."""
    used = CourseDecision.objects.filter(objective=objective).exclude(decision=None).values("decision")
    return list(
        Decision.objects.filter(plan=moment.plan, kind=Decision.Kind.REVISION, target_sets__objective=objective)
        .exclude(pk__in=used)
        .distinct()
    )


def last_review(moment: CheckMoment, objective: Objective) -> ObjectiveReview | None:
    """Return what was read just before at this moment: its readers are most likely there for the next one too."""
    found = moment.reviews.exclude(objective=objective).exclude(reading="")
    return found.prefetch_related("readers").order_by("-recorded_at", "-pk").first()


def readers_offered(moment: CheckMoment, objective: Objective) -> list[Organisation]:
    """Return who probably reads along: who carries the actions, who read before at this moment, and the police."""
    involved = (
        Q(owned_actions__objectives=objective)
        | Q(contributions__action__objectives=objective)
        | Q(kind=Organisation.Kind.POLICE)
    )
    ids = set(Organisation.objects.filter(involved).values_list("pk", flat=True))
    ids |= set(
        ObjectiveReview.readers.through.objects.filter(objectivereview__moment=moment).values_list(
            "organisation", flat=True
        )
    )
    return list(Organisation.objects.filter(pk__in=ids).order_by("name")[:MOST_READERS])
