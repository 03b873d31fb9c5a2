"""What a codebook says of one question: its answers, which of them count, who was asked, how a scale is made.

Pure values that check themselves. `Entry.as_dict` and `entry_from_dict` keep them as plain JSON.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from koersvast.connectors.microdata import Code, Level

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
# The cut of an entry that is a number: its mean.
MEAN = "mean"


class BadEntry(ValueError):
    """An entry that says two things at once; says which entry and which part, by code."""

    def __init__(self, entry: str, problem: str) -> None:
        super().__init__(f"{entry}: {problem}")
        self.entry, self.problem = entry, problem


class Role(StrEnum):
    """What a variable is for."""

    QUESTION = "question"
    BACKGROUND = "background"
    WEIGHT = "weight"
    STRATUM = "stratum"
    CLUSTER = "cluster"
    POPULATION = "population"
    FRAME = "frame"
    OPEN = "open"
    IGNORED = "ignored"


class Kind(StrEnum):
    """How the answers are to be read; a composite is a score made of several questions."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    MARK = "mark"
    NUMBER = "number"
    COMPOSITE = "composite"


class Polarity(StrEnum):
    """Which way is better."""

    LOWER_IS_BETTER = "lower"
    HIGHER_IS_BETTER = "higher"
    UNKNOWN = "unknown"


class AreaKind(StrEnum):
    """What the answers of a background variable are on the map; a kern has no code at CBS."""

    KERN = "kern"
    WIJK = "wijk"
    BUURT = "buurt"


# The two frames that are estimated apart, as the cuts of an entry with the role FRAME are called.
SAMPLE, PANEL = "sample", "panel"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer; `area_code` is the CBS code where it is an area."""

    code: Code
    text_nl: str
    text_en: str = ""
    is_missing: bool = False
    area_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Answers that are counted together: of a question a measure, of a background a group.

    `answers` are codes; of a number `lowest` and `highest` (both included) instead. Of a multiple response they are the
    names of the variables: any of them counts.
    """

    code: str
    text_nl: str
    text_en: str = ""
    answers: tuple[Code, ...] = ()
    lowest: float | None = None
    highest: float | None = None

    @property
    def is_range(self) -> bool:
        return self.lowest is not None or self.highest is not None


@dataclass(frozen=True, kw_only=True)
class Base:
    """Who was asked: those who gave one of `answers` on `variable`. With `others_count` the rest counts as a no.

    "Komt het wel eens voor?" and then "hoeveel overlast?": as a share of those who were asked, or of everybody.
    """

    variable: str
    answers: tuple[Code, ...]
    others_count: bool = False


@dataclass(frozen=True, kw_only=True)
class Composition:
    """How a score is made: items from `lowest` to `highest`, those in `reversed_items` turned round, the mean of what
    was answered (at least `least_answered` of them), stretched to 0 to `scale_to`."""

    items: tuple[str, ...]
    reversed_items: tuple[str, ...] = ()
    lowest: float = 1
    highest: float = 5
    scale_to: float = 10
    least_answered: int = 1


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the codebook. Of a composite `variables` are those of its items."""

    code: str
    variables: tuple[str, ...]
    role: Role
    kind: Kind = Kind.SINGLE
    text_nl: str
    text_en: str = ""
    answers: tuple[Answer, ...] = ()
    cuts: tuple[Cut, ...] = ()
    base: Base | None = None
    polarity: Polarity = Polarity.UNKNOWN
    composition: Composition | None = None
    level: Level = Level.UNKNOWN
    area_kind: AreaKind | None = None
    counted: Code | None = None
    is_confirmed: bool = False

    def __post_init__(self) -> None:
        if problem := _problem(self):
            raise BadEntry(self.code, problem)

    @property
    def valid_answers(self) -> tuple[Answer, ...]:
        """The answers that stand for an answer."""
        return tuple(answer for answer in self.answers if not answer.is_missing)

    @property
    def missing_codes(self) -> frozenset[Code]:
        return frozenset(answer.code for answer in self.answers if answer.is_missing)

    @property
    def is_estimated(self) -> bool:
        """Whether the entry gives estimates."""
        return self.role is Role.QUESTION

    @property
    def has_mean(self) -> bool:
        return self.kind in {Kind.MARK, Kind.NUMBER, Kind.COMPOSITE}

    def cut(self, code: str) -> Cut | None:
        """The cut of that code."""
        return next((cut for cut in self.cuts if cut.code == code), None)

    def text(self, language: str) -> str:
        """The question in a language; the Dutch text where there is no other."""
        return (self.text_en if language == "en" else "") or self.text_nl

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as values that JSON can keep."""
        return asdict(self)


def _problem(entry: Entry) -> str:
    codes = [answer.code for answer in entry.answers]
    cuts = [cut.code for cut in entry.cuts]
    checks = {
        "code_is_no_code": not CODE.fullmatch(entry.code),
        "has_no_variable": not entry.variables,
        "answer_twice": len(set(codes)) < len(codes),
        "cut_twice": len(set(cuts)) < len(cuts),
        "cut_is_no_code": any(not CODE.fullmatch(code) or code == MEAN for code in cuts),
        "cut_counts_nothing": any(not cut.answers and not cut.is_range for cut in entry.cuts),
        "cut_counts_unknown_answer": entry.kind is not Kind.MULTIPLE and not _known(entry, codes),
        "composite_without_composition": (entry.kind is Kind.COMPOSITE) != (entry.composition is not None),
        "composition_does_not_fit": entry.composition is not None and not _fits(entry.composition, entry),
        "several_variables": len(entry.variables) > 1 and entry.kind not in {Kind.MULTIPLE, Kind.COMPOSITE},
        "area_is_no_background": entry.area_kind is not None and entry.role is not Role.BACKGROUND,
    }
    return next((problem for problem, holds in checks.items() if holds), "")


def _known(entry: Entry, codes: list[Code]) -> bool:
    """Whether every counted answer is listed and stands for an answer; a number lists no answers."""
    counted = {code for cut in entry.cuts for code in cut.answers}
    valid = {answer.code for answer in entry.valid_answers}
    return not codes or counted <= valid


def _fits(made: Composition, entry: Entry) -> bool:
    return (
        made.items == entry.variables
        and set(made.reversed_items) <= set(made.items)
        and made.lowest < made.highest
        and made.scale_to > 0
        and 1 <= made.least_answered <= len(made.items)
    )


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why something is suggested or differs: a code and its values; `wording` makes a sentence of it."""

    code: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "values": dict(self.values)}


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """An entry that the software proposes. `is_sure` when a person may confirm it together with the others."""

    entry: Entry
    why: tuple[Why, ...]
    is_sure: bool
    changed: tuple[Why, ...] = ()
    carried_from: str = ""


def why_from_dict(kept: Mapping[str, Any]) -> Why:
    """Return the reason that `Why.as_dict` kept."""
    return Why(code=kept["code"], values=dict(kept["values"]))


def entry_from_dict(kept: Mapping[str, Any]) -> Entry:
    """Return the entry that `Entry.as_dict` kept; raises BadEntry, KeyError or ValueError for anything else."""
    said = dict(kept)
    made, base, area = said["composition"], said["base"], said["area_kind"]
    said |= {
        "variables": tuple(said["variables"]),
        "role": Role(said["role"]),
        "kind": Kind(said["kind"]),
        "answers": tuple(Answer(**answer) for answer in said["answers"]),
        "cuts": tuple(Cut(**(cut | {"answers": tuple(cut["answers"])})) for cut in said["cuts"]),
        "base": Base(**(base | {"answers": tuple(base["answers"])})) if base else None,
        "polarity": Polarity(said["polarity"]),
        "composition": _composition_from(made) if made else None,
        "level": Level(said["level"]),
        "area_kind": AreaKind(area) if area else None,
    }
    return Entry(**said)


def _composition_from(kept: Mapping[str, Any]) -> Composition:
    return Composition(**{**kept, "items": tuple(kept["items"]), "reversed_items": tuple(kept["reversed_items"])})
