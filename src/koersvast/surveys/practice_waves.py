"""Two waves of an invented survey to practise with, in files as a survey agency gives them.

Nobody answered them. The first is made so that its weighted outcomes are the figures that the plan of Dalfsen prints
for 2017, to the printed digit: every answer is drawn from a person's background and chance, and the last step moves
the dividing line until the share fits. The second is a scenario for 2021: what a next wave could have said. The same
files come out each time. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from koersvast.connectors.microdata import SYNTHETIC, Level, Microdata, MissingCodes, MultipleResponseSet, Variable
from koersvast.engine.weighting import Margin, rake

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

KERNEN = ("Dalfsen", "Nieuwleusen", "Lemelerveld", "Oudleusen", "Hoonhorst", "Buitengebied")
AGES = ("18 tot en met 34 jaar", "35 tot en met 49 jaar", "50 tot en met 64 jaar", "65 jaar en ouder")
SEXES = ("Man", "Vrouw")
SCHOOLING = ("Lager onderwijs, vmbo of mbo 1", "Havo, vwo of mbo 2 tot 4", "Hbo of universiteit")
SAMPLE, PANEL = 1, 2
DONT_KNOW = 8.0
_YES_NO = MappingProxyType({1.0: "Ja", 2.0: "Nee", DONT_KNOW: "Weet niet"})
_NUISANCE = MappingProxyType({1.0: "Veel overlast", 2.0: "Een beetje overlast", 3.0: "Geen overlast"})
_OFTEN = MappingProxyType({1.0: "Vaak", 2.0: "Soms", 3.0: "Zelden", 4.0: "Nooit", DONT_KNOW: "Weet niet"})
_AGREE = MappingProxyType(
    {
        1.0: "Helemaal mee eens",
        2.0: "Mee eens",
        3.0: "Niet mee eens en niet mee oneens",
        4.0: "Mee oneens",
        5.0: "Helemaal mee oneens",
        DONT_KNOW: "Weet niet",
    }
)
_PRIORITIES = "Welke problemen moeten met voorrang worden aangepakt? Noem er ten hoogste drie:"


@dataclass(frozen=True, kw_only=True)
class Nuisance:
    """A form of nuisance: the share that says it occurs, and the share bothered by it a little to a lot (percent).

    `by_kern` lifts or lowers a kern, `by_age` an age class, both on the scale of log odds.
    """

    name: str
    text: str
    occurs: float
    bothered: float | None = None
    by_kern: tuple[float, ...] = (0.0,) * 6
    by_age: tuple[float, ...] = (0.0,) * 4


@dataclass(frozen=True, kw_only=True)
class Question:
    """A yes or no (or how often) question with the share that it must come to, in percent."""

    name: str
    text: str
    percent: float
    is_frequency: bool = False
    by_kern: tuple[float, ...] = (0.0,) * 6
    by_age: tuple[float, ...] = (0.0,) * 4


@dataclass(frozen=True, kw_only=True)
class Statements:
    """Items that make a score from 0 to 10 together; True behind an item: agreeing is the bad side."""

    name: str
    intro: str
    items: tuple[tuple[str, bool], ...]
    score: float


@dataclass(frozen=True, kw_only=True)
class Story:
    """What a wave must come to. Shares in percent, scores and marks in their own unit."""

    period: str
    seed: int
    invited: int
    from_sample: int
    from_panel: int
    population: int
    nuisance: tuple[Nuisance, ...]
    questions: tuple[Question, ...]
    marks: Mapping[str, tuple[str, float]]
    statements: tuple[Statements, ...]
    not_reported: float
    priorities: Mapping[str, float]
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def respondents(self) -> int:
        return self.from_sample + self.from_panel


# Towards which kern, sex and age the invented population and the invented answers lean.
_KERN_SHARES = (0.37, 0.32, 0.15, 0.05, 0.04, 0.07)
_AGE_SHARES = (0.22, 0.24, 0.27, 0.27)
_RESPONSE_BY_AGE = (0.55, 0.85, 1.15, 1.35)
_PANEL_BY_AGE = (0.45, 0.9, 1.3, 1.25)
_HALF = (0.499, 0.501)


def population_margins(story: Story) -> dict[str, dict[str, int]]:
    """The invented population of 18 years and older by kern and by sex and age: what the weights are fitted to.

    Keys are codes of backgrounds and of their categories, crossings with a star, as `changes.give_margins` takes them.
    """
    by_kern = _rounded(story.population, _KERN_SHARES)
    by_sex_and_age = _rounded(story.population, [sex * age for sex in _HALF for age in _AGE_SHARES])
    crossed = [f"{sex}*{age}" for sex in range(1, len(SEXES) + 1) for age in range(1, len(AGES) + 1)]
    return {
        "kern": {str(number): people for number, people in enumerate(by_kern, start=1)},
        "geslacht*leeftijd": dict(zip(crossed, by_sex_and_age, strict=True)),
    }


def group_names(margin: str) -> list[str]:
    """The names of the groups of a margin, in the order of `population_margins`."""
    return list(KERNEN) if margin == "kern" else [f"{sex}, {age}" for sex in SEXES for age in AGES]


def _rounded(total: int, shares: Sequence[float]) -> list[int]:
    """Split a total by shares into whole people; the largest part takes the rest."""
    scale = total / sum(shares)
    parts = [round(share * scale) for share in shares]
    parts[parts.index(max(parts))] += total - sum(parts)
    return parts


def practice_wave(story: Story) -> Microdata:
    """Return the file of a wave: one row a respondent, with labels, missing codes and a set of multiple responses."""
    people = _People.drawn(story)
    columns: dict[str, tuple[Variable, Floats]] = {}

    def put(name: str, label: str, labels: Mapping[float, str], values: Floats, level: Level = Level.NOMINAL) -> None:
        missing = MissingCodes(values=(DONT_KNOW,)) if DONT_KNOW in labels else MissingCodes()
        texts: dict[float | str, str] = {code: text for code, text in labels.items()}  # noqa: C416 (keys widen)
        columns[name] = Variable(name=name, label=label, value_labels=texts, level=level, missing=missing), values

    _backgrounds(people, put)
    for nuisance in story.nuisance:
        _nuisance(people, nuisance, put)
    for question in story.questions:
        _question(people, question, put)
    for name, (text, mean) in story.marks.items():
        put(name, text, {1.0: "Zeer slecht", 10.0: "Uitmuntend"}, people.mark(mean), Level.SCALE)
    for statements in story.statements:
        _statements(people, statements, put)
    _victims(people, story, columns["slachtoffer"][1], put)
    chosen = _priorities(people, story, put)
    return _microdata(story, columns, chosen)


def _microdata(story: Story, columns: Mapping[str, tuple[Variable, Floats]], chosen: tuple[str, ...]) -> Microdata:
    variables = tuple(_renamed(variable, story.renamed) for variable, _ in columns.values())
    arrays = [pa.array(values, mask=np.isnan(values)) for _, values in columns.values()]
    priorities = MultipleResponseSet(name="voorrang", label=_PRIORITIES.rstrip(":"), variables=chosen, counted=1.0)
    # A line of documentation holds 80 characters in a .sav file.
    said = (f"{SYNTHETIC}: oefenbestand {story.period}, door niemand ingevuld.", "Alle antwoorden zijn verzonnen.")
    return Microdata(
        variables=variables,
        sets=(priorities,),
        table=pa.table(arrays, names=list(columns)),
        kind_of_file="sav",
        file_label=f"{SYNTHETIC} oefenbestand {story.period}",
        notes=said,
    )


def _renamed(variable: Variable, renamed: Mapping[str, str]) -> Variable:
    if variable.name not in renamed:
        return variable
    return replace(variable, label=renamed[variable.name])


Put = Callable[..., None]


@dataclass(frozen=True, kw_only=True, eq=False)
class _People:
    """Invented respondents: codes from 0 for kern, sex and age; weights as the software will find them."""

    chance: np.random.Generator
    frame: Ints
    kern: Ints
    sex: Ints
    age: Ints
    weights: Floats
    mood: Floats

    @classmethod
    def drawn(cls, story: Story) -> "_People":
        chance = np.random.default_rng(story.seed)
        n = story.respondents
        frame = np.repeat([SAMPLE, PANEL], [story.from_sample, story.from_panel])
        kern = chance.choice(len(KERNEN), n, p=np.asarray(_KERN_SHARES) / sum(_KERN_SHARES))
        leaning = (_RESPONSE_BY_AGE, _PANEL_BY_AGE)
        age = np.concatenate(
            [
                chance.choice(len(AGES), size, p=_normal(np.asarray(_AGE_SHARES) * lean))
                for size, lean in zip((story.from_sample, story.from_panel), leaning, strict=True)
            ]
        )
        sex = (chance.random(n) < np.where(frame == PANEL, 0.42, 0.53)).astype(np.int64)
        weights = _weights(story, kern, sex * len(AGES) + age)
        return cls(chance=chance, frame=frame, kern=kern, sex=sex, age=age, weights=weights, mood=chance.normal(size=n))

    @property
    def size(self) -> int:
        return len(self.weights)

    def inclined(self, question: Nuisance | Question) -> Floats:
        """How much each person is inclined to a yes: background, mood and chance, on the scale of log odds."""
        base = np.asarray(question.by_kern)[self.kern] + np.asarray(question.by_age)[self.age]
        return np.asarray(base - 0.25 * self.mood + self.chance.logistic(size=self.size))

    def most(self, inclined: Floats, percent: float, among: Flags | None = None) -> Flags:
        """Those most inclined, so many that they are `percent` of the weight of `among` (everybody)."""
        among = np.ones(self.size, dtype=bool) if among is None else among
        order = np.argsort(-np.where(among, inclined, -np.inf), kind="stable")
        wanted = percent / 100 * self.weights[among].sum()
        reached = np.cumsum(self.weights[order] * among[order])
        chosen = np.zeros(self.size, dtype=bool)
        # The one on the line is in when that comes nearer.
        chosen[order[: int(np.searchsorted(reached - self.weights[order] / 2, wanted))]] = True
        return chosen & among

    def mark(self, mean: float, spread: float = 1.15) -> Floats:
        """Marks from 1 to 10 with this weighted mean, to one hundredth."""
        raw = 0.45 * self.mood + self.chance.normal(size=self.size)
        return _fitted(lambda shift: np.clip(np.rint(spread * raw + shift), 1, 10), self._mean, mean, 1.0, 10.0)

    def _mean(self, values: Floats) -> float:
        return float(np.average(values, weights=self.weights))

    def some(self, percent: float) -> Flags:
        """An arbitrary few: who did not know."""
        return np.asarray(self.chance.random(self.size) < percent / 100)


def _normal(parts: Floats) -> Floats:
    return np.asarray(parts / parts.sum())


def _weights(story: Story, kern: Ints, sex_age: Ints) -> Floats:
    """The weights that the software finds: raked to the invented population."""
    totals = population_margins(story)
    margins = [
        Margin(code=code, categories=found, totals=np.asarray(list(totals[code].values()), dtype=float))
        for code, found in (("kern", kern), ("geslacht*leeftijd", sex_age))
    ]
    return rake(np.ones(len(kern)), margins).weights


def _fitted(
    made: Callable[[float], Floats], summary: Callable[[Floats], float], wanted: float, low: float, high: float
) -> Floats:
    """Halve the range of a shift until the summary of what it makes is as wanted."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if summary(made(middle)) < wanted else (low, middle)
    return made((low + high) / 2)


def _backgrounds(people: _People, put: Put) -> None:
    frame = {float(SAMPLE): "Steekproef uit de bevolking", float(PANEL): "Burgerpanel"}
    put("herkomst", "Herkomst van de deelnemer", frame, people.frame.astype(float))
    put("kern", "In welke kern woont u?", _numbered(KERNEN), people.kern + 1.0)
    put("geslacht", "Wat is uw geslacht?", _numbered(SEXES), people.sex + 1.0)
    put("leeftijd", "Leeftijdsklasse", _numbered(AGES), people.age + 1.0, Level.ORDINAL)
    shares = np.asarray([[0.2, 0.45, 0.35], [0.2, 0.42, 0.38], [0.32, 0.4, 0.28], [0.48, 0.32, 0.2]])
    drawn = people.chance.random(people.size)[:, None] > np.cumsum(shares, axis=1)[people.age]
    schooling = np.where(people.some(3), DONT_KNOW, drawn.sum(axis=1) + 1.0)
    labels = {**_numbered(SCHOOLING), DONT_KNOW: "Wil ik niet zeggen"}
    put("opleiding", "Hoogst voltooide opleiding", labels, schooling, Level.ORDINAL)


def _numbered(texts: Sequence[str]) -> dict[float, str]:
    return {number + 1.0: text for number, text in enumerate(texts)}


def _nuisance(people: _People, nuisance: Nuisance, put: Put) -> None:
    """Two questions: whether it occurs, and to those who say so how much they are bothered."""
    inclined = people.inclined(nuisance)
    occurs = people.most(inclined, nuisance.occurs)
    put(f"{nuisance.name}_komt_voor", f"Komt het in uw buurt weleens voor: {nuisance.text}?", _YES_NO, _yes(occurs))
    if nuisance.bothered is None:
        return
    bothered = people.most(inclined + people.chance.normal(size=people.size), nuisance.bothered, None) & occurs
    # Who is bothered but not among those where it occurs is made up for among the others where it does.
    short = nuisance.bothered - 100 * people.weights[bothered].sum() / people.weights.sum()
    rest = occurs & ~bothered
    held = 100 * people.weights[rest].sum() / people.weights.sum()
    bothered |= people.most(people.chance.random(people.size), 100 * short / held, rest) if held > 0 else bothered
    much = people.most(people.chance.random(people.size), 32, bothered)
    answer = np.where(much, 1.0, np.where(bothered, 2.0, 3.0))
    text = f"In welke mate hebt u zelf overlast van {nuisance.text}?"
    put(f"{nuisance.name}_overlast", text, _NUISANCE, np.where(occurs, answer, np.nan), Level.ORDINAL)


def _yes(chosen: Flags) -> Floats:
    return np.where(chosen, 1.0, 2.0)


def _question(people: _People, question: Question, put: Put) -> None:
    known = ~people.some(2)
    yes = people.most(people.inclined(question), question.percent, known)
    if not question.is_frequency:
        put(question.name, question.text, _YES_NO, np.where(known, _yes(yes), DONT_KNOW))
        return
    often = people.most(people.chance.random(people.size), 15, yes)
    rarely = people.most(people.chance.random(people.size), 25, ~yes)
    answer = np.where(often, 1.0, np.where(yes, 2.0, np.where(rarely, 3.0, 4.0)))
    put(question.name, question.text, _OFTEN, np.where(known, answer, DONT_KNOW), Level.ORDINAL)


def _statements(people: _People, statements: Statements, put: Put) -> None:
    """Items on one factor, shifted together until the score fits; a few did not know."""
    factor = 0.7 * people.mood + 0.3 * people.chance.normal(size=people.size)
    own = people.chance.normal(size=(people.size, len(statements.items)))
    apart = np.linspace(-0.35, 0.35, len(statements.items))
    unknown = people.chance.random(own.shape) < 0.02

    def answered(shift: float) -> Floats:
        points = np.clip(np.rint(2 + shift + apart + 0.6 * factor[:, None] + 0.75 * own), 0, 4)
        return np.where(unknown, np.nan, points)

    def score(points: Floats) -> float:
        known = ~np.isnan(points)
        enough = known.sum(axis=1) > points.shape[1] // 2
        means = np.where(known, points, 0).sum(axis=1)[enough] / known.sum(axis=1)[enough]
        return 2.5 * float(np.average(means, weights=people.weights[enough]))

    points = _fitted(answered, score, statements.score, -3.0, 3.0)
    for number, (text, agreeing_is_bad) in enumerate(statements.items, start=1):
        found = points[:, number - 1]
        code = np.where(agreeing_is_bad, found + 1, 5 - found)
        values = np.where(np.isnan(found), DONT_KNOW, code)
        put(f"{statements.name}_{number}", f"{statements.intro} {text}", _AGREE, values, Level.ORDINAL)


def _victims(people: _People, story: Story, victim: Floats, put: Put) -> None:
    """Whether a victim reported it formally: asked of victims only."""
    among = victim == 1
    silent = people.most(people.chance.random(people.size), story.not_reported, among)
    answer = np.where(among, np.where(silent, 2.0, 1.0), np.nan)
    put("aangifte", "Hebt u van het laatste delict aangifte gedaan?", {1.0: "Ja", 2.0: "Nee"}, answer)


def _priorities(people: _People, story: Story, put: Put) -> tuple[str, ...]:
    """At most three problems each, so that every problem has its share: one after the other among who has room."""
    room = np.full(people.size, 3)
    names = []
    for number, (problem, percent) in enumerate(story.priorities.items(), start=1):
        inclined = people.chance.random(people.size) + 0.4 * room
        chosen = people.most(np.where(room > 0, inclined, -1.0), percent)
        room = room - chosen
        names.append(f"voorrang_{number}")
        put(names[-1], f"{_PRIORITIES} {problem}", {1.0: "Genoemd", 0.0: "Niet genoemd"}, chosen.astype(float))
    return tuple(names)
