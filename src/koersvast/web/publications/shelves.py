"""What can be made, as the page shows it: shelves with files, each with what it is good for and its buttons."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from koersvast.publications.queries import DataFormat, DataSubject
from koersvast.publications.writers import Format

REPORT, FIGURES, PACKAGE = "report", "figures", "package"


@dataclass(frozen=True, kw_only=True)
class Button:
    """A button that makes one file; `value` is `<what>.<extension>`, `spoken` says the whole of it."""

    label: str
    value: str
    spoken: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something that can be taken along. `hint` says how large it is and how long it takes, as seen in the demo."""

    title: str
    text: str
    hint: str
    buttons: tuple[Button, ...]
    symbol: str = "document"


def reports() -> list[Item]:
    """The report in its four forms."""
    items = [
        (
            Format.PDF,
            _("To read, print and archive"),
            _("PDF with bookmarks and descriptions of every chart, fit for screen readers and for the archive."),
            _("About 0.5 MB; ready in a few seconds."),
        ),
        (
            Format.DOCX,
            _("To edit in Word"),
            _("The same report with styles, so that you can add your own text for the council."),
            _("About 0.7 MB; ready in about five seconds."),
        ),
        (
            Format.ODT,
            _("To edit in LibreOffice"),
            _("OpenDocument, the open standard of the Dutch government."),
            _("About 0.3 MB; ready in a few seconds."),
        ),
        (
            Format.HTML,
            _("To put on a website"),
            _("One page that stands on its own, with sharp charts and no scripts."),
            _("About 0.2 MB; ready in a few seconds."),
        ),
    ]
    return [
        Item(title=title, text=text, hint=hint, buttons=(_button(REPORT, form.value, _("Report")),))
        for form, title, text, hint in items
    ]


def data() -> list[Item]:
    """The numbers, to calculate with."""
    return [
        Item(
            title=_("State of the objectives"),
            text=_("For every objective and year: observed, agreed, met or not, evidence, probability and reason."),
            hint=_("A small table, at once."),
            buttons=_buttons(DataSubject.VERDICTS, _("State of the objectives")),
            symbol="target",
        ),
        Item(
            title=_("Safety analysis"),
            text=_("The tables of the five fields with every year, and the numbers behind each verdict on a change."),
            hint=_("A small table, at once."),
            buttons=_buttons(DataSubject.ANALYSIS, _("Safety analysis")),
            symbol="table",
        ),
        Item(
            title=_("All figures"),
            text=_("Every figure on a line of its own, with source, delivery, margin and definition."),
            hint=_("One line for each figure, at once."),
            buttons=_buttons(FIGURES, _("All figures")),
            symbol="chart",
        ),
    ]


def package() -> Item:
    """The whole municipality as readable files."""
    return Item(
        title=_("Everything, as readable files"),
        text=_(
            "Sources, indicators, every delivery and every plan with its decisions. Another installation of Koersvast "
            "reads them in exactly. Always as it stands now, whatever day you chose."
        ),
        hint=_("A ZIP file, usually under 1 MB, at once."),
        buttons=(_button(PACKAGE, "zip", _("Everything, as readable files")),),
        symbol="download",
    )


def _buttons(what: str, title: str) -> tuple[Button, ...]:
    return tuple(_button(what, form.value, title) for form in DataFormat)


def _button(what: str, extension: str, title: str) -> Button:
    form = extension.upper()
    spoken = _("Make {title} as {form}").format(title=title, form=form)
    return Button(label=form, value=f"{what}.{extension}", spoken=spoken)
