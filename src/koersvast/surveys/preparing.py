"""From answers, a confirmed codebook, a choice of weights and population margins to what the engine takes. Pure.

Frames are prepared apart: the random sample, the panel, or both when somebody chose so and said why. What cannot be
prepared is refused with a code and values that name columns and categories, never an answer of a respondent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from koersvast.connectors.microdata import Floats, Microdata
from koersvast.engine import weighting
from koersvast.engine.designs import BadDesign, CalibrationVariance, Design, LonelyCluster
from koersvast.engine.tabulation import Banner, Item, ItemKind
from koersvast.engine.weight_diagnostics import Diagnostics, diagnose
from koersvast.engine.weighting import BadMargin, Limits, Margin, Unknown, WeightingResult
from koersvast.surveys.codebook import MEAN, PANEL, SAMPLE, Cut, Entry, Kind, Role
from koersvast.surveys.columns import Bools, Category, Ints, Respondents, answer_rows, categories_of, crossed

EVERYBODY, POOLED = "everybody", "pooled"
SHORTEST_STATEMENT = 20
# The unit of a mean, by the kind of its entry. A score on another scale than 0 to 10 is a number.
_UNITS = {Kind.MARK: "mark_1_10", Kind.NUMBER: "number", Kind.COMPOSITE: "scale_0_10"}


class NotPrepared(ValueError):
    """The wave cannot be computed like this; a code and its values say what is in the way."""

    def __init__(self, code: str, **values: str | int | float) -> None:
        super().__init__(f"{code} {values}")
        self.code, self.values = code, values


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A choice of weights. `margins` are codes of backgrounds, "a*b" for a crossing; ratios are of the mean weight."""

    frame: str = EVERYBODY
    method: str = "none"
    variance: CalibrationVariance = CalibrationVariance.CALIBRATE
    margins: tuple[str, ...] = ()
    trim_ratio: float | None = None
    lowest_ratio: float | None = None
    highest_ratio: float | None = None
    lonely: LonelyCluster = LonelyCluster.REFUSE
    statement: str = ""

    def __post_init__(self) -> None:
        if self.frame == POOLED and len(self.statement.strip()) < SHORTEST_STATEMENT:
            raise NotPrepared("pooling_without_statement", least=SHORTEST_STATEMENT)


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedItem:
    """What is estimated for one entry: all its answers, or with `cut` one measure of it (row 1 of two)."""

    item: Item
    entry: Entry
    cut: Cut | None = None
    rows: tuple[Category, ...] = ()
    unit: str = "percent"


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedBanner:
    """A background as columns."""

    banner: Banner
    entry: Entry
    categories: tuple[Category, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """Everything of one frame that estimation needs. `fitted` is absent where nothing was fitted to margins."""

    frame: str
    design: Design
    items: tuple[PreparedItem, ...]
    banners: tuple[PreparedBanner, ...]
    diagnostics: Diagnostics
    fitted: WeightingResult | None = None
    margin_categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    respondents: int = 0


def frames_of(microdata: Microdata, entries: Sequence[Entry]) -> dict[str, Bools]:
    """The rows of each frame of a file: the sample and the panel, or everybody where the file names no frame."""
    entry = next((one for one in entries if one.role is Role.FRAME), None)
    everyone = np.ones(microdata.rows, dtype=bool)
    if entry is None:
        return {EVERYBODY: everyone}
    people = Respondents(microdata, everyone)
    return {cut.code: people.in_cut(entry, cut) for cut in entry.cuts if cut.code in (SAMPLE, PANEL)}


def rows_of(microdata: Microdata, entries: Sequence[Entry], frame: str) -> Bools:
    """The rows that a frame holds. Raises NotPrepared for a frame that the file does not have."""
    frames = frames_of(microdata, entries)
    if frame == POOLED:
        if EVERYBODY in frames:
            raise NotPrepared("file_has_one_frame")
        return np.any(list(frames.values()), axis=0)
    if frame not in frames:
        raise NotPrepared("file_has_one_frame" if EVERYBODY in frames else "frames_have_to_be_chosen")
    if not frames[frame].any():
        raise NotPrepared("frame_without_respondents", frame=frame)
    return frames[frame]


def prepare(
    microdata: Microdata,
    entries: Sequence[Entry],
    choice: Choice,
    margins: Mapping[str, Mapping[str, float]],
    *,
    frame: str = "",
    backgrounds: Sequence[str] = (),
    questions: Sequence[str] = (),
) -> Prepared:
    """Prepare one frame (without it that of the choice).

    `entries` are the confirmed ones; `margins` people per category code, by the code of the margin. `backgrounds`
    become banners in this order; `questions` limits the items (empty: all). Raises NotPrepared.
    """
    confirmed = [entry for entry in entries if entry.is_confirmed]
    frame = frame or choice.frame
    people = Respondents(microdata, rows_of(microdata, confirmed, frame))
    base = _base_weights(people, confirmed)
    fitted, names = _fitted(people, confirmed, base, choice, margins)
    weights = fitted.weights if fitted else base
    try:
        design = _design(people, confirmed, weights, fitted, choice)
    except BadDesign as error:
        raise NotPrepared(error.code, **dict(error.values)) from None
    wanted = set(questions)
    asked = [one for one in confirmed if one.is_estimated and (not wanted or one.code in wanted)]
    return Prepared(
        frame=frame,
        design=design,
        items=tuple(item for entry in asked for item in items_of(people, entry)),
        banners=tuple(_banner(people, one) for one in _named(confirmed, backgrounds)),
        diagnostics=fitted.diagnostics if fitted else diagnose(weights, base_weights=base),
        fitted=fitted,
        margin_categories=names,
        respondents=people.size,
    )


def _named(entries: Sequence[Entry], codes: Sequence[str]) -> list[Entry]:
    by_code = {entry.code: entry for entry in entries}
    roles = (Role.BACKGROUND, Role.FRAME)
    if strange := [code for code in codes if code not in by_code or by_code[code].role not in roles]:
        raise NotPrepared("background_not_confirmed", background=strange[0])
    return [by_code[code] for code in codes]


def _with_role(entries: Sequence[Entry], role: Role) -> Entry | None:
    found = [entry for entry in entries if entry.role is role]
    if len(found) > 1:
        raise NotPrepared("role_twice", role=role.value, first=found[0].code, second=found[1].code)
    return found[0] if found else None


def _base_weights(people: Respondents, entries: Sequence[Entry]) -> Floats:
    """The weights before fitting: those of the file, else people per respondent of a stratum, else one each."""
    if entry := _with_role(entries, Role.WEIGHT):
        weights = people.numbers(entry, entry.variables[0])
        wrong = int((~(weights > 0)).sum())
        if wrong:
            raise NotPrepared("weights_not_positive", variable=entry.variables[0], respondents=wrong)
        return weights
    stratum, population = _with_role(entries, Role.STRATUM), _with_role(entries, Role.POPULATION)
    if stratum and population and not _with_role(entries, Role.CLUSTER):
        strata, size = _labels(people, stratum), people.numbers(population, population.variables[0])
        return np.asarray(size / np.bincount(strata)[strata])
    return np.ones(people.size)


def _labels(people: Respondents, entry: Entry) -> Ints:
    """Strata or clusters as whole numbers; nobody may be without one."""
    name = entry.variables[0]
    missing = int((~people.present(name)).sum())
    if missing:
        raise NotPrepared("design_variable_missing", variable=name, respondents=missing)
    column = people.microdata.table.column(name).to_numpy()[people.rows]
    return np.asarray(np.unique(column, return_inverse=True)[1], dtype=np.int64)


def _design(
    people: Respondents, entries: Sequence[Entry], weights: Floats, fitted: WeightingResult | None, choice: Choice
) -> Design:
    stratum, cluster, population = (_with_role(entries, role) for role in (Role.STRATUM, Role.CLUSTER, Role.POPULATION))
    return Design(
        weights=weights,
        strata=_labels(people, stratum) if stratum else None,
        clusters=_labels(people, cluster) if cluster else None,
        population=people.numbers(population, population.variables[0]) if population else None,
        lonely=choice.lonely,
        calibration=fitted.calibration if fitted else None,
    )


def _fitted(
    people: Respondents,
    entries: Sequence[Entry],
    base: Floats,
    choice: Choice,
    margins: Mapping[str, Mapping[str, float]],
) -> tuple[WeightingResult | None, dict[str, tuple[str, ...]]]:
    """Fit the weights as chosen; the codes of the categories of each margin come along, to name them by."""
    if choice.method == "none":
        return None, {}
    if choice.method == "given":
        if _with_role(entries, Role.WEIGHT) is None:
            raise NotPrepared("file_has_no_weights")
        return None, {}
    if not choice.margins:
        raise NotPrepared("no_margins_chosen")
    made, names = [], {}
    for code in choice.margins:
        margin, names[code] = _margin(people, entries, code, margins)
        made.append(margin)
    try:
        return _fit(base, made, choice), names
    except BadMargin as error:
        raise NotPrepared(error.code, **_with_names(error.values, names)) from None


def _margin(
    people: Respondents, entries: Sequence[Entry], code: str, margins: Mapping[str, Mapping[str, float]]
) -> tuple[Margin, tuple[str, ...]]:
    parts = [(categories_of(one), people.groups(one)) for one in _named(entries, code.split("*"))]
    names, numbers = crossed(parts)
    given = margins.get(code, {})
    if not given:
        raise NotPrepared("margin_without_numbers", margin=code)
    absent = [name for name in names if name not in given]
    if absent:
        raise NotPrepared("category_without_total", margin=code, category=absent[0], categories=len(absent))
    totals = np.array([given[name] for name in names], dtype=np.float64)
    unknown = Unknown.KEEP_MEAN if (numbers < 0).any() else Unknown.REFUSE
    return Margin(code=code, categories=numbers, totals=totals, unknown=unknown), names


def _fit(base: Floats, margins: Sequence[Margin], choice: Choice) -> WeightingResult:
    bounds = None
    if choice.lowest_ratio is not None or choice.highest_ratio is not None:
        bounds = (choice.lowest_ratio or 0.0, choice.highest_ratio or np.inf)
    if choice.trim_ratio and choice.method != "rake":
        raise NotPrepared("trimming_needs_raking", method=choice.method)
    if choice.method == "poststratify":
        if len(margins) > 1:
            raise NotPrepared("poststratify_takes_one_margin", margins=len(margins))
        return weighting.post_stratify(base, margins[0])
    # A sample stands for the population: bounds and limits are about what fitting changes, not about its size.
    scaled = base * (margins[0].totals.sum() / base.sum())
    if choice.method == "rake":
        trim = Limits(highest=choice.trim_ratio, of_mean=True) if choice.trim_ratio else None
        return weighting.rake(scaled, margins, bounds=bounds, trim=trim, variance=choice.variance)
    return weighting.calibrate(scaled, margins, distance=choice.method, bounds=bounds)


def _with_names(values: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Values of a refusal with the codes of categories instead of their numbers."""
    known, found = names.get(str(values.get("margin", "")), ()), dict(values)
    for key in ("category", "merge_with"):
        number = values.get(key)
        if isinstance(number, int) and 0 <= number < len(known):
            found[key] = known[number]
    return found


def _banner(people: Respondents, entry: Entry) -> PreparedBanner:
    categories = categories_of(entry)
    if not categories:
        raise NotPrepared("background_without_groups", background=entry.code)
    banner = Banner(code=entry.code, values=people.groups(entry).astype(np.int16), categories=len(categories))
    return PreparedBanner(banner=banner, entry=entry, categories=categories)


def items_of(people: Respondents, entry: Entry) -> tuple[PreparedItem, ...]:
    """The items of an entry: all its answers or its mean, and one for each cut that is not just one of the answers."""
    if entry.has_mean:
        first = _mean(people, entry)
        valid = ~np.isnan(first.item.values.astype(np.float64))
    elif entry.kind is Kind.MULTIPLE:
        first = _options(people, entry)
        assert first.item.base is not None  # noqa: S101 made so two lines down
        valid = first.item.base
    else:
        codes, rows = people.codes(entry), answer_rows(entry)
        if not rows:
            return ()
        item = Item(code=entry.code, kind=ItemKind.SINGLE, values=codes.astype(np.int16), categories=len(rows))
        first, valid = PreparedItem(item=item, entry=entry, rows=rows), codes >= 0
    cuts = [cut for cut in entry.cuts if row_of_cut(entry, cut) is None]
    return (first, *(_cut(people, entry, cut, valid) for cut in cuts))


def row_of_cut(entry: Entry, cut: Cut) -> int | None:
    """The row of the answers that is the whole of a cut; None for a cut of several answers or of a number."""
    if cut.is_range or len(cut.answers) != 1 or entry.has_mean:
        return None
    return next(place for place, answer in enumerate(entry.valid_answers) if answer.code == cut.answers[0])


def _cut(people: Respondents, entry: Entry, cut: Cut, valid: Bools) -> PreparedItem:
    """A measure as yes (1) or no (0) of everybody with an answer; who was not asked and counts has a no."""
    # An answer that was left standing by somebody who should have passed the question by does not count.
    counted = people.in_cut(entry, cut) & people.asked(entry)[0]
    values = np.where(valid, counted, -1).astype(np.int8)
    item = Item(code=f"{entry.code}/{cut.code}", kind=ItemKind.SINGLE, values=values, categories=2)
    rows = (
        Category(code="no", text_nl="nee", text_en="no"),
        Category(code="yes", text_nl=cut.text_nl, text_en=cut.text_en),
    )
    return PreparedItem(item=item, entry=entry, cut=cut, rows=rows)


def _mean(people: Respondents, entry: Entry) -> PreparedItem:
    values = people.score(entry) if entry.composition else people.numbers(entry, entry.variables[0])
    values = np.where(people.asked(entry)[0], values, np.nan)
    unit = unit_of(entry)
    item = Item(code=entry.code, kind=ItemKind.MEAN, values=values)
    return PreparedItem(
        item=item, entry=entry, rows=(Category(code=MEAN, text_nl="gemiddelde", text_en="mean"),), unit=unit
    )


def unit_of(entry: Entry, cut_code: str = MEAN) -> str:
    """In what a measure counts: percent for a cut, the unit of the scale for a mean."""
    if cut_code != MEAN:
        return "percent"
    if entry.composition is not None and entry.composition.scale_to != 10:
        return "number"
    return _UNITS[entry.kind]


def _options(people: Respondents, entry: Entry) -> PreparedItem:
    """Several answers at once; in the base is who was asked and has a value on any of the variables."""
    chosen = np.column_stack([people.chosen(entry, answer.code) for answer in entry.valid_answers]).astype(np.uint8)
    base = np.any([people.present(name) for name in entry.variables], axis=0) & people.asked(entry)[0]
    values = np.where(base[:, None], chosen, 0).astype(np.uint8)
    item = Item(
        code=entry.code, kind=ItemKind.MULTIPLE, values=values, categories=values.shape[1], base=np.asarray(base)
    )
    return PreparedItem(item=item, entry=entry, rows=answer_rows(entry))
