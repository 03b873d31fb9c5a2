"""Read a margin that somebody brings: a CSV, XLSX or ODS file with a category and a number of people on every line.

What the categories mean is for the codebook of the survey. *Not* for figures of indicators (`connectors.figures`).
"""

from dataclasses import dataclass
from math import isclose

from koersvast.connectors.amounts import Ambiguous, Amount, DecimalSign, evidence, parse_amount
from koersvast.connectors.problems import Problem
from koersvast.connectors.sheets import Cell, Kind
from koersvast.connectors.tabular import open_table
from koersvast.engine.quantities import Reason

_TOTALS = ("totaal", "total")


@dataclass(frozen=True, kw_only=True)
class GivenMargin:
    """People per category, in the order of the file; empty where anything refused it.

    refused: file problems that kept it from being opened. reasons (line counts from 1): two_columns_needed;
    no_categories; category_empty, not_a_count, negative_count (line); category_twice (line, first_line). What stands in
    a cell is not repeated: somebody may have brought the wrong file. remarks: heading_left_out (line);
    total_left_out (line, total); total_differs (line, total, sum).
    """

    categories: tuple[str, ...] = ()
    totals: tuple[float, ...] = ()
    refused: tuple[Problem, ...] = ()
    reasons: tuple[Reason, ...] = ()
    remarks: tuple[Reason, ...] = ()

    @property
    def is_read(self) -> bool:
        """Whether there is a margin to use."""
        return bool(self.categories)


def read_given_margin(data: bytes, *, sheet: str = "") -> GivenMargin:
    """Read the first two columns of a file: category and people. Never raises for what is in the file."""
    opened = open_table(data, sheet=sheet)
    if opened.sheet is None:
        return GivenMargin(refused=opened.problems)
    if opened.sheet.width < 2:
        return GivenMargin(reasons=(Reason(code="two_columns_needed"),))
    rows = [(row[0], row[1]) for row in opened.sheet.filled_rows()]
    sign = evidence(count.text for _, count in rows if count.kind is Kind.TEXT)
    lines = [(name.row, name.text.strip(), _count(count, sign)) for name, count in rows]
    remarks = []
    if lines and lines[0][2] is None and len(lines) > 1:
        remarks.append(Reason(code="heading_left_out", values={"line": lines[0][0]}))
        lines = lines[1:]
    return _made(lines, remarks)


type _Line = tuple[int, str, float | None]


def _made(lines: list[_Line], remarks: list[Reason]) -> GivenMargin:
    found: dict[str, tuple[int, float]] = {}
    reasons: list[Reason] = []
    totals: list[tuple[int, float]] = []
    for line, name, count in lines:
        if not name:
            reasons.append(Reason(code="category_empty", values={"line": line}))
        elif count is None:
            reasons.append(Reason(code="not_a_count", values={"line": line}))
        elif count < 0:
            reasons.append(Reason(code="negative_count", values={"line": line}))
        elif name.casefold().startswith(_TOTALS):
            totals.append((line, count))
        elif name in found:
            reasons.append(Reason(code="category_twice", values={"line": line, "first_line": found[name][0]}))
        else:
            found[name] = (line, count)
    if not found and not reasons:
        reasons.append(Reason(code="no_categories"))
    if reasons:
        return GivenMargin(reasons=tuple(reasons), remarks=tuple(remarks))
    counts = [count for _, count in found.values()]
    return GivenMargin(
        categories=tuple(found),
        totals=tuple(counts),
        remarks=(*remarks, *(_of_total(line, total, sum(counts)) for line, total in totals)),
    )


def _of_total(line: int, total: float, added: float) -> Reason:
    if isclose(total, added, rel_tol=1e-12):
        return Reason(code="total_left_out", values={"line": line, "total": total})
    return Reason(code="total_differs", values={"line": line, "total": total, "sum": added})


def _count(cell: Cell, sign: DecimalSign | None) -> float | None:
    """The people in a cell; None when it holds no number of people."""
    if cell.kind is Kind.NUMBER and cell.number is not None and not cell.percent:
        return float(cell.number)
    if cell.kind is not Kind.TEXT:
        return None
    parsed = parse_amount(cell.text, sign=sign)
    if isinstance(parsed, Ambiguous):
        # People are whole: 1.244 and 1,244 are both one thousand two hundred and forty-four.
        return float(max(parsed.as_comma, parsed.as_point))
    if isinstance(parsed, Amount) and not parsed.percent and not parsed.euro:
        return float(parsed.number)
    return None
