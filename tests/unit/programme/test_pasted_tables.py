"""Reading what was copied from Excel and Word: nothing is lost, nothing is made up, nothing breaks."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.programme.pasted_questions import Named
from koersvast.programme.pasted_text import (
    BYTES_AT_MOST,
    COLUMNS_AT_MOST,
    ROWS_AT_MOST,
    PasteRefused,
    Table,
    read_table,
    write_table,
)
from koersvast.programme.pasted_values import nearest, read_hours, read_money, read_term, split_names
from koersvast.programme.pasting import COLUMN_KINDS, Known, Reading, examine, suggest_columns, suggest_header

FIRST, LAST = date(2019, 1, 1), date(2020, 12, 31)
KNOWN = Known(
    organisations=(
        Named(key="organisation:1", names=("Politie Basisteam Vechtdal", "Politie")),
        Named(key="organisation:2", names=("SAAM Welzijn",)),
        Named(key="organisation:3", names=("Team Veiligheid",)),
    ),
    objectives=(Named(key="objective:9", names=("Minder woninginbraken", "woninginbraken")),),
    titles=("Bestaande actie",),
    first_day=FIRST,
    last_day=LAST,
)
# As Excel puts it on the clipboard: a merged theme is one value above empty cells, a cell with a line end is quoted.
EXCEL = (
    "Doel\tActie\tTrekker\tPartners\tWanneer\tKosten 2019\r\n"
    'Minder woninginbraken\t"Avonden over inbraak\nin elke kern"\tTeam Veiligheid\tPolitie, SAAM Welzijn\t'
    "voorjaar 2019\t€ 2.500\r\n"
    "\tWhatsApp-buurtpreventie\tPolitie\tSAAM Welzyn\tdoorlopend\tbinnen bestaande formatie\r\n"
    "Totaal\t\t\t\t\t€ 2.500\r\n"
)
clean = st.text(
    alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S"), include_characters=' \n"'), max_size=20
).map(lambda text: "\n".join(line.strip() for line in text.split("\n")).strip())


def table(text: str) -> Table:
    read = read_table(text)
    return Table(rows=read.rows, has_header=suggest_header(read), notes=read.notes)


def read_or_code(text: str) -> Table | str:
    """The table, or the code with which it was refused; anything else breaks the test."""
    try:
        return read_table(text)
    except PasteRefused as refused:
        return refused.code


def settled(read: Table, columns: Sequence[str], answers: dict[str, str]) -> Reading:
    """Answer with the first option until nothing is asked."""
    for _round in range(20):
        found = examine(read, columns=columns, answers=answers, known=KNOWN)
        if not found.open_questions:
            return found
        answers |= {one.key: one.suggested or one.options[0].value for one in found.open_questions}
    raise AssertionError([one.kind for one in found.open_questions])


# ── Text into cells ──────────────────────────────────────────────────────────────────────────────────────────────


@given(st.text())
def test_any_text_gives_a_table_or_a_refusal_with_a_code(text: str) -> None:
    read = read_or_code(text)
    if isinstance(read, str):
        assert read in {"empty", "too_large", "too_many_rows", "too_many_columns", "cell_too_long"}
    else:
        assert len({len(row) for row in read.rows}) == 1


@given(st.lists(st.lists(clean, min_size=2, max_size=5), min_size=1, max_size=6))
def test_table_with_quotes_and_line_ends_survives_writing_and_reading(rows: list[list[str]]) -> None:
    width = max(len(row) for row in rows)
    square = [[*row, *[""] * (width - len(row))] for row in rows]
    read = read_or_code(write_table(square))
    if isinstance(read, str):
        assert read == "empty"
        assert not any(any(row) for row in square)
        return
    normal = read.rows
    assert read_table(write_table(normal)).rows == normal or len(normal[0]) == 1
    cells = sorted(text for row in normal for text in row if text)
    assert len(cells) == sum(bool(text) for row in square for text in row)


def test_word_and_excel_signs_are_cleaned_away() -> None:
    read = read_table("\ufeffActie\tTrekker\t\t\r\n•\tFolders\u00a0 maken\tTeam\u00a0Veiligheid\t\t\r\n\t\t\t\r\n")
    assert read.rows == (("Actie", "Trekker"), ("- Folders maken", "Team Veiligheid"))


@pytest.mark.parametrize("text", ['a;b\r\nc;"d;e"\r\n', "a\tb\nc\td;e", 'a,b,x\nc,"d;e",y\n'])
def test_semicolons_tabs_and_commas_cut_the_same_cells(text: str) -> None:
    assert read_table(text).rows[1][:2] == ("c", "d;e")


def test_sentences_with_commas_stay_whole() -> None:
    assert read_table("Eerst dit, dan dat\nNiets, maar dan ook niets, doen").width == 1


def test_table_of_word_without_tabs_is_told() -> None:
    assert read_table("Actie\nTrekker\nFolders maken\nTeam Veiligheid").notes == ("one_cell_per_line",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" \t \r\n", "empty"),
        ("a\tb\n" * (ROWS_AT_MOST + 1), "too_many_rows"),
        ("a\t" * COLUMNS_AT_MOST + "a", "too_many_columns"),
        ("x" * (BYTES_AT_MOST + 1), "too_large"),
        ("x" * 5000, "cell_too_long"),
    ],
)
def test_what_is_too_much_is_refused_with_its_code(text: str, code: str) -> None:
    with pytest.raises(PasteRefused) as refused:
        read_table(text)
    assert refused.value.code == code


# ── Cells into values ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "first", "last", "is_certain"),
    [
        ("voorjaar 2019", date(2019, 3, 1), date(2019, 5, 31), False),
        ("Q3 2020", date(2020, 7, 1), date(2020, 9, 30), True),
        ("3e kwartaal 2019", date(2019, 7, 1), date(2019, 9, 30), True),
        ("2019-2020", FIRST, LAST, True),
        ("2019 – 2020", FIRST, LAST, True),
        ("maart", date(2019, 3, 1), date(2019, 3, 31), False),
        ("maart - juni 2020", date(2020, 3, 1), date(2020, 6, 30), True),
        ("1-2-2019 t/m 3 maart 2020", date(2019, 2, 1), date(2020, 3, 3), True),
        ("winter 2019", date(2019, 12, 1), date(2020, 2, 29), False),
        ("doorlopend", FIRST, LAST, False),
    ],
)
def test_term_is_read_and_says_whether_it_is_certain(text: str, first: date, last: date, is_certain: bool) -> None:
    found = read_term(text, first_day=FIRST, last_day=LAST)
    assert found is not None
    assert (found.first_day, found.last_day, found.is_certain) == (first, last, is_certain)


@pytest.mark.parametrize("text", ["31-2-2019", "binnenkort", "1-13-2019", "2020-2019", "3 maart", "12"])
def test_what_is_no_term_is_not_made_one(text: str) -> None:
    assert read_term(text, first_day=FIRST, last_day=LAST) is None


@given(st.text(max_size=30))
def test_no_cell_breaks_a_reader(text: str) -> None:
    found = read_term(text, first_day=FIRST, last_day=LAST)
    if found and found.first_day and found.last_day:
        assert found.first_day <= found.last_day
    read_money(text)
    read_hours(text)
    split_names(text)


@pytest.mark.parametrize(
    ("text", "euro", "is_certain"),
    [("€ 2.500", 2500, True), ("2.500,00", 2500, True), ("2.500", 2500, False), ("€ 5k", 5000, False)],
)
def test_amount_is_read_and_says_whether_it_is_certain(text: str, euro: int, is_certain: bool) -> None:
    found = read_money(text)
    assert found is not None
    assert (found.euro, found.is_certain) == (Decimal(euro), is_certain)


@pytest.mark.parametrize(
    ("text", "says"),
    [("n.v.t.", "no_cost"), ("Geen", "no_cost"), ("binnen bestaande formatie", "no_cost"), ("p.m.", "unknown")],
)
def test_words_for_money_are_never_an_amount(text: str, says: str) -> None:
    found = read_money(text)
    assert found is not None
    assert (found.euro, found.says, found.is_certain) == (None, says, False)


def test_several_names_are_cut_and_the_nearest_known_ones_come_first() -> None:
    assert split_names("politie, SAAM Welzijn / De Kern en VVN") == ("politie", "SAAM Welzijn", "De Kern", "VVN")
    known = [("a", "SAAM Welzijn"), ("b", "Politie"), ("c", "Stichting SAAM Welzijn Dalfsen")]
    assert nearest("Saam welzyn", known)[0] == "a"
    assert nearest("Waterschap", known) == ()


# ── Table into questions and actions ─────────────────────────────────────────────────────────────────────────────


def test_headings_tell_what_the_columns_hold() -> None:
    read = table(EXCEL)
    assert read.has_header
    assert suggest_columns(read) == ("objective", "title", "owner", "partners", "term", "cost")


def test_table_of_excel_asks_what_is_not_certain_and_nothing_else() -> None:
    read = table(EXCEL)
    found = examine(read, columns=suggest_columns(read), answers={}, known=KNOWN)
    asked = {(one.kind, one.text) for one in found.open_questions}
    assert asked == {
        ("heading", "Totaal · € 2.500"), ("merged", ""), ("split", "Politie, SAAM Welzijn"),
        ("organisation", "SAAM Welzyn"), ("term", "voorjaar 2019"), ("term", "doorlopend"), ("cover", ""),
        ("money", "binnen bestaande formatie"),
    }  # fmt: skip
    nearest_one = next(one for one in found.open_questions if one.text == "SAAM Welzyn").options[0]
    assert (nearest_one.value, nearest_one.text) == ("organisation:2", "SAAM Welzijn")


def test_answers_make_the_actions() -> None:
    read = table(EXCEL)
    first, second = settled(read, suggest_columns(read), {}).actions
    assert first.title == "Avonden over inbraak in elke kern"
    assert (first.objectives, first.owner) == (("objective:9",), "organisation:3")
    assert first.partners == ("organisation:1", "organisation:2")
    assert (first.starts_on, first.ends_on) == (date(2019, 3, 1), date(2019, 5, 31))
    assert [(cost.year, cost.euro, cost.cover) for cost in first.costs] == [(2019, Decimal(2500), "uncovered")]
    assert (second.objectives, second.recurrence, second.has_no_cost) == (("objective:9",), "continuous", True)


def test_merged_theme_answered_with_no_leaves_the_rows_below_without_it() -> None:
    read = table(EXCEL)
    columns = suggest_columns(read)
    merged = next(
        one for one in examine(read, columns=columns, answers={}, known=KNOWN).questions if one.kind == "merged"
    )
    found = settled(read, columns, {merged.key: "none"})
    assert [one.objectives for one in found.actions] == [("objective:9",), ()]


def test_merged_amount_is_not_counted_for_every_row_unless_somebody_says_so() -> None:
    read = table("Actie\tKosten 2019\r\nEen\t€ 300\r\nTwee\t↑\r\n")
    found = settled(read, ("title", "cost"), {})
    assert [bool(one.costs) for one in found.actions] == [True, False]


def test_answer_that_is_no_option_leaves_the_question_open() -> None:
    read = table(EXCEL)
    columns = suggest_columns(read)
    keys = [one.key for one in examine(read, columns=columns, answers={}, known=KNOWN).open_questions]
    junk = dict.fromkeys(keys, "organisation:77") | {keys[0]: "typed:niets"}
    assert {one.key for one in examine(read, columns=columns, answers=junk, known=KNOWN).open_questions} == set(keys)


def test_typed_term_is_taken_when_it_can_be_read() -> None:
    read = table("Actie\tWanneer\r\nEen\tbinnenkort\r\n")
    (asked,) = examine(read, columns=("title", "term"), answers={}, known=KNOWN).open_questions
    answers = {asked.key: "typed:1 maart 2019"}
    (action,) = examine(read, columns=("title", "term"), answers=answers, known=KNOWN).actions
    assert action.starts_on == action.ends_on == date(2019, 3, 1)


def test_address_of_a_person_is_struck_only_after_it_was_asked() -> None:
    read = table("Actie\tToelichting\r\nEen\tBel wijkagent@politie.example voor overleg\r\n")
    (asked,) = examine(read, columns=("title", "text"), answers={}, known=KNOWN).open_questions
    assert asked.kind == "personal"
    (action,) = settled(read, ("title", "text"), {}).actions
    assert "@" not in action.text
    assert "overleg" in action.text


def test_title_that_is_there_already_is_left_out_unless_somebody_wants_it_twice() -> None:
    read = table("Actie\tTrekker\r\nBestaande actie\tPolitie\r\nNieuwe actie\tPolitie\r\n")
    assert [one.title for one in settled(read, ("title", "owner"), {}).actions] == ["Nieuwe actie"]


cell = st.sampled_from(
    ["", "", "Folders", "Politie", "politie, SAAM", "voorjaar 2019", "€ 2.500", "p.m.", "geen", "↑", "←", "idem",
     "Totaal", "gereed", "preventie", "06-12345678", "40 uur", "Bestaande actie", "x" * 200]
)  # fmt: skip


@given(st.data())
def test_every_filled_cell_is_taken_over_or_listed_as_not_used(data: st.DataObject) -> None:
    width = data.draw(st.integers(2, 6))
    rows = data.draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=6))
    others = st.sampled_from(("", *(kind for kind in COLUMN_KINDS if kind != "title")))
    columns = ["title", *data.draw(st.lists(others, min_size=width - 1, max_size=width - 1))]
    single = {"owner", "term", "start", "end", "hours", "cover", "status", "chain_link", "mechanism"}
    single |= {"output_measure", "target_group"}
    columns = [kind if kind not in single or columns.index(kind) == place else "" for place, kind in enumerate(columns)]
    read = Table(rows=tuple(tuple(row) for row in rows))
    answers: dict[str, str] = {}
    for _round in range(20):
        found = examine(read, columns=columns, answers=answers, known=KNOWN)
        if not found.open_questions:
            break
        answers |= {
            one.key: data.draw(st.sampled_from([option.value for option in one.options]))
            for one in found.open_questions
        }
    assert not found.open_questions
    unused = {(one.row, one.column) for one in found.unused}
    assert len(unused) == len(found.unused)
    kept = {one.row for one in found.actions}
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row):
            if text and not columns[place]:
                assert (number, place) in unused
            if (
                text
                and columns[place] in {"text", "note", "mechanism"}
                and number in kept
                and (number, place) not in unused
            ):
                assert (
                    text in {"↑", "←", "idem"}
                    or "06-" in text
                    or any(text in one.text or text in one.mechanism for one in found.actions)
                )
