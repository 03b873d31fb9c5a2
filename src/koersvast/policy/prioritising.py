"""What the scores of several parties come to: means over what was given, places with ties, and how stable they are.

Values in, values out; sentences about them are in `wording.prioritising`. A party that gave nothing on something is
left out of that mean, and the counts say so: no opinion is not a zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from koersvast.engine.ranking import (
    Acceptability,
    Floats,
    Place,
    Scores,
    acceptability,
    compare,
    party_means,
    places,
    possible_places,
    weighted_means,
)

FEW_SCORES = 0.5
"""Below this share of all scores that could be there, a mean is told to rest on little."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """An option, criterion or party; the weight of an option means nothing."""

    code: str
    name: str
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Round:
    """Everything that was scored; `points` (0 to 10) by the codes of party, option and criterion."""

    options: tuple[Item, ...]
    criteria: tuple[Item, ...]
    parties: tuple[Item, ...]
    points: Mapping[tuple[str, str, str], float]


@dataclass(frozen=True, kw_only=True)
class PartyMean:
    """The weighted mean of one party for one option (0 to 10); None when it gave nothing."""

    party: str
    name: str
    mean: float | None


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """What parties gave one option on one criterion, from the lowest to the highest."""

    option: str
    option_name: str
    criterion: str
    criterion_name: str
    lowest: float
    highest: float
    lowest_by: tuple[str, ...]
    highest_by: tuple[str, ...]

    @property
    def gap(self) -> float:
        return self.highest - self.lowest


@dataclass(frozen=True, kw_only=True)
class OptionOutcome:
    """Where one option came out. `mean` is None when nobody scored it; then it has no place either.

    `place` is by the weights that were chosen, `possible` what it could as well be given what parties differ about.
    `accepted` is the share of reasonable weights by place, `within_top` that of the first places together.
    """

    code: str
    name: str
    mean: float | None
    given: int
    asked: int
    place: Place | None
    possible: Place | None
    by_party: tuple[PartyMean, ...]
    by_criterion: tuple[float | None, ...]
    accepted: tuple[float, ...]
    within_top: float
    same_as: tuple[str, ...]

    @property
    def rests_on_little(self) -> bool:
        return self.given < FEW_SCORES * self.asked

    @property
    def party_range(self) -> tuple[float, float] | None:
        """The lowest and highest mean of a party."""
        known = [one.mean for one in self.by_party if one.mean is not None]
        return (min(known), max(known)) if known else None


@dataclass(frozen=True, kw_only=True)
class WithoutOne:
    """What the first places would hold without one party or criterion, against what they hold now."""

    kind: str
    code: str
    name: str
    enter: tuple[str, ...]
    leave: tuple[str, ...]

    @property
    def changes_the_top(self) -> bool:
        return bool(self.enter or self.leave)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of a round, highest mean first, unscored last. `top` is how many places were asked about."""

    options: tuple[OptionOutcome, ...]
    criteria: tuple[Item, ...]
    parties: tuple[Item, ...]
    top: int
    draws: int
    factor: float
    disagreements: tuple[Disagreement, ...]
    without: tuple[WithoutOne, ...]

    def option(self, code: str) -> OptionOutcome | None:
        return next((one for one in self.options if one.code == code), None)

    @property
    def scored(self) -> tuple[OptionOutcome, ...]:
        return tuple(one for one in self.options if one.mean is not None)


def outcome(found: Round, *, top: int) -> Outcome:
    """Return what the scores come to; without options, criteria or parties there is nothing in it."""
    if not (found.options and found.criteria and found.parties):
        return _nothing(found, top=top)
    scores = scores_of(found)
    accepted = acceptability(scores)
    lines = _lines(found, scores, accepted, top=top)
    return Outcome(
        options=tuple(sorted(lines, key=lambda one: (one.mean is None, -(one.mean or 0.0), one.name))),
        criteria=found.criteria,
        parties=found.parties,
        top=top,
        draws=accepted.draws,
        factor=accepted.factor,
        disagreements=_disagreements(found),
        without=_without(found, top=top),
    )


def scores_of(found: Round) -> Scores:
    """The scores as an array of parties by options by criteria."""
    points = np.full((len(found.parties), len(found.options), len(found.criteria)), np.nan)
    for at, party in enumerate(found.parties):
        for row, option in enumerate(found.options):
            for column, criterion in enumerate(found.criteria):
                points[at, row, column] = found.points.get((party.code, option.code, criterion.code), np.nan)
    return Scores(
        points=points,
        criterion_weights=tuple(one.weight for one in found.criteria),
        party_weights=tuple(one.weight for one in found.parties),
    )


def _nothing(found: Round, *, top: int) -> Outcome:
    return Outcome(
        options=(), criteria=found.criteria, parties=found.parties, top=top, draws=0, factor=0.0, disagreements=(),
        without=(),
    )  # fmt: skip


def _lines(found: Round, scores: Scores, accepted: Acceptability, *, top: int) -> list[OptionOutcome]:
    means, own = weighted_means(scores), party_means(scores)
    taken, possible = places([float(mean) for mean in means]), possible_places(scores)
    by_criterion = _criterion_means(scores)
    return [
        OptionOutcome(
            code=option.code,
            name=option.name,
            mean=_known(means[at]),
            given=int((~np.isnan(scores.points[:, at, :])).sum()),
            asked=len(found.parties) * len(found.criteria),
            place=taken[at],
            possible=possible[at],
            by_party=tuple(
                PartyMean(party=party.code, name=party.name, mean=_known(own[row, at]))
                for row, party in enumerate(found.parties)
            ),
            by_criterion=tuple(_known(mean) for mean in by_criterion[at]),
            accepted=accepted.shares[at],
            within_top=accepted.within(at, top),
            same_as=_same_as(found, scores, at, means),
        )
        for at, option in enumerate(found.options)
    ]


def _criterion_means(scores: Scores) -> Floats:
    """Means over parties for each option and criterion."""
    weights = np.where(np.isnan(scores.points), 0.0, np.array(scores.party_weights)[:, None, None])
    total = weights.sum(axis=0)
    summed = (weights * np.nan_to_num(scores.points)).sum(axis=0)
    return np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan)


def _same_as(found: Round, scores: Scores, at: int, means: Floats) -> tuple[str, ...]:
    """The other options from which this one cannot be told apart."""
    if np.isnan(means[at]):
        return ()
    others = [row for row in range(len(found.options)) if row != at and not np.isnan(means[row])]
    return tuple(found.options[row].code for row in others if not compare(scores, at, row).is_distinct)


def _disagreements(found: Round) -> tuple[Disagreement, ...]:
    """Every option and criterion that two parties or more scored, the widest apart first."""
    lines = []
    for option in found.options:
        for criterion in found.criteria:
            given = [(found.points.get((party.code, option.code, criterion.code)), party) for party in found.parties]
            known = [(points, party) for points, party in given if points is not None]
            if len(known) < 2:
                continue
            low, high = min(points for points, _ in known), max(points for points, _ in known)
            lines.append(
                Disagreement(
                    option=option.code,
                    option_name=option.name,
                    criterion=criterion.code,
                    criterion_name=criterion.name,
                    lowest=low,
                    highest=high,
                    lowest_by=tuple(party.name for points, party in known if points == low),
                    highest_by=tuple(party.name for points, party in known if points == high),
                )
            )
    return tuple(sorted(lines, key=lambda one: -one.gap))


def _without(found: Round, *, top: int) -> tuple[WithoutOne, ...]:
    """Leave out each party and each criterion in turn, where something is left."""
    now = _first(found, top=top)
    lines = []
    for kind, items in (("party", found.parties), ("criterion", found.criteria)):
        for item in items if len(items) > 1 else ():
            then = _first(_left(found, kind, item.code), top=top)
            enter = tuple(one.name for one in found.options if one.code in then - now)
            leave = tuple(one.name for one in found.options if one.code in now - then)
            lines.append(WithoutOne(kind=kind, code=item.code, name=item.name, enter=enter, leave=leave))
    return tuple(lines)


def _left(found: Round, kind: str, code: str) -> Round:
    return Round(
        options=found.options,
        criteria=tuple(one for one in found.criteria if kind != "criterion" or one.code != code),
        parties=tuple(one for one in found.parties if kind != "party" or one.code != code),
        points=found.points,
    )


def _first(found: Round, *, top: int) -> frozenset[str]:
    """The options on the first places; who shares the last of them is in."""
    taken = places([float(mean) for mean in weighted_means(scores_of(found))])
    return frozenset(
        option.code for option, place in zip(found.options, taken, strict=True) if place and place.first <= top
    )


def _known(mean: float) -> float | None:
    return None if np.isnan(mean) else float(mean)
