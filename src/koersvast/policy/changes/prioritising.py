"""Choosing priorities: writing the long list, scoring it apart, closing, and deciding. What was decided is frozen."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event, Operator
from koersvast.access.codes import free_code
from koersvast.access.conflicts import locked
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.policy.changes.plans import write_priority
from koersvast.policy.models import Criterion, Option, Plan, Prioritising, Priority, Score, ScoringParty
from koersvast.reference.models import Taxonomy, Theme

RESERVED = frozenset({"nieuw", "mijn"})
MOST_OPTIONS, MOST_CRITERIA, MOST_PARTIES = 60, 15, 20


@dataclass(frozen=True, kw_only=True)
class OptionEntry:
    """One line of the long list: a theme, or an own title. `code` names a line that is there already."""

    title: str
    theme: Theme | None = None
    facts: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class CriterionEntry:
    """What is weighed, and how heavily. A measured one also shows the figures of that kind beside the field."""

    name: str
    weight: Decimal = Decimal(1)
    kind: str = Criterion.Kind.SCORED
    help_text: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class PartyEntry:
    """Who scores; without `user` the scores come in on paper."""

    name: str
    weight: Decimal = Decimal(1)
    user: User | None = None
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Where an option ends, why, and which priority of the plan follows: a known one, or one that is made now."""

    option: str
    outcome: Option.Outcome
    reason: str
    priority: Priority | None = None
    make_priority: bool = False


def open_round(
    *, municipality: Municipality, title: str, taxonomy: Taxonomy, by: Actor, plan: Plan | None = None,
    scores_close_on: date | None = None, with_themes: bool = True, predecessor: Prioritising | None = None,
    criteria: Sequence[CriterionEntry] = (), parties: Sequence[PartyEntry] = (),
) -> Prioritising:  # fmt: skip
    """Begin a round: with every theme of the list, or with the options, criteria and parties of an earlier round."""
    _may_edit(by, municipality)
    for part in (plan, predecessor):
        if part is not None and part.municipality_id != municipality.pk:
            raise ValidationError(_("This belongs to another municipality."), code="other_municipality")
    with audit.recorded(Event.PRIORITISING_WRITTEN, by=by, municipality=municipality) as record:
        codes = set(Prioritising.objects.filter(municipality=municipality).values_list("code", flat=True))
        made = Prioritising(
            municipality=municipality, title=title, taxonomy=taxonomy, plan=plan, predecessor=predecessor,
            code=free_code(title, taken=codes | RESERVED), opened_on=timezone.localdate(),
            scores_close_on=scores_close_on,
        )  # fmt: skip
        made.full_clean()
        made.save()
        if predecessor is not None:
            _copy(predecessor, made)
        else:
            themes = Theme.objects.filter(field__taxonomy=taxonomy).order_by("code") if with_themes else ()
            _store_options(made, [OptionEntry(title=one.name, theme=one) for one in themes])
            _store_criteria(made, criteria)
            _store_parties(made, parties)
        record.subject, record.detail = made, {"code": made.code}
    return made


def write_round(
    *, prioritising: Prioritising, title: str, plan: Plan | None, scores_close_on: date | None, by: Actor,
    version: int | None = None,
) -> Prioritising:  # fmt: skip
    """Change what a round is called, for which plan it is, and when scores should be in."""
    with _writing(prioritising, by=by, version=version, part="round", while_closed=True) as found:
        if plan is not None and plan.municipality_id != found.municipality_id:
            raise ValidationError(_("This belongs to another municipality."), code="other_municipality")
        found.title, found.plan, found.scores_close_on = title, plan, scores_close_on
    return found


def write_options(
    *, prioritising: Prioritising, options: Sequence[OptionEntry], by: Actor, version: int | None = None
) -> list[Option]:
    """Replace the long list by this one; what keeps its code keeps its scores. What was scored is not left out."""
    with _writing(prioritising, by=by, version=version, part="options") as found:
        return _store_options(found, options)


def write_criteria(
    *, prioritising: Prioritising, criteria: Sequence[CriterionEntry], by: Actor, version: int | None = None
) -> list[Criterion]:
    """Replace the criteria with their weights by these; one that was scored is not left out: give it weight 0."""
    with _writing(prioritising, by=by, version=version, part="criteria") as found:
        return _store_criteria(found, criteria)


def write_parties(
    *, prioritising: Prioritising, parties: Sequence[PartyEntry], by: Actor, version: int | None = None
) -> list[ScoringParty]:
    """Replace the parties by these; one that gave scores is not left out."""
    with _writing(prioritising, by=by, version=version, part="parties") as found:
        return _store_parties(found, parties)


def store_figures(
    *, prioritising: Prioritising, figures: Mapping[str, Sequence[Mapping[str, str]]], on: date, by: Actor
) -> None:
    """Lay these figures beside the options, by the code of the option; everybody scores with the same in hand."""
    with _writing(prioritising, by=by, version=None, part="figures") as found:
        for option in found.options.all():
            option.figures = [dict(line) for line in figures.get(option.code, ())]
            option.save(update_fields=["figures"])
        found.figures_on = on


def give_scores(
    *, party: ScoringParty, points: Mapping[tuple[str, str], Decimal | None], by: Actor,
    notes: Mapping[tuple[str, str], str] | None = None, seen: Mapping[tuple[str, str], Decimal | None] | None = None,
) -> None:  # fmt: skip
    """Write scores of one party by the codes of option and criterion; None takes one back: no opinion, not a zero.

    `seen` is what stood there when somebody opened the page: a score that another window changed in between is not
    overwritten (code changed_meanwhile), and then nothing is saved.

    The person of the party writes its scores. Who may edit the plan writes those of a party without a person, from
    paper; never those of a party that scores by itself.
    """
    _may_score(by, party)
    municipality = party.prioritising.municipality
    with audit.recorded(Event.PRIORITIES_SCORED, by=by, municipality=municipality) as record:
        found = _held(party.prioritising)
        _refuse_closed(found)
        party = ScoringParty.objects.select_for_update(of=("self",)).get(pk=party.pk)
        if party.finished_on:
            raise ValidationError(
                _("These scores are handed in. Take them back first to change one."), code="scores_are_finished"
            )
        _refuse_overwriting(party, points, seen or {})
        options = {one.code: one for one in found.options.all()}
        criteria = {one.code: one for one in found.criteria.all()}
        for (option, criterion), given in points.items():
            if option not in options or criterion not in criteria:
                raise ValidationError(_("This is not on the list any more. Open the page again."), code="not_listed")
            note = (notes or {}).get((option, criterion), "")
            _store_score(party, options[option], criteria[criterion], given, note)
        record.subject, record.detail = party, {"party": party.code, "scores": len(points)}


def _refuse_overwriting(
    party: ScoringParty,
    points: Mapping[tuple[str, str], Decimal | None],
    seen: Mapping[tuple[str, str], Decimal | None],
) -> None:
    rows = Score.objects.filter(party=party).values_list("option__code", "criterion__code", "points")
    standing = {(option, criterion): given for option, criterion, given in rows}
    changed = [key for key in points if key in seen and standing.get(key) not in (seen[key], points[key])]
    if changed:
        names = dict(party.prioritising.criteria.values_list("code", "name"))
        listed = ", ".join(f"{names[criterion]}: {standing.get((option, criterion))}" for option, criterion in changed)
        told = _("This was changed in another window: {listed}. Nothing was saved. Open the page again.")
        raise ValidationError(told.format(listed=listed), code="changed_meanwhile")


def finish_scores(*, party: ScoringParty, by: Actor, finished: bool = True) -> None:
    """Hand in the scores of a party, or take them back while the round is open."""
    _may_score(by, party)
    with audit.recorded(Event.PRIORITIES_SCORED, by=by, municipality=party.prioritising.municipality) as record:
        _refuse_closed(_held(party.prioritising))
        if finished and not party.scores.exists():
            raise ValidationError(_("Nothing was scored yet. Give at least one score first."), code="nothing_scored")
        party.finished_on = timezone.localdate() if finished else None
        party.save(update_fields=["finished_on"])
        record.subject, record.detail = party, {"party": party.code, "finished": finished}


def close_scores(*, prioritising: Prioritising, by: Actor, version: int | None = None) -> None:
    """Close the scoring: from here on everybody sees every score, and none changes."""
    with _writing(prioritising, by=by, version=version, part="closed") as found:
        if not Score.objects.filter(party__prioritising=found).exists():
            raise ValidationError(_("Nobody has given a score yet; there is nothing to close."), code="nothing_scored")
        found.closed_on = timezone.localdate()


def reopen_scores(*, prioritising: Prioritising, by: Actor, version: int | None = None) -> None:
    """Open the scoring again while nothing was decided. Those who handed in stay so until they take it back."""
    with _writing(prioritising, by=by, version=version, part="reopened", while_closed=True) as found:
        found.closed_on = None


def decide(
    *, prioritising: Prioritising, choices: Sequence[Choice], decided_on: date, body: str, by: Actor,
    document: str = "", motivation: str = "", version: int | None = None,
) -> Prioritising:  # fmt: skip
    """Record what was chosen, with a reason for every option. From here on the round is frozen."""
    _may_edit(by, prioritising.municipality)
    with audit.recorded(Event.PRIORITIES_DECIDED, by=by, municipality=prioritising.municipality) as record:
        found = locked(prioritising, version=version)
        _refuse_decided(found)
        if found.closed_on is None:
            raise ValidationError(_("Close the scoring first; then the choice can be recorded."), code="still_open")
        _check_decision(decided_on, body)
        _store_choices(found, choices, by=by)
        found.decided_on, found.body, found.document, found.motivation = decided_on, body, document, motivation
        found.version += 1
        found.full_clean()
        found.save()
        record.subject, record.detail = found, {"code": found.code, "options": len(choices)}
    return found


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _writing(
    prioritising: Prioritising, *, by: Actor, version: int | None, part: str, while_closed: bool = False
) -> Iterator[Prioritising]:
    """One named change of a round: held, not decided, and (but for its frame) with the scoring still open."""
    municipality = prioritising.municipality
    _may_edit(by, municipality)
    with audit.recorded(Event.PRIORITISING_WRITTEN, by=by, municipality=municipality) as record:
        found = locked(prioritising, version=version)
        _refuse_decided(found)
        if not while_closed:
            _refuse_closed(found)
        record.subject, record.detail = found, {"code": found.code, "part": part}
        yield found
        found.version += 1
        found.full_clean()
        found.save()


def _may_edit(by: Actor, municipality: Municipality) -> None:
    authorise(by, Permission.PLAN_EDIT, municipality, on=timezone.localdate())


def _may_score(by: Actor, party: ScoringParty) -> None:
    """The party's own person, or who may edit the plan for a party without one: nobody writes another's scores."""
    municipality = party.prioritising.municipality
    if isinstance(by, User) and party.user_id == by.pk:
        authorise(by, Permission.PRIORITIES_SCORE, municipality, on=timezone.localdate())
        return
    _may_edit(by, municipality)
    if party.user_id is not None and not isinstance(by, Operator):
        raise ValidationError(
            _("{name} scores on a page of its own. Take the person away from the party to enter scores from paper.")
            .format(name=party.name),
            code="party_scores_itself",
        )  # fmt: skip


def _held(prioritising: Prioritising) -> Prioritising:
    return locked(prioritising, version=None)


def _refuse_decided(found: Prioritising) -> None:
    if found.decided_on:
        raise ValidationError(
            _("This choice is recorded and does not change any more. Start a new round from it."), code="is_decided"
        )


def _refuse_closed(found: Prioritising) -> None:
    _refuse_decided(found)
    if found.closed_on:
        raise ValidationError(_("The scoring is closed: scores and lists do not change any more."), code="is_closed")


def _check_decision(decided_on: date, body: str) -> None:
    if not body.strip():
        raise ValidationError({"body": ValidationError(_("Say who decided."), code="body_missing")})
    if decided_on > timezone.localdate():
        raise ValidationError({"decided_on": ValidationError(_("This day is still to come."), code="day_to_come")})


def _store_choices(found: Prioritising, choices: Sequence[Choice], *, by: Actor) -> None:
    by_code = {one.option: one for one in choices}
    options = list(found.options.select_related("theme"))
    missing = [one.title for one in options if one.code not in by_code or not by_code[one.code].reason.strip()]
    undecided = [one.title for one in options if one.code in by_code and by_code[one.code].outcome == "undecided"]
    if missing or undecided:
        listed = ", ".join(dict.fromkeys([*missing, *undecided]))
        raise ValidationError(
            _("Say for every option what it becomes and why. Still open: {options}.").format(options=listed),
            code="choice_without_reason",
        )
    for option in options:
        choice = by_code[option.code]
        option.outcome, option.reason = Option.Outcome(choice.outcome), choice.reason.strip()
        option.priority = _priority(found, option, choice, by=by)
        option.full_clean()
        option.save()


def _priority(found: Prioritising, option: Option, choice: Choice, *, by: Actor) -> Priority | None:
    """The priority that follows: chosen, or made now in the plan of the round. What was rejected has none."""
    if choice.outcome == Option.Outcome.REJECTED or not (choice.priority or choice.make_priority):
        return None
    plan = found.plan
    if plan is None or (choice.priority and choice.priority.plan_id != plan.pk):
        raise ValidationError(
            _("A priority can follow only in the plan of this round. Choose the plan first."), code="no_plan"
        )
    if choice.priority:
        return choice.priority
    codes = set(plan.priorities.values_list("code", flat=True))
    highest = plan.priorities.aggregate(highest=Max("position"))["highest"] or 0
    fitting = option.theme and option.theme.field.taxonomy_id == plan.taxonomy_id
    return write_priority(
        plan=plan, code=free_code(option.title, taken=codes | RESERVED, longest=50), position=highest + 1,
        reach=Priority.Reach(choice.outcome), title=option.title, motivation=choice.reason.strip(),
        themes=[option.theme] if fitting and option.theme else [], by=by,
    )  # fmt: skip


# ── Storing lists ────────────────────────────────────────────────────────────────────────────────────────────────


def _store_options(found: Prioritising, entries: Sequence[OptionEntry]) -> list[Option]:
    _refuse_many(entries, MOST_OPTIONS)
    if any(one.theme and one.theme.field.taxonomy_id != found.taxonomy_id for one in entries):
        raise ValidationError(_("A theme is not in the list of themes of this round."), code="other_taxonomy")
    known = {one.code: one for one in found.options.all()}
    _leave_out(known, [one.code for one in entries])
    taken, rows = set(known) | RESERVED, []
    for position, entry in enumerate(entries, start=1):
        row = known.get(entry.code) or Option(prioritising=found, code=free_code(entry.title, taken=taken))
        taken.add(row.code)
        row.position, row.title, row.theme, row.facts = position, entry.title, entry.theme, entry.facts
        row.full_clean()
        row.save()
        rows.append(row)
    return rows


def _store_criteria(found: Prioritising, entries: Sequence[CriterionEntry]) -> list[Criterion]:
    _refuse_many(entries, MOST_CRITERIA)
    if entries and not any(one.weight > 0 for one in entries):
        raise ValidationError(_("Give at least one criterion a weight above 0."), code="no_weight")
    known = {one.code: one for one in found.criteria.all()}
    _leave_out(known, [one.code for one in entries])
    taken, rows = set(known), []
    for position, entry in enumerate(entries, start=1):
        wished = entry.code or free_code(entry.name, taken=taken, longest=40)
        row = known.get(wished) or Criterion(prioritising=found, code=wished)
        taken.add(row.code)
        row.position, row.name, row.weight = position, entry.name, entry.weight
        row.kind, row.help_text = entry.kind, entry.help_text
        row.full_clean()
        row.save()
        rows.append(row)
    return rows


def _store_parties(found: Prioritising, entries: Sequence[PartyEntry]) -> list[ScoringParty]:
    _refuse_many(entries, MOST_PARTIES)
    persons = [one.user.pk for one in entries if one.user]
    if len(set(persons)) < len(persons):
        raise ValidationError(_("One person scores for one party only."), code="person_twice")
    known = {one.code: one for one in found.parties.all()}
    _leave_out(known, [one.code for one in entries])
    taken, rows = set(known) | RESERVED, []
    for entry in entries:
        row = known.get(entry.code) or ScoringParty(prioritising=found, code=free_code(entry.name, taken=taken))
        taken.add(row.code)
        row.name, row.weight, row.user = entry.name, entry.weight, entry.user
        row.full_clean()
        row.save()
        rows.append(row)
    return rows


def _store_score(party: ScoringParty, option: Option, criterion: Criterion, points: Decimal | None, note: str) -> None:
    known = Score.objects.filter(party=party, option=option, criterion=criterion).first()
    if points is None:
        if known:
            known.delete()
        return
    row = known or Score(party=party, option=option, criterion=criterion)
    if known and (known.points, known.note) == (points, note):
        return
    row.points, row.note = points, note
    row.full_clean()
    row.save()


def _leave_out(known: Mapping[str, Option | Criterion | ScoringParty], kept: Sequence[str]) -> None:
    """Delete what is not in the list any more; refused when somebody scored it."""
    for code, row in known.items():
        if code in kept:
            continue
        if row.scores.exists():
            name = row.title if isinstance(row, Option) else row.name
            raise ValidationError(
                _("{name} was scored already and cannot be left out.").format(name=name), code="was_scored"
            )
        row.delete()


def _refuse_many(entries: Sequence[object], most: int) -> None:
    if len(entries) > most:
        raise ValidationError(_("This list has at most {most} lines.").format(most=most), code="too_many")


def _copy(source: Prioritising, made: Prioritising) -> None:
    """Take over options (what was rejected too), criteria and parties; not the scores, and not what was decided."""
    same = source.taxonomy_id == made.taxonomy_id
    options = source.options.select_related("theme__field")
    _store_options(
        made, [OptionEntry(title=one.title, theme=one.theme if same else None, facts=one.facts) for one in options]
    )
    _store_criteria(
        made,
        [
            CriterionEntry(name=one.name, weight=one.weight, kind=one.kind, help_text=one.help_text, code=one.code)
            for one in source.criteria.all()
        ],
    )
    _store_parties(made, [PartyEntry(name=one.name, weight=one.weight, user=one.user) for one in source.parties.all()])
