"""Whether two measures are the same: of two waves, or of a wave and the registered definition of an indicator. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from koersvast.surveys.codebook.carrying import changes_between
from koersvast.surveys.codebook.entries import MEAN, Composition, Entry, Why
from koersvast.surveys.codebook.words import bare

_MEAN_NL = "gemiddelde"
_AGE = re.compile(r"(\d{1,2})\s*(?:\+|plus|jaar|years)")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of a measure apart from its codebook entry: who it speaks of, and how they were asked and found."""

    population: str = ""
    age_from: int | None = None
    mode: str = ""
    frame: str = ""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """The definition of an indicator as it is registered, and how its last measurement was held."""

    question: str = ""
    answers_counted: str = ""
    composition: str = ""
    told: Told = Told()


def answers_counted(entry: Entry, cut_code: str) -> str:
    """The counted answers of a measure in words; empty for a mean."""
    cut = entry.cut(cut_code)
    if cut is None:
        return ""
    texts = {answer.code: answer.text_nl for answer in entry.answers}
    if cut.is_range:
        ends = [f"{end:g}" for end in (cut.lowest, cut.highest) if end is not None]
        return f"{cut.text_nl} ({' - '.join(ends)})"
    return f"{cut.text_nl}: {', '.join(texts.get(code, str(code)) for code in cut.answers)}"


def composition_text(made: Composition | None) -> str:
    """How a score is made, in one line: statements, those turned round, range, and how many must be answered."""
    if made is None:
        return ""
    turned = ", ".join(made.reversed_items) or "-"
    return (
        f"{', '.join(made.items)}; omgekeerd: {turned}; {made.lowest:g}-{made.highest:g} naar 0-{made.scale_to:g}; "
        f"ten minste {made.least_answered} beantwoord"
    )


def differences(entry: Entry, cut_code: str, told: Told, registered: Registered) -> tuple[Why, ...]:
    """What differs between a measure of a wave and the registered definition; empty when nothing does.

    Codes: question_differs, answers_differ, composition_differs, population_differs, mode_differs, frame_differs
    (before, now), and not_registered (part) where the register is silent, so that nobody can tell.
    """
    found: list[Why] = []
    counted = _MEAN_NL if cut_code == MEAN else answers_counted(entry, cut_code)
    parts = (
        ("question", registered.question, entry.text_nl),
        ("answers", _counted_before(registered, cut_code), counted),
        ("composition", registered.composition, composition_text(entry.composition)),
    )
    for part, before, now in parts:
        if bare(before) != bare(now) and not _says(now, before):
            found.append(_differs(part, before, now))
    return (*found, *told_differences(registered.told, told))


def _counted_before(registered: Registered, cut_code: str) -> str:
    """What the register says is counted; of a mean silence and any wording of a mean are the same."""
    said = registered.answers_counted
    return _MEAN_NL if cut_code == MEAN and (not said or _MEAN_NL in bare(said)) else said


def _says(now: str, before: str) -> bool:
    """Whether the registered words are the name of the cut, or stand within what the wave says."""
    return bool(bare(before)) and bare(before) in bare(now)


def _differs(part: str, before: str, now: str) -> Why:
    if not before:
        return Why(code="not_registered", values={"part": part, "now": now[:300]})
    code = "answers_differ" if part == "answers" else f"{part}_differs"
    return Why(code=code, values={"before": before[:300], "now": now[:300]})


def told_differences(before: Told, now: Told) -> tuple[Why, ...]:
    """What differs in who was asked and how; silence on either side is no difference."""
    found = []
    ages = _age(before), _age(now)
    if None not in ages and ages[0] != ages[1]:
        found.append(Why(code="population_differs", values={"before": f"{ages[0]}+", "now": f"{ages[1]}+"}))
    for part in ("mode", "frame"):
        old, new = getattr(before, part), getattr(now, part)
        if old and new and bare(old) != bare(new):
            found.append(Why(code=f"{part}_differs", values={"before": old[:300], "now": new[:300]}))
    return tuple(found)


def _age(told: Told) -> int | None:
    if told.age_from is not None:
        return told.age_from
    found = _AGE.search(bare(told.population))
    return int(found[1]) if found else None


def measure_differences(before: Entry, now: Entry, cut_code: str) -> tuple[Why, ...]:
    """Why a measure of two waves is not the same; empty when it is: question, counted answers, base, composition."""
    found = [why for why in changes_between(before, now) if why.code in {"text_changed", "base_changed"}]
    if cut_code != MEAN:
        counted = [answers_counted(one, cut_code) for one in (before, now)]
        if bare(counted[0]) != bare(counted[1]):
            found.append(Why(code="answers_differ", values={"before": counted[0], "now": counted[1]}))
        if _offered(before) != _offered(now):
            texts = ["; ".join(sorted(_offered(one))) for one in (before, now)]
            found.append(Why(code="answers_offered_differ", values={"before": texts[0][:300], "now": texts[1][:300]}))
    if before.base != now.base and not any(why.code == "base_changed" for why in found):
        found.append(Why(code="base_changed", values={"before": _base(before), "now": _base(now)}))
    if before.composition != now.composition:
        texts = [composition_text(one.composition) for one in (before, now)]
        found.append(Why(code="composition_differs", values={"before": texts[0][:300], "now": texts[1][:300]}))
    if before.kind is not now.kind:
        found.append(Why(code="kind_differs", values={"before": before.kind.value, "now": now.kind.value}))
    return tuple(found)


def _offered(entry: Entry) -> frozenset[str]:
    return frozenset(bare(answer.text_nl) for answer in entry.valid_answers)


def _base(entry: Entry) -> str:
    if entry.base is None:
        return ""
    return f"{entry.base.variable}: {', '.join(map(str, entry.base.answers))}"


def is_only_about_asking(found: Iterable[Why]) -> bool:
    """Whether all that differs is how people were asked or found, and not what is measured."""
    return all(why.code in {"mode_differs", "frame_differs"} for why in found)
