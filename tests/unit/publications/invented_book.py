"""A small invented table book: one of each kind of question, small and hidden cells, texts that try to be formulas."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from koersvast.publications.compose.method_statement import (
    MethodFacts,
    StatedBreak,
    StatedFrame,
    StatedMargin,
    StatedMethod,
)
from koersvast.publications.compose.table_book import BookFacts, front
from koersvast.publications.table_book.book import (
    Kind,
    TableBook,
    TableBookBanner,
    TableBookQuestion,
    TableBookTable,
    Why,
)

BANNERS = (
    TableBookBanner(code="leeftijd", title="Leeftijd", categories=("18 t/m 34 jaar", "35 t/m 64 jaar", "65 en ouder")),
    TableBookBanner(code="kern", title="=cmd|'/c calc'!A1", categories=("Dorp & omgeving <A>", "@Buitengebied")),
)
BASES = (1244, 300, 500, 444, 44, 21)
QUESTIONS = (
    TableBookQuestion(
        code="V01",
        text="Ervaart u overlast van te hard rijden?",
        kind=Kind.SINGLE,
        answers=("Veel", "Een beetje", "=1+1", "-5 graden"),
        base="iedereen die buren heeft",
        chapter="Overlast",
    ),
    TableBookQuestion(
        code="V02",
        text='=HYPERLINK("https://example.org";"klik")',
        kind=Kind.MULTIPLE,
        answers=("Website", "Folder"),
        chapter="Informatie",
    ),
    TableBookQuestion(
        code="V03", text="Welk rapportcijfer geeft u?", kind=Kind.MEAN, answers=("Rapportcijfer",), unit="1 tot 10"
    ),
)


@dataclass(frozen=True)
class Number:
    """The figure of a cell: its own for each place, so that a mistaken place is seen."""

    question: int
    row: int
    column: int

    @property
    def value(self) -> float:
        if QUESTIONS[self.question % 3].kind is Kind.MEAN:
            return 6 + self.column / 7 + self.question / 1000
        return 10 + 7 * self.row + 3 * self.column + 1 / 3 + self.question / 1000


def why(question: int, row: int, column: int) -> Why:
    """Column 5 has too few respondents; two cells of the first question are hidden for their groups."""
    if BASES[column] < 30:
        return Why.SMALL_BASE
    if question % 3 == 0 and row >= 2 and column == 1:
        return Why.SMALL_GROUP if row == 2 else Why.PROTECTS_ANOTHER
    return Why.SHOWN


def table(number: int, question: TableBookQuestion) -> TableBookTable:
    rows, columns = range(len(question.answers)), range(len(BASES))

    def part(shift: float) -> list[list[float | None]]:
        return [
            [Number(number, r, c).value + shift if why(number, r, c) is Why.SHOWN else None for c in columns]
            for r in rows
        ]

    letters = [["" for _ in columns] for _ in rows]
    letters[0][2] = "A C"
    return TableBookTable(
        question=question,
        estimate=part(0),
        low=part(-1.5),
        high=part(1.75),
        standard_error=[[None if one is None else 0.8 for one in line] for line in part(0)],
        letters=letters,
        why=[[int(why(number, r, c)) for c in columns] for r in rows],
        respondents=list(BASES),
        weighted_base=[base * 1.01 for base in BASES],
        effective=[base / 1.25 for base in BASES],
    )


METHOD = MethodFacts(
    municipality="Dalfsen",
    survey="Veiligheidsmonitor",
    period="2017",
    is_synthetic=True,
    population="inwoners van 18 jaar en ouder",
    population_size=22_100,
    age_from=18,
    sampling="aselecte steekproef uit de basisregistratie",
    frame=StatedFrame.POOLED,
    pooling_statement="het panel is aselect geworven en wijkt op geen kernvraag aantoonbaar af",
    answered_by_frame={StatedFrame.SAMPLE: 902, StatedFrame.PANEL: 342},
    mode="internet en papier",
    languages=("Nederlands",),
    held_from=date(2017, 9, 11),
    held_until=date(2017, 10, 22),
    invited=2900,
    reached=2841,
    answered=1244,
    weighting=StatedMethod.RAKE,
    margins=(StatedMargin(title="leeftijd × geslacht", source="CBS", as_of=date(2017, 1, 1)),),
    trim_ratio=5.0,
    weight_range=(0.31, 4.2),
    design_effect=1.21,
    effective_respondents=1028.4,
    has_strata=True,
    is_calibrated=True,
    typical_margin_points=3.05,
    breaks=(StatedBreak(measure="Overlast door jongeren", why="De vraag is in 2017 anders gesteld."),),
)
BOOK = BookFacts(
    questions=len(QUESTIONS),
    backgrounds=("Leeftijd", "Kern"),
    licence="CC BY 4.0",
    estimation="Taylor, raking",
    corrected_letters=True,
    made_on=date(2017, 12, 1),
    computed_on=date(2017, 11, 30),
)


def invented_book(*, questions: int = 3) -> TableBook:
    """The book in the language that is on; more questions repeat the three with codes of their own."""
    made = tuple(
        TableBookQuestion(
            code=one.code if questions == 3 else f"V{number:03d}",
            text=one.text, kind=one.kind, answers=one.answers, base=one.base, unit=one.unit, chapter=one.chapter,
        )
        for number, one in ((number, QUESTIONS[number % 3]) for number in range(questions))
    )  # fmt: skip

    def tables() -> Iterator[TableBookTable]:
        return (table(number, question) for number, question in enumerate(made))

    return TableBook(front=front(METHOD, BOOK), banners=BANNERS, questions=made, tables=tables)
