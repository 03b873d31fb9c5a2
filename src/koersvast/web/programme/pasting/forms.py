"""Forms of pasting: the text or the file, what each column holds, and the answers to questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.connectors.sheets import Limits
from koersvast.connectors.tabular import open_table
from koersvast.programme.pasted_questions import TYPED, Question
from koersvast.programme.pasted_text import ABOVE, LEFT, ROWS_AT_MOST, PasteRefused, Table, read_table, table_of_sheet
from koersvast.programme.pasting import COLUMN_KINDS
from koersvast.web.forms import ChangeForm, VersionedForm
from koersvast.web.programme.pasting import words

FILE_LIMITS = Limits(file_bytes=5 * 1024 * 1024, rows=4 * ROWS_AT_MOST, cells=40_000)
_TYPED_CHOICE = "typed"


class PasteForm(ChangeForm):
    """A pasted table, or a file with one."""

    text = forms.CharField(
        label=gettext_lazy("Paste your table here"), required=False, strip=False,
        help_text=gettext_lazy("No names of residents. Nothing is stored as an action until you have seen it."),
        widget=forms.Textarea(attrs={"rows": 9, "data-paste-table": "", "spellcheck": "false", "wrap": "off"}),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("A file with a table"), required=False, allow_empty_file=True,
        help_text=gettext_lazy("Excel (.xlsx), OpenDocument (.ods) or CSV, at most 5 MB. The first sheet is read."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )  # fmt: skip
    table: Table

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One of the two is needed. The label of the field that nearly everybody uses says so.
        self.fields["text"].required = not self.files

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        name = "file" if given.get("file") else "text"
        try:
            self.table = self._from_file(given["file"]) if name == "file" else read_table(given.get("text") or "")
        except PasteRefused as refused:
            self.add_error(name, ValidationError(words.refusal(refused), code=refused.code))
        return given

    def _from_file(self, file: Any) -> Table:
        if file.size > FILE_LIMITS.file_bytes:
            raise PasteRefused("too_large", found=file.size // 1000, limit=FILE_LIMITS.file_bytes // 1000)
        opened = open_table(file.read(), limits=FILE_LIMITS)
        if opened.sheet is None:
            raise PasteRefused("empty")
        return table_of_sheet(opened.sheet)


class ColumnsForm(VersionedForm):
    """What each column holds, and whether the first row is headings."""

    has_header = forms.BooleanField(label=gettext_lazy("The first row holds headings"), required=False)

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        choices = [("", words.COLUMN[""]), *((kind, words.COLUMN[kind]) for kind in COLUMN_KINDS)]
        for column in range(table.width):
            self.fields[f"column_{column}"] = forms.ChoiceField(
                label=words.column_name(table, column), required=False, choices=choices
            )

    def columns(self) -> list[tuple[forms.BoundField, list[str]]]:
        """Each column as a field, with the first values that stand in it."""
        found = []
        for column in range(self.table.width):
            texts = [row[column] for _number, row in self.table.body if row[column] not in {"", ABOVE, LEFT}]
            found.append((self[f"column_{column}"], [_short(text) for text in dict.fromkeys(texts)][:3]))
        return found

    def kinds(self) -> list[str]:
        return [self.cleaned_data[f"column_{column}"] for column in range(self.table.width)]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 70 else flat[:69].rstrip() + "…"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One radio button."""

    id: str
    value: str
    label: str
    is_checked: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question as the page shows it."""

    name: str
    title: str
    why: str
    cell: str
    column: str
    rows: str
    choices: tuple[Choice, ...]
    typed_name: str = ""
    typed_label: str = ""
    typed: str = ""
    error: str = ""


def asked(question: Question, *, table: Table, posted: QueryDict | None = None) -> Asked:
    """Make a question ready to show: what was posted or answered is chosen, else what is suggested."""
    name = f"q_{question.key}"
    given = posted.get(name, "") if posted is not None else question.answer or question.suggested
    typed = posted.get(f"t_{question.key}", "") if posted is not None else ""
    if given.startswith(TYPED):
        given, typed = _TYPED_CHOICE, given.removeprefix(TYPED)
    shown = [(one.value, words.option(one)) for one in question.options]
    if question.typed:
        shown.append((_TYPED_CHOICE, str(words.TYPED[question.typed])))
    return Asked(
        name=name, title=words.about(question), why=words.why(question), cell=question.text,
        column=words.column_name(table, question.column) if question.column is not None else "",
        rows=words.rows(question),
        choices=tuple(
            Choice(id=f"{name}_{place}", value=value, label=label, is_checked=value == given)
            for place, (value, label) in enumerate(shown)
        ),
        typed_name=f"t_{question.key}" if question.typed else "",
        typed_label=str(words.TYPED[question.typed]) if question.typed else "",
        typed=typed, error=_error(given, typed) if posted is not None and question.is_open else "",
    )  # fmt: skip


def _error(given: str, typed: str) -> str:
    if given == _TYPED_CHOICE and typed.strip():
        return _("This cannot be read. Write it differently, such as 1 maart 2027 or 2.500.")
    return _("Choose an answer.")


def answers_in(posted: QueryDict, shown: Sequence[Question]) -> dict[str, str]:
    """The answers to the questions that were on the page."""
    found = {}
    for question in shown:
        given = posted.get(f"q_{question.key}", "")
        typed = posted.get(f"t_{question.key}", "").strip()
        found[question.key] = f"{TYPED}{typed}" if given == _TYPED_CHOICE else given
    return found
