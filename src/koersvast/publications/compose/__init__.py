"""Which blocks make a report. No database: frozen query results in, blocks out, in the language of the reader.

The chapters: `glance` (one page), `objectives`, `picture` (the safety analysis and the numbers behind it), `checks`,
`agreements`, `account` (methods, sources, words). `tables` makes the same numbers into files with data.
Not for: calculating anything. A number that the pages do not show has no place in a report either.
"""

from datetime import date

from django.utils.translation import gettext as _

from koersvast.policy.wording import amounts
from koersvast.publications.blocks import Contents, Document, PageBreak
from koersvast.publications.compose import account, agreements, checks, glance, objectives, picture
from koersvast.publications.compose.material import (
    DefinitionFacts,
    DeliveryFacts,
    Material,
    SourceFacts,
    WaveFacts,
)


def safety_report(material: Material, *, made_on: date) -> Document:
    """Return the safety analysis and the state of the objectives as one document."""
    return Document(
        title=_("Safety analysis and state of the objectives"),
        subtitle=material.standing.plan_title,
        municipality=_("Municipality of {name}").format(name=material.municipality),
        language=material.language,
        dated=made_on,
        status=_("Figures as known on {day}").format(day=amounts.day(material.known_on)),
        theme=material.theme,
        blocks=(
            Contents(),
            PageBreak(),
            *glance.chapter(material),
            PageBreak(),
            *objectives.chapter(material),
            PageBreak(),
            *picture.chapter(material),
            PageBreak(),
            *checks.chapter(material),
            PageBreak(),
            *agreements.chapter(material),
            PageBreak(),
            *account.method_chapter(material),
            *account.source_chapter(material),
            PageBreak(),
            *picture.appendix(material),
            PageBreak(),
            *account.word_chapter(material),
        ),
    )


__all__ = ["DefinitionFacts", "DeliveryFacts", "Material", "SourceFacts", "WaveFacts", "safety_report"]
