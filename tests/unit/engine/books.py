"""Invented surveys for the table book, and the same table made one estimate at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from koersvast.engine import estimates, survey_tests
from koersvast.engine.designs import (
    BadDesign,
    Bools,
    Calibration,
    CalibrationVariance,
    Design,
    LonelyCluster,
    SecondStage,
)
from koersvast.engine.dispersion import Floats
from koersvast.engine.estimates import Linear
from koersvast.engine.quantities import Missing
from koersvast.engine.tabulation import Banner, Block, Item, ItemKind, LettersRule, StandardErrors, tabulate

SMALL = LettersRule(smallest_base=8, significance=0.2, compare_with_rest=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Book:
    """A survey, what is asked of it, and how."""

    design: Design
    items: tuple[Item, ...]
    banners: tuple[Banner, ...]
    errors: StandardErrors

    def blocks(self, *, rule: LettersRule = SMALL, threads: int = 2) -> list[Block]:
        return list(
            tabulate(self.design, self.items, self.banners, letters=rule, standard_errors=self.errors, threads=threads)
        )

    @property
    def columns(self) -> list[Bools]:
        """Who is in each column."""
        named = [banner.values == category for banner in self.banners for category in range(banner.categories)]
        return [np.ones(self.design.size, dtype=np.bool_), *named]

    @property
    def counted(self) -> Design:
        """The design by which one estimate has the errors of the book."""
        fixed = self.errors is StandardErrors.FIXED_WEIGHTS
        return replace(self.design, calibration=None) if fixed else self.design


def book(
    seed: int,
    *,
    n: int = 160,
    clustered: bool = False,
    finite: bool = False,
    lonely: LonelyCluster = LonelyCluster.REFUSE,
    variance: CalibrationVariance | None = None,
    two_stages: bool = False,
    per_domain: bool = False,
    weightless: bool = False,
) -> Book:
    """A survey of some strata; a lonely cluster where the rule allows one, a rare answer, gaps, an empty column."""
    random = np.random.default_rng(seed)
    strata = random.integers(0, 5, n)
    clusters = strata * 100 + random.integers(0, 6, n) if clustered or two_stages else None
    if lonely is not LonelyCluster.REFUSE:
        at = int(random.integers(0, n))
        strata[at] = 6
        if clusters is not None:
            clusters[at] = 9_999
    weights = random.uniform(0.5, 3.0, n)
    if weightless:
        weights[random.random(n) < 0.1] = 0.0
    of_strata = np.array([500.0, 90.0, 60.0, 200.0, 70.0, 80.0, 300.0])
    margins = (random.integers(0, 3, n), random.integers(0, 4, n))
    fitted = None
    if variance is not None:
        fitted = Calibration(base_weights=weights * random.uniform(0.8, 1.2, n), margins=margins, variance=variance)
    design = Design(
        weights=weights,
        strata=strata,
        clusters=clusters,
        population=of_strata[strata] if finite or two_stages else None,
        lonely=lonely,
        calibration=fitted,
        second=SecondStage(population=np.full(n, 400.0)) if two_stages else None,
        adjust_domain_lonely=per_domain,
    )
    banners = (
        Banner(code="age", values=random.integers(-1, 3, n), categories=3),
        Banner(code="kern", values=random.integers(0, 4, n), categories=5),
        Banner(code="stratum", values=strata, categories=7),
    )
    errors = StandardErrors.FIXED_WEIGHTS if variance is None else StandardErrors.CALIBRATED
    return Book(design=design, items=items(random, n, margins[0]), banners=banners, errors=errors)


def items(random: np.random.Generator, n: int, margin: NDArray[np.int64]) -> tuple[Item, ...]:
    """One of each kind, with gaps; a rare answer; the very margin that weights may be fitted to."""
    marks = random.normal(7, 1, n)
    marks[random.random(n) < 0.1] = np.nan
    options = random.integers(0, 2, (n, 3)).astype(np.uint8)
    asked = random.random(n) < 0.7
    rare = np.where(random.random(n) < 0.03, 1, 0)
    return (
        Item(code="feels unsafe", kind=ItemKind.SINGLE, values=random.integers(-1, 3, n, dtype=np.int8), categories=3),
        Item(code="victim of", kind=ItemKind.MULTIPLE, values=options, categories=3, base=asked),
        Item(code="mark", kind=ItemKind.MEAN, values=marks),
        Item(code="rare", kind=ItemKind.SINGLE, values=rare, categories=2),
        Item(code="margin", kind=ItemKind.SINGLE, values=margin, categories=3),
    )


def linear(made: Book, item: Item, row: int, column: Bools) -> Linear | Missing:
    """One cell of the book, made linear the slow way."""
    yes, base = answers(item, row)
    if item.kind is ItemKind.MEAN:
        return estimates.linear_mean(made.counted, yes, rows=column & base)
    return estimates.linear_share(made.counted, yes > 0, rows=column & base)


def answers(item: Item, row: int) -> tuple[Floats, Bools]:
    """The variable of one row of the item (n,), and who is in its base (n,)."""
    if item.kind is ItemKind.MEAN:
        return item.values.astype(np.float64), ~np.isnan(item.values.astype(np.float64))
    if item.kind is ItemKind.SINGLE:
        return (item.values == row).astype(np.float64), np.asarray(item.values.astype(np.int64) >= 0)
    assert item.base is not None
    return item.values[:, row].astype(np.float64), item.base


def gaps(made: Book, blocks: list[Block], *, relative: float) -> Iterator[str]:
    """Every number of the book that is not that of one estimate at a time."""
    for item, block in zip(made.items, blocks, strict=True):
        for at, column in enumerate(made.columns):
            for row in range(item.rows):
                for name, have, want in _pairs(made, item, block, row, at, column):
                    near = abs(have - want) <= relative * max(abs(want), 1e-3)
                    if not (near or (np.isnan(have) and np.isnan(want))):
                        yield f"{item.code} row {row} column {at} {name}: {have!r}, one at a time {want!r}"


def _pairs(
    made: Book, item: Item, block: Block, row: int, at: int, column: Bools
) -> Iterator[tuple[str, float, float]]:
    yes, base = answers(item, row)
    nan = float("nan")
    try:
        if item.kind is ItemKind.MEAN:
            found = estimates.mean(made.counted, yes, rows=column, answered=base)
        else:
            found = estimates.share(made.counted, yes > 0, rows=column, answered=base)
    except BadDesign as problem:
        if problem.code != "no_strata_to_average":
            raise
        yield "standard error", block.standard_error[row, at], nan
        return
    if isinstance(found, Missing):
        for name in ("estimate", "standard_error", "low", "high"):
            yield name, getattr(block, name)[row, at], nan
        return
    alone = found.respondents < 2
    yield "estimate", block.estimate[row, at], found.value
    yield "standard error", block.standard_error[row, at], nan if alone else found.standard_error
    yield "low", block.low[row, at], nan if alone or found.low is None else found.low
    yield "high", block.high[row, at], nan if alone or found.high is None else found.high
    yield "respondents", block.respondents[at], found.respondents
    yield "weighted base", block.weighted_base[at], found.weighted_base
    yield "effective", block.effective[at], found.respondents / found.kish_design_effect
    yield "freedom", block.degrees_of_freedom[at], found.degrees_of_freedom
    if item.kind is not ItemKind.MEAN:
        inside = column & base & (made.design.weights > 0)
        yield "count", block.counts[row, at], float((inside & (yes > 0)).sum())
        yield "weighted", block.weighted[row, at], float(made.design.weights @ (column & base & (yes > 0)))


def letters_one_at_a_time(made: Book, item: Item, row: int, rule: LettersRule) -> list[str]:
    """The letters of one row of the book from one difference at a time, without correction."""
    letters, first = [""], 1
    for banner in made.banners:
        columns = made.columns[first : first + banner.categories]
        parts = [_taking_part(made, item, row, column, rule) for column in columns]
        for one, here in enumerate(parts):
            letters.append(
                " ".join(
                    chr(ord("a") + other)
                    for other, there in enumerate(parts)
                    if here is not None and there is not None and one != other
                    if _higher(made, here, there, columns[one] | columns[other], rule)
                )
            )
        first += banner.categories
    return letters


def _taking_part(made: Book, item: Item, row: int, column: Bools, rule: LettersRule) -> Linear | None:
    found = linear(made, item, row, column)
    if isinstance(found, Missing) or int((found.rows & (made.design.weights > 0)).sum()) < rule.smallest_base:
        return None
    return None if item.kind is not ItemKind.MEAN and not 0 < found.value < 100 else found


def _higher(made: Book, here: Linear, there: Linear, either: Bools, rule: LettersRule) -> bool:
    freedom = made.counted.degrees_of_freedom(either)
    found = survey_tests.difference(made.counted, here, against=there, freedom=freedom)
    return found.difference > 0 and found.p_value < rule.significance
