"""The words of pasting a table: what columns hold, what is asked, what can be answered, why something is not used."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.connectors.sheets import column_letter
from koersvast.indicators.wording.numbers import format_day
from koersvast.programme.pasted_questions import Option, Question
from koersvast.programme.pasted_text import PasteRefused, Table
from koersvast.web.programme.actions import words as action_words

type Text = str | Promise

COLUMN: Mapping[str, Text] = {
    "": gettext_lazy("Leave this column out"),
    "title": gettext_lazy("The action (title)"),
    "text": gettext_lazy("Description of the action"),
    "objective": gettext_lazy("Objective, theme or priority"),
    "mechanism": gettext_lazy("Why it should work"),
    "owner": gettext_lazy("Who does it (one)"),
    "partners": gettext_lazy("Who helps (partners)"),
    "term": gettext_lazy("When (term)"),
    "start": gettext_lazy("First day"),
    "end": gettext_lazy("Last day"),
    "hours": gettext_lazy("Hours"),
    "cost": gettext_lazy("What it costs"),
    "cover": gettext_lazy("Out of what it is paid"),
    "status": gettext_lazy("How it goes now"),
    "chain_link": gettext_lazy("Link of the safety chain"),
    "output_measure": gettext_lazy("What is counted"),
    "target_group": gettext_lazy("For whom"),
    "note": gettext_lazy("Add to the description"),
    "ignore": gettext_lazy("A number of the row; not used"),
}

ASKED: Mapping[str, tuple[Text, Text]] = {
    "heading": (
        gettext_lazy("What is this row?"),
        gettext_lazy("It looks like a heading or a sum, not like an action."),
    ),
    "untitled": (
        gettext_lazy("This row has no action. What is it?"),
        gettext_lazy("Word sometimes cuts one row into two."),
    ),
    "personal": (
        gettext_lazy("Here stands an e-mail address, a telephone number or another number of a person."),
        gettext_lazy("An action holds none of those."),
    ),
    "merged": (
        gettext_lazy("Does a value in this column also hold for the empty cells below it?"),
        gettext_lazy("A merged cell arrives as one value with empty cells below it."),
    ),
    "long_title": (
        gettext_lazy("This is too long for a title."),
        gettext_lazy("A title has at most 160 characters."),
    ),
    "split": (gettext_lazy("Are these several?"), ""),
    "organisation": (gettext_lazy("Who is this?"), gettext_lazy("This name is not among your partners and units.")),
    "objective": (
        gettext_lazy("Which objective or priority is this?"),
        gettext_lazy("The plan has none with this name."),
    ),
    "term": (gettext_lazy("When is this?"), gettext_lazy("You can type a term, such as 1 maart 2027 or Q3 2027.")),
    "order": (gettext_lazy("The last day comes before the first. What is meant?"), ""),
    "money": (gettext_lazy("What does this cost?"), gettext_lazy("Empty is not the same as no cost.")),
    "cost_year": (gettext_lazy("In which year do these costs fall?"), ""),
    "cover": (gettext_lazy("Out of what is it paid?"), ""),
    "hours": (gettext_lazy("How many hours is this?"), ""),
    "chain_link": (gettext_lazy("Which link of the safety chain is this?"), ""),
    "status": (gettext_lazy("Which state is this?"), ""),
    "status_use": (
        gettext_lazy("Your table says how actions go. Do you take that over?"),
        gettext_lazy("A report stays: undoing the paste leaves an action with a report where it is."),
    ),
    "duplicate": (
        gettext_lazy("The programme has an action with this title already."),
        "",
    ),
}
OPTION: Mapping[str, Text] = {
    "skip_row": gettext_lazy("Leave this row out"),
    "is_action": gettext_lazy("It is an action"),
    "group": gettext_lazy("A heading: it is the theme of the rows below it"),
    "join": gettext_lazy("It belongs to the row above it"),
    "strike": gettext_lazy("Strike it, keep the rest of the cell"),
    "empty": gettext_lazy("Leave it empty"),
    "note": gettext_lazy("Keep these words in the description"),
    "repeat_all": gettext_lazy("Yes, it holds for all empty cells below it"),
    "repeat_marked": gettext_lazy("Only where the table says so (merged, or idem)"),
    "repeat_none": gettext_lazy("No, leave those cells empty"),
    "cut_title": gettext_lazy("Shorten the title; the whole text goes to the description"),
    "role": gettext_lazy("This is a role, no organisation: keep it as a role"),
    "no_cost": gettext_lazy("It has no cost of its own"),
    "no_days": gettext_lazy("Leave both days empty"),
    "year_of_start": gettext_lazy("In the year in which the action starts"),
    "report_status": gettext_lazy("Yes, as a first report of progress"),
    "skip_known": gettext_lazy("Leave this one out"),
    "add_known": gettext_lazy("Add it nevertheless"),
}
UNUSED: Mapping[str, Text] = {
    "column": gettext_lazy("this column was left out"),
    "sum": gettext_lazy("a sum"),
    "left_out": gettext_lazy("you left this row out"),
    "said_no": gettext_lazy("you left this empty"),
    "says_nothing": gettext_lazy("says nothing about this action"),
    "no_amount": gettext_lazy("there is no amount that it pays"),
    "mark": gettext_lazy("a mark of a merged cell"),
}
TYPED: Mapping[str, Text] = {
    "term": gettext_lazy("Another term:"),
    "money": gettext_lazy("An amount in euro:"),
    "hours": gettext_lazy("Hours:"),
}


def refusal(refused: PasteRefused) -> str:
    """Why text is not taken in, and what to do."""
    return {
        "empty": _("There is nothing in it. Copy the cells of your table and paste them here."),
        "too_large": _("This is too much at once: {found} kB, at most {limit}. Paste a part of the table."),
        "too_many_rows": _("This table has more than {limit} rows. Paste it in parts."),
        "too_many_columns": _("This table has more than {limit} columns. Copy only the columns about actions."),
        "cell_too_long": _("In row {row}, column {column}, stands a text of {found} characters; at most {limit}."),
    }[refused.code].format(**refused.values)


def column_name(table: Table, column: int) -> str:
    """How a column is called: by its heading, else by its letter as in Excel."""
    return table.heading(column) or _("Column {letter}").format(letter=column_letter(column + 1))


def about(question: Question) -> str:
    """The question itself."""
    return str(ASKED[question.kind][0])


def why(question: Question) -> str:
    """What there is to know before answering."""
    return str(ASKED[question.kind][1])


def rows(question: Question) -> str:
    """In which rows of the paste it stands."""
    if not question.rows:
        return ""
    if len(question.rows) == 1:
        return _("Row {number}").format(number=question.rows[0])
    shown = ", ".join(map(str, question.rows[:6]))
    return _("Rows {numbers}").format(numbers=f"{shown}, …" if len(question.rows) > 6 else shown)


def option(choice: Option) -> str:
    """One possible answer in words."""
    kind, _colon, code = choice.kind.partition(":")
    if kind in OPTION:
        return str(OPTION[kind])
    if kind == "term":
        return _told_term(choice)
    listed = {
        "chain_link": lambda: action_words.chain_link_name(code),
        "status": lambda: str(action_words.STATUS[code].text),
        "cover": lambda: str(action_words.COVER[code]),
        "existing": lambda: choice.text,
        "new_outside": lambda: _("Add “{name}” as a new partner").format(name=choice.text),
        "new_unit": lambda: _("Add “{name}” as a new unit of our own").format(name=choice.text),
        "parts": lambda: _("Yes, {number}: {names}").format(names=choice.text, **choice.values),
        "one_name": lambda: _("No, this is one name"),
        "euro": lambda: action_words.euro(choice.values["euro"]),
        "year": lambda: str(choice.values["year"]),
        "swap": lambda: _("Swap them: {first} to {last}").format(
            first=format_day(choice.values["last"]), last=format_day(choice.values["first"])
        ),
    }
    return listed[kind]()


def _told_term(choice: Option) -> str:
    first, last = choice.values["first"], choice.values["last"]
    if first and not last:
        return _("From {day}").format(day=format_day(first))
    if last and not first:
        return _("Until {day}").format(day=format_day(last))
    return str(action_words.when(first, last, choice.values["recurrence"]))
