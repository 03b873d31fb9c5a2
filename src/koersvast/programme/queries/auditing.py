"""The self-test as it stands: answers by norm, and beside them what the software can count itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from koersvast.partners.models import Agreement
from koersvast.policy.models import Decision, Objective, Plan, Priority, Target
from koersvast.programme.auditing import Norm, NormSet, Question, Tally, norm_sets, questions, tally
from koersvast.programme.models import Action, CheckMoment, CouncilItem, NormScore, PlanStep, Programme, SelfAudit
from koersvast.programme.queries.checking import check
from koersvast.programme.queries.standing import ActionStanding, standings
from koersvast.programme.staleness import Signal
from koersvast.reference.queries import MethodStep, method_steps


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the software counted: `met` of `total`, 0 for nothing to count. `kind`: `programme.auditing.SEEN`."""

    kind: str
    met: int
    total: int


@dataclass(frozen=True, kw_only=True)
class AskedQuestion:
    """A question with its answer, when there is one, and what the software counted beside it."""

    question: Question
    score: NormScore | None
    seen: Seen | None

    @property
    def is_older(self) -> bool:
        """Whether the answer came along from an earlier self-test."""
        return self.score is not None and self.score.answered_on < self.score.self_audit.started_on


@dataclass(frozen=True, kw_only=True)
class AskedNorm:
    """A norm with its questions and how they were answered."""

    norm: Norm
    asked: tuple[AskedQuestion, ...]
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class AskedSet:
    """The norms of one source."""

    norm_set: NormSet
    norms: tuple[AskedNorm, ...]


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """A step of the method and how far it is; `row` is None when nobody marked it."""

    step: MethodStep
    row: PlanStep | None

    @property
    def state(self) -> str:
        return self.row.state if self.row else PlanStep.State.OPEN.value


def audits(plan: Plan, *, closed_only: bool) -> list[tuple[SelfAudit, Tally]]:
    """Return the self-tests of a plan with their counts, the newest first; one query for each of two tables."""
    rows = SelfAudit.objects.filter(plan=plan).prefetch_related("scores")
    if closed_only:
        rows = rows.exclude(closed_on=None)
    return [(row, _tally(list(row.scores.all()))) for row in rows]


def _tally(scores: Sequence[NormScore]) -> Tally:
    return tally(questions().values(), {one.question: one.score for one in scores})


def audit_sets(self_audit: SelfAudit, *, seen: Mapping[str, Seen]) -> list[AskedSet]:
    """Return the norms with the answers of one self-test."""
    rows = NormScore.objects.filter(self_audit=self_audit).select_related("self_audit").prefetch_related("evidence")
    scores = {one.question: one for one in rows}
    said = {code: str(one.score) for code, one in scores.items()}
    return [
        AskedSet(
            norm_set=found,
            norms=tuple(
                AskedNorm(
                    norm=norm, tally=tally(norm.questions, said),
                    asked=tuple(
                        AskedQuestion(question=one, score=scores.get(one.code), seen=seen.get(one.sees))
                        for one in norm.questions
                    ),
                )
                for norm in found.norms
            ),
        )
        for found in norm_sets()
    ]  # fmt: skip


def seen(plan: Plan, *, today: date) -> dict[str, Seen]:
    """Count what can be counted for a plan, by the names of `programme.auditing.SEEN`. Constant number of queries."""
    objectives = list(Objective.objects.filter(plan=plan).values("pk", "indicator"))
    agreed = set(
        Target.objects.filter(
            target_set__objective__plan=plan, target_set__superseded_by=None, is_adopted=True
        ).values_list("target_set__objective", flat=True)
    )
    found = [
        Seen(kind="indicators", met=sum(one["indicator"] is not None for one in objectives), total=len(objectives)),
        Seen(kind="measurable", met=sum(one["pk"] in agreed for one in objectives), total=len(objectives)),
        *_priorities(plan), *_actions(plan, today), *_around(plan, today),
        Seen(kind="check", met=len(check(plan, today=today).open_findings), total=-1),
    ]  # fmt: skip
    return {one.kind: one for one in found}


def _priorities(plan: Plan) -> list[Seen]:
    rows = list(Priority.objects.filter(plan=plan).exclude(reach=Priority.Reach.KEPT_IN_VIEW).values("motivation"))
    return [
        Seen(kind="motivated", met=sum(bool(one["motivation"].strip()) for one in rows), total=len(rows)),
        Seen(kind="priorities", met=len(rows), total=plan.municipality.priorities_at_most),
    ]


def _actions(plan: Plan, today: date) -> list[Seen]:
    """What is known of the actions of programmes under the plan that are not closed, else of the last one."""
    programmes = Programme.objects.filter(plan=plan).order_by("-last_day")
    chosen = [one for one in programmes if one.state != Programme.State.CLOSED] or list(programmes[:1])
    rows = Action.objects.filter(programme__in=chosen)
    lines = standings(rows, today=today)
    count = rows.aggregate(
        with_mechanism=Count("pk", distinct=True, filter=~Q(mechanism="")),
        with_cost=Count("pk", distinct=True, filter=Q(cost_lines__isnull=False) | Q(has_no_cost=True)),
    )
    over = [one for one in lines if one.is_settled]
    going = [one for one in lines if not one.is_settled]
    return [
        Seen(kind="mechanisms", met=count["with_mechanism"], total=len(lines)),
        Seen(kind="costs", met=count["with_cost"], total=len(lines)),
        Seen(kind="owners", met=_number(lines, lambda one: one.facts.has_owner), total=len(lines)),
        Seen(kind="heard", met=_number(going, lambda one: Signal.SILENT not in one.signals), total=len(going)),
        Seen(kind="evaluated", met=_number(over, lambda one: bool(one.action.evaluation)), total=len(over)),
    ]


def _number(lines: Sequence[ActionStanding], holds: Callable[[ActionStanding], bool]) -> int:
    return sum(holds(one) for one in lines)


def _around(plan: Plan, today: date) -> list[Seen]:
    """What stands around the plan: check moments, agreements, the adoption, the council."""
    moments = CheckMoment.objects.filter(plan=plan).aggregate(
        due=Count("pk", filter=Q(planned_on__lte=today)), held=Count("pk", filter=Q(closed_on__isnull=False))
    )
    agreements = Agreement.objects.aggregate(
        valid=Count("pk", filter=Q(ends_on=None) | Q(ends_on__gte=today)), total=Count("pk")
    )
    items = CouncilItem.objects.exclude(state=CouncilItem.State.WITHDRAWN).aggregate(
        total=Count("pk"), late=Count("pk", filter=Q(state=CouncilItem.State.OPEN, due_on__lt=today))
    )
    adopted = Decision.objects.filter(plan=plan, kind=Decision.Kind.ADOPTION).exists()
    return [
        Seen(kind="reviews", met=moments["held"], total=moments["due"]),
        Seen(kind="agreements", met=agreements["valid"], total=agreements["total"]),
        Seen(kind="council", met=items["total"] - items["late"], total=items["total"]),
        Seen(kind="adopted", met=int(adopted), total=1),
    ]


def plan_steps(plan: Plan) -> list[StepLine]:
    """Return the steps of the method with how far each is; one query."""
    rows = {one.step: one for one in PlanStep.objects.filter(plan=plan)}
    return [StepLine(step=one, row=rows.get(str(one.number))) for one in method_steps().steps]
