"""The few fixed words that every written document needs, in the language of the document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from koersvast.publications.blocks import Language, Placed, Source, Table


@dataclass(frozen=True, kw_only=True)
class Words:
    """`page` holds {n} and {m}; `locale` is the full language code for file formats."""

    locale: str
    contents: str
    table: str
    figure: str
    source: str
    page: str
    retrieved: str
    licence: str
    empty: str

    def caption(self, item: Placed, title: str) -> str:
        """Return the numbered caption of a table or a chart."""
        return f"{self.table if isinstance(item.block, Table) else self.figure} {item.number}: {title}"

    def origin(self, source: str) -> str:
        """Return the line under a table or chart that says where its figures come from."""
        return f"{self.source}: {source}" if source else ""

    def about(self, source: Source) -> str:
        """Return what a source list says behind the name of a source."""
        retrieved = f"{self.retrieved} {self.day(source.retrieved_on)}" if source.retrieved_on else ""
        licence = f"{self.licence} {source.licence}" if source.licence else ""
        return "; ".join(part for part in (source.detail, licence, retrieved) if part)

    def day(self, day: date) -> str:
        return format_date(day, "d MMMM y", locale=self.locale.replace("-", "_"))


WORDS: Mapping[Language, Words] = {
    Language.DUTCH: Words(
        locale="nl-NL",
        contents="Inhoud",
        table="Tabel",
        figure="Figuur",
        source="Bron",
        page="Pagina {n} van {m}",
        retrieved="geraadpleegd op",
        licence="licentie",
        empty="Leeg",
    ),
    Language.ENGLISH: Words(
        locale="en-GB",
        contents="Contents",
        table="Table",
        figure="Figure",
        source="Source",
        page="Page {n} of {m}",
        retrieved="retrieved on",
        licence="licence",
        empty="Empty",
    ),
}
