"""The file with answers on a page: what is known of it without showing a row, and what stands in its way."""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from koersvast.connectors.personal_columns import PersonalColumn, PersonalKind
from koersvast.indicators.wording import format_day, format_moment
from koersvast.surveys.codebook import Kind, Role
from koersvast.surveys.models import MicrodataFile, Wave
from koersvast.web import components as c
from koersvast.web.surveys.parts.steps import count

KINDS: Mapping[str, str | Promise] = {
    PersonalKind.NAME: gettext_lazy("name of a person"),
    PersonalKind.EMAIL: gettext_lazy("e-mail address"),
    PersonalKind.PHONE: gettext_lazy("telephone number"),
    PersonalKind.BSN: gettext_lazy("citizen service number (BSN)"),
    PersonalKind.ADDRESS: gettext_lazy("address"),
    PersonalKind.POSTCODE: gettext_lazy("full postcode"),
    PersonalKind.BIRTH_DATE: gettext_lazy("date of birth"),
    PersonalKind.IBAN: gettext_lazy("bank account number"),
    PersonalKind.IP: gettext_lazy("network address"),
    PersonalKind.TOKEN: gettext_lazy("personal code of the invitation"),
    PersonalKind.LOCATION: gettext_lazy("exact place"),
}
_FILES: Mapping[str, str] = {
    "sav": "SPSS (.sav)", "zsav": "SPSS (.zsav)", "por": "SPSS (.por)", "csv": "CSV", "xlsx": "Excel",
    "limesurvey": "LimeSurvey",
}  # fmt: skip
_MISFITS: Mapping[str, str | Promise] = {
    "real_answers_to_practise_with": gettext_lazy(
        "This municipality is for practising: only invented answers belong here. Open this file in your own one."
    ),
    "real_answers_in_invented_wave": gettext_lazy(
        "This wave is invented, and this file is not. Open another wave for real answers."
    ),
    "invented_answers_in_real_wave": gettext_lazy(
        "This file says that its answers are invented, and this wave has real ones. Open another wave to practise."
    ),
}


def misfit(code: str) -> str:
    """Why a file is not one for this wave."""
    return str(_MISFITS[code])


def personal_table(found: Sequence[PersonalColumn]) -> c.DataTable:
    """The columns that say who somebody is, with what each gives away."""
    rows = [
        c.Row(
            head=c.Cell(text=one.name),
            cells=[
                c.Cell(text=KINDS[one.kind]),
                c.Cell(text=_("in some of the answers") if one.inside_answers else _("in the whole column")),
            ],
        )
        for one in found
    ]
    return c.DataTable(
        id="persoonsgegevens",
        caption=_("Columns that may not come in"),
        subtitle=_("The file was not kept. No answer of anybody is shown here."),
        columns=[c.Column(label=_("Column")), c.Column(label=_("What it looks like")), c.Column(label=_("Where"))],
        groups=[c.RowGroup(rows=rows)],
    )


def figures(wave: Wave, file: MicrodataFile) -> list[c.KeyFigure]:
    """What was found in the file, in numbers."""
    entries = [row.entry for row in wave.entries.all()]
    kinds = Counter(entry.kind for entry in entries)
    roles = Counter(entry.role for entry in entries)
    sets = kinds[Kind.MULTIPLE]
    return [
        c.KeyFigure(label=_("Respondents"), value=count(file.rows), note=_("rows in the file")),
        c.KeyFigure(label=_("Columns"), value=count(file.columns), note=_dropped(file)),
        c.KeyFigure(label=_("Questions"), value=count(roles[Role.QUESTION]), note=_sets(sets)),
        c.KeyFigure(
            label=_("Backgrounds"), value=count(roles[Role.BACKGROUND]), note=_("to compare groups of people by")
        ),
    ]


def _dropped(file: MicrodataFile) -> str:
    number = len(file.dropped_columns)
    if not number:
        return _("none left out")
    return ngettext("{number} left out", "{number} left out", number).format(number=count(number))


def _sets(number: int) -> str:
    if not number:
        return _("one answer each")
    return ngettext("{number} with several answers", "{number} with several answers", number).format(
        number=count(number)
    )


def facts(wave: Wave, file: MicrodataFile) -> list[tuple[str, str]]:
    """Where the file came from, what labels it has and how long its answers are there."""
    labels = sum(len(row.content["answers"]) for row in wave.entries.all())
    kept = _("until {day}").format(day=format_day(file.keep_until))
    return [
        (_("File"), file.file_name),
        (_("Kind"), _FILES.get(file.kind_of_file, file.kind_of_file)),
        (_("Received"), format_moment(file.received_at)),
        (_("Answers with a label"), count(labels)),
        (_("Kept"), kept if file.can_be_read else _("destroyed")),
        *([(_("Left out"), ", ".join(map(str, file.dropped_columns)))] if file.dropped_columns else []),
    ]
