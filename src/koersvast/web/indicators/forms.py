"""What a visitor may choose or send: years and day of knowledge, a file, its columns, a reason for withdrawing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.connectors.amounts import DecimalSign
from koersvast.connectors.figures import Layout, Mapping, Role
from koersvast.connectors.sheets import Sheet, column_letter
from koersvast.indicators.models import Source

FIRST_YEAR, LAST_YEAR = 1990, 2100


def known_on_field() -> forms.DateField:
    """As known on what day; empty is today."""
    return forms.DateField(
        label=gettext_lazy("As known on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class PeriodForm(forms.Form):
    """From which year to which, and as known on what day; an empty day is today."""

    first = forms.IntegerField(
        label=gettext_lazy("From year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False
    )
    last = forms.IntegerField(label=gettext_lazy("To year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)
    known_on = known_on_field()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not first <= last < first + 25:
            raise ValidationError(_("Choose a last year after the first, at most 25 years on."), code="years")
        return given


class KnownOnForm(forms.Form):
    """As known on what day; empty is today."""

    known_on = known_on_field()

    def day(self) -> date | None:
        """The chosen day; None when none was chosen, or what was chosen cannot be read."""
        return self.cleaned_data["known_on"] if self.is_valid() else None


class IndicatorForm(KnownOnForm):
    """Of which area, where there are figures of more than one, and as known on what day."""

    def __init__(self, data: QueryDict | None, *, areas: Sequence[tuple[str, Any]]) -> None:
        super().__init__(data)
        if areas:
            area = forms.ChoiceField(label=_("Area"), choices=areas, required=False)
            self.fields = {"area": area, **self.fields}


class UploadForm(forms.Form):
    """A file with figures, the day on which its source gave them, and its source when the file does not say so."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, XLSX or ODS, at most 20 MB. Nothing is taken over before you have seen it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )
    as_of = forms.DateField(
        label=gettext_lazy("Day on which the source gave these figures"),
        help_text=gettext_lazy("Later you can see what was known on that day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    source = forms.ModelChoiceField(
        label=gettext_lazy("Source"),
        queryset=Source.objects.none(),
        required=False,
        empty_label=gettext_lazy("as the file says, else that of the indicator"),
    )

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["source"]
        assert isinstance(chosen, forms.ModelChoiceField)  # noqa: S101 declared above
        chosen.queryset = sources

    def clean_file(self) -> "UploadedFile[Any]":
        given: UploadedFile[Any] = self.cleaned_data["file"]
        if (given.size or 0) > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(_("The file is larger than 20 MB. Divide it into smaller files."), code="too_large")
        return given

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has yet to come. Choose today or an earlier day."), code="ahead")
        return day


_ROLE_LABELS = {
    Role.INDICATOR: gettext_lazy("Indicator"),
    Role.PERIOD: gettext_lazy("Period"),
    Role.VALUE: gettext_lazy("Figure"),
    Role.UNIT: gettext_lazy("Unit"),
    Role.SOURCE: gettext_lazy("Source"),
    Role.AREA: gettext_lazy("Area"),
    Role.RESPONDENTS: gettext_lazy("Number of respondents"),
    Role.MARGIN: gettext_lazy("Margin (half of the 95% interval)"),
    Role.PROVISIONAL: gettext_lazy("Provisional or final"),
    Role.NOTE: gettext_lazy("Remark"),
}
_NEEDED = {Layout.LONG: (Role.INDICATOR, Role.PERIOD, Role.VALUE), Layout.WIDE: (Role.INDICATOR,)}


class ColumnsForm(forms.Form):
    """Which column is what, for a file whose headings are not known yet."""

    layout = forms.ChoiceField(
        label=gettext_lazy("How are the figures arranged?"),
        choices=[
            (Layout.LONG.value, gettext_lazy("One figure on each line, with the period in a column")),
            (Layout.WIDE.value, gettext_lazy("One indicator on each line, with a column for each period")),
        ],
        widget=forms.RadioSelect,
    )
    decimal = forms.ChoiceField(
        label=gettext_lazy("Decimal sign"),
        choices=[
            ("", gettext_lazy("work it out from the figures")),
            (DecimalSign.COMMA.value, gettext_lazy("comma (7,4)")),
            (DecimalSign.POINT.value, gettext_lazy("point (7.4)")),
        ],
        required=False,
    )
    remember_as = forms.CharField(
        label=gettext_lazy("Remember as"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Next time a file with the same headings is recognised under this name."),
    )

    def __init__(self, *args: Any, sheet: Sheet, known: Mapping | None, file_name: str, **kwargs: Any) -> None:
        self.sheet, self.known = sheet, known
        kwargs.setdefault("initial", self._initial(known, file_name))
        super().__init__(*args, **kwargs)
        columns = [("", _("not in this file")), *self._columns()]
        hint = _("Needed when each line holds one figure.")
        for role, label in _ROLE_LABELS.items():
            self.fields[role.value] = forms.ChoiceField(
                label=label,
                choices=columns,
                required=role is Role.INDICATOR,
                help_text=hint if role in (Role.PERIOD, Role.VALUE) else "",
            )
        names = ["layout", *(role.value for role in _ROLE_LABELS), "decimal", "remember_as"]
        self.order_fields(names)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "layout" in given:
            layout = Layout(given["layout"])
            for role in _NEEDED[layout]:
                if not given.get(role.value):
                    self.add_error(role.value, _("Choose the column that holds this."))
            if layout is Layout.WIDE and not (self.known and self.known.periods):
                self.add_error("layout", _("No columns with a period as heading were found in this file."))
        return given

    def mapping(self) -> Mapping:
        """The mapping that was chosen."""
        given = self.cleaned_data
        layout = Layout(given["layout"])
        skipped = {Role.PERIOD, Role.VALUE} if layout is Layout.WIDE else set()
        return Mapping(
            layout=layout,
            header_row=self._header_row,
            columns={
                role: int(given[role.value]) for role in _ROLE_LABELS if given[role.value] and role not in skipped
            },
            periods=self.known.periods if self.known and layout is Layout.WIDE else (),
            fixed=self.known.fixed if self.known and not given[Role.UNIT.value] else {},
            decimal=DecimalSign(given["decimal"]) if given["decimal"] else None,
            sheet=self.sheet.name if self.sheet.kind_of_file != "csv" else "",
        )

    @property
    def _header_row(self) -> int:
        if self.known:
            return self.known.header_row
        return next((row[0].row for row in self.sheet.filled_rows()), 1)

    def _columns(self) -> Iterable[tuple[str, str]]:
        """Each column with its letter, heading and first value, so that a person recognises it."""
        for column in range(1, min(self.sheet.width, 60) + 1):
            heading = self.sheet.cell(self._header_row, column).text[:40]
            example = self.sheet.cell(self._header_row + 1, column).text[:30]
            shown = heading or _("without heading")
            text = _("{letter}: {heading} (such as {example})") if example else _("{letter}: {heading}")
            yield str(column), text.format(letter=column_letter(column), heading=shown, example=example)

    @staticmethod
    def _initial(known: Mapping | None, file_name: str) -> dict[str, Any]:
        initial: dict[str, Any] = {"layout": Layout.LONG.value, "remember_as": file_name.rsplit(".", 1)[0]}
        if known:
            initial["layout"] = known.layout.value
            initial["decimal"] = known.decimal.value if known.decimal else ""
            initial |= {role.value: str(column) for role, column in known.columns.items()}
        return initial


class WithdrawForm(forms.Form):
    """Why a number is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Why is this figure withdrawn?"),
        max_length=300,
        help_text=gettext_lazy("The figure stays readable, with this reason. The earlier version counts again."),
    )
