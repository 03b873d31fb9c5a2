"""The rules of the plan check about the programme: its term, its actions, its partners, its money, its check moments.

Pure: frozen facts in, findings out. Each rule is total: whatever the facts, it answers and raises nothing. Severity,
basis and days stand in `programme/data/checks.toml`; the sentences are in `wording.checking`. A plan without any
programme gets one finding, and nothing about what such a programme would lack.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from koersvast.engine.quantities import Unit
from koersvast.policy.checks.findings import Found, Place

KEPT_IN_VIEW = "kept_in_view"
STOPPED = "stopped"
NAMED_AT_MOST = 12


@dataclass(frozen=True, kw_only=True)
class ProgrammeFact:
    """A programme of the plan. `state` is draft, adopted or closed."""

    code: str
    title: str
    first_day: date
    last_day: date
    state: str = "adopted"


@dataclass(frozen=True, kw_only=True)
class ContributionFact:
    """What a partner does for an action, and the agreement that it rests on."""

    partner_code: str
    partner_name: str
    agreed_on: date | None = None
    agreement_code: str = ""
    agreement_title: str = ""
    agreement_ends_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ActionFact:
    """An action of the programme that is judged. `uncovered_euro` is the sum of its amounts without a cover.

    `needs_objective` is False where the plan has no objective for its priority: that is told of the priority already.
    """

    number: int
    title: str
    priority: str = ""
    objectives: tuple[str, ...] = ()
    needs_objective: bool = True
    has_owner: bool = True
    has_term: bool = True
    cost_is_known: bool = True
    uncovered_euro: Decimal = Decimal(0)
    has_mechanism: bool = True
    chain_link: str = ""
    output_measure: str = ""
    has_output_planned: bool = True
    status: str = "planned"
    contributions: tuple[ContributionFact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Named:
    """An objective or a priority of the plan. `reach` is local, regional or kept_in_view."""

    code: str
    title: str
    reach: str = ""


@dataclass(frozen=True, kw_only=True)
class ProgrammeFacts:
    """All that the rules look at. `judged` is the programme of today, or else the last one; `actions` are its own."""

    today: date
    first_year: int
    last_year: int
    plan_has_successor: bool = False
    programmes: tuple[ProgrammeFact, ...] = ()
    judged: ProgrammeFact | None = None
    actions: tuple[ActionFact, ...] = ()
    objectives: tuple[Named, ...] = ()
    priorities: tuple[Named, ...] = ()
    checked_years: frozenset[int] = frozenset()

    @property
    def going(self) -> tuple[ActionFact, ...]:
        """The actions that were not stopped."""
        return tuple(one for one in self.actions if one.status != STOPPED)


def judged_of(programmes: Iterable[ProgrammeFact], *, today: date) -> ProgrammeFact | None:
    """The programme of today; else the one that ended last, else the first to come."""
    known = sorted(programmes, key=lambda one: (one.first_day, one.code))
    running = [one for one in known if one.first_day <= today <= one.last_day]
    ended = sorted((one for one in known if one.last_day < today), key=lambda one: one.last_day)
    if running or ended:
        return (running or ended)[-1]
    return known[0] if known else None


def no_programme(facts: ProgrammeFacts) -> Iterator[Found]:
    """U01: nothing says who does what, and when."""
    if not facts.programmes:
        yield Found(code="U01", place=Place(kind="plan", code="programme"))


def programme_lapsed(facts: ProgrammeFacts) -> Iterator[Found]:
    """U02: the last programme is over, or ends before the plan does, and none follows."""
    if not facts.programmes:
        return
    last = max(facts.programmes, key=lambda one: one.last_day)
    ends_early = last.last_day < date(facts.last_year, 12, 31)
    values = {"on": last.last_day.isoformat(), "programme": last.title}
    if last.last_day < facts.today and (ends_early or not facts.plan_has_successor):
        yield Found(code="U02", place=_at_programme(last), variant="over", values=values)
    elif last.last_day >= facts.today and ends_early:
        yield Found(code="U02", place=_at_programme(last), variant="ahead", values=values)


def programme_undecided(facts: ProgrammeFacts) -> Iterator[Found]:
    """U03: a programme has begun and nobody adopted it."""
    for one in facts.programmes:
        if one.state == "draft" and one.first_day <= facts.today:
            values = {"on": one.first_day.isoformat(), "programme": one.title}
            yield Found(code="U03", place=_at_programme(one), values=values)


def action_lacks_agreements(facts: ProgrammeFacts) -> Iterator[Found]:
    """U04: an action without objective, owner, term or cost. `lacking` lists these four words."""
    for one in facts.going:
        present = {
            "owner": one.has_owner,
            "term": one.has_term,
            "cost": one.cost_is_known,
            "objective": bool(one.objectives) or not one.needs_objective,
        }
        lacking = [name for name, is_there in present.items() if not is_there]
        if lacking:
            place = Place(kind="action", code=str(one.number), name=one.title)
            yield Found(code="U04", place=place, values={"lacking": ",".join(lacking)})


def no_mechanism(facts: ProgrammeFacts) -> Iterator[Found]:
    """U05: actions of which nobody wrote why they should work."""
    yield from _together(facts, "U05", [one for one in facts.going if not one.has_mechanism])


def off_the_chain(facts: ProgrammeFacts) -> Iterator[Found]:
    """U06: actions without a place on the safety chain."""
    yield from _together(facts, "U06", [one for one in facts.going if not one.chain_link])


def objective_without_action(facts: ProgrammeFacts) -> Iterator[Found]:
    """U07: an objective for which the programme does nothing."""
    if facts.judged is None:
        return
    served = {code for one in facts.going for code in one.objectives}
    for objective in facts.objectives:
        if objective.code not in served:
            place = Place(kind="objective", code=objective.code, name=objective.title)
            yield Found(code="U07", place=place, values={"programme": facts.judged.title})


def one_link_only(facts: ProgrammeFacts) -> Iterator[Found]:
    """U08: a priority whose actions, two or more, all stand on one link of the chain."""
    for priority in facts.priorities:
        own = [one for one in facts.going if one.priority == priority.code]
        links = {one.chain_link for one in own}
        if len(own) > 1 and len(links) == 1 and "" not in links and priority.reach != KEPT_IN_VIEW:
            values: dict[str, float | int | str] = {"link": next(iter(links)), "number": len(own)}
            place = Place(kind="priority", code=priority.code, name=priority.title)
            yield Found(code="U08", place=place, values=values)


def contribution_not_agreed(facts: ProgrammeFacts) -> Iterator[Found]:
    """U09: the programme counts on partners without a day on which that was agreed."""
    counted: dict[tuple[str, str], list[int]] = {}
    for one in facts.going:
        for given in one.contributions:
            if given.agreed_on is None:
                counted.setdefault((given.partner_code, given.partner_name), []).append(one.number)
    for (code, name), numbers in sorted(counted.items()):
        place = Place(kind="organisation", code=code, name=name)
        yield Found(code="U09", place=place, values={"numbers": _numbers(numbers)})


def cost_not_covered(facts: ProgrammeFacts) -> Iterator[Found]:
    """U10: amounts that nobody has said out of what they are paid."""
    bare = [one for one in facts.going if one.uncovered_euro > 0]
    if bare and facts.judged is not None:
        values: dict[str, float | int | str] = {
            "uncovered_amount": float(sum((one.uncovered_euro for one in bare), Decimal(0))),
            "number": len(bare),
            "numbers": _numbers(one.number for one in bare),
        }
        yield Found(code="U10", place=_at_programme(facts.judged), unit=Unit.EURO, values=values)


def year_without_check(facts: ProgrammeFacts) -> Iterator[Found]:
    """U11: a year of the plan, up to this one, in which nobody planned to look where it stands."""
    if not facts.programmes:
        return
    years = range(facts.first_year, min(facts.last_year, facts.today.year) + 1)
    missing = [year for year in years if year not in facts.checked_years]
    if missing:
        values = {"years": ", ".join(str(year) for year in missing)}
        yield Found(code="U11", place=Place(kind="plan", code="check_moments"), values=values)


def agreement_expired(facts: ProgrammeFacts) -> Iterator[Found]:
    """U12: contributions rest on an agreement that has ended; of a programme that is over, that ended before it."""
    day = min(facts.today, facts.judged.last_day) if facts.judged else facts.today
    resting: dict[tuple[str, str, date], list[int]] = {}
    for one in facts.going:
        for given in one.contributions:
            ends = given.agreement_ends_on
            if given.agreement_code and ends is not None and ends < day:
                resting.setdefault((given.agreement_code, given.agreement_title, ends), []).append(one.number)
    for (code, title, ends), numbers in sorted(resting.items()):
        values = {"on": ends.isoformat(), "numbers": _numbers(numbers)}
        yield Found(code="U12", place=Place(kind="agreement", code=code, name=title), values=values)


def output_without_amount(facts: ProgrammeFacts) -> Iterator[Found]:
    """U13: actions that say what is counted, and not how many there should be."""
    yield from _together(
        facts, "U13", [one for one in facts.going if one.output_measure and not one.has_output_planned]
    )


type Rule = Callable[[ProgrammeFacts], Iterator[Found]]

RULES: Mapping[str, Rule] = {
    "U01": no_programme,
    "U02": programme_lapsed,
    "U03": programme_undecided,
    "U04": action_lacks_agreements,
    "U05": no_mechanism,
    "U06": off_the_chain,
    "U07": objective_without_action,
    "U08": one_link_only,
    "U09": contribution_not_agreed,
    "U10": cost_not_covered,
    "U11": year_without_check,
    "U12": agreement_expired,
    "U13": output_without_amount,
}


def run(facts: ProgrammeFacts, codes: Iterable[str] = tuple(RULES)) -> tuple[Found, ...]:
    """Let the rules with these codes look at the facts; findings in the order of the codes."""
    return tuple(found for code in codes for found in RULES[code](facts))


def _at_programme(programme: ProgrammeFact) -> Place:
    return Place(kind="programme", code=programme.code, name=programme.title)


def _together(facts: ProgrammeFacts, code: str, actions: list[ActionFact]) -> Iterator[Found]:
    """One finding at the programme for all of these actions: a reader mends them in one go."""
    if actions and facts.judged is not None:
        values: dict[str, float | int | str] = {
            "number": len(actions),
            "total": len(facts.going),
            "numbers": _numbers(one.number for one in actions),
        }
        yield Found(code=code, place=_at_programme(facts.judged), values=values)


def _numbers(numbers: Iterable[int]) -> str:
    """The numbers of actions in order, each once; of many only the first."""
    every = sorted(set(numbers))
    shown = ", ".join(str(number) for number in every[:NAMED_AT_MOST])
    return f"{shown}, …" if len(every) > NAMED_AT_MOST else shown
