"""Documents to write: one that looks like a real one, one full of texts that would like to be code."""

import csv
from datetime import date
from itertools import groupby
from pathlib import Path

from koersvast.publications.blocks import (
    Align,
    Bullets,
    Callout,
    Chart,
    Column,
    Contents,
    Document,
    Glossary,
    Heading,
    KeyFigure,
    KeyFigures,
    Language,
    PageBreak,
    Row,
    RowGroup,
    Source,
    SourceList,
    Status,
    Table,
    Term,
    Text,
    Tone,
    light,
    paragraph,
    plain_rows,
    strong,
)
from koersvast.publications.charts import (
    Bar,
    Baseline,
    BreakMark,
    SeriesPoint,
    TargetPoint,
    bar_chart,
    line_chart,
    number,
)
from koersvast.publications.theme import Theme

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "</w:t></w:r><w:r><w:t>out",
    '#include "/etc/passwd"',
    '#read("/etc/passwd")',
    "<script>alert(1)</script>",
    "$x$ and $$y$$",
    "@import url(x)",
    "{{ 7*7 }} {% x %}",
    "**not bold** _not_ `code` [link](http://x)",
    "<img src=x onerror=alert(1)> &amp; &lt;",
    "\\begin{document} \\input{x}",
    "+SUM(1) -2 ]] --> ]]>",
    '" onclick="x',
    "!!! <!-- comment -->",
    "<% x %> ${y} %n",
)


def burglary_chart(theme: Theme) -> Chart:
    years = [str(year) for year in range(2013, 2023)]
    counts = [125, 71, 46, 76, 40, 27, 40, 30, 13, 28]
    targets = {"2019": 35, "2020": 30, "2021": 25, "2022": 20}
    spec = line_chart(
        [
            SeriesPoint(
                period=year,
                value=count,
                low=max(0, count - 1.96 * count**0.5),
                high=count + 1.96 * count**0.5,
                provisional=year == "2022",
            )
            for year, count in zip(years, counts, strict=True)
        ],
        theme=theme,
        description="Lijndiagram van woninginbraken",
        unit="Aantal woninginbraken per jaar",
        targets=[TargetPoint(period=year, value=value) for year, value in targets.items()],
        baselines=[Baseline(value=40, label="Nulmeting 2017: 40")],
        breaks=[BreakMark(period="2018", label="Andere bron: tabel 47018NED")],
    )
    verdicts = {
        "2019": Status(Tone.UNSURE, "nog niet te zeggen"),
        "2020": Status(Tone.UNSURE, "nog niet te zeggen"),
        "2021": Status(Tone.GOOD, "op koers"),
        "2022": Status(Tone.BAD, "niet op koers"),
    }
    table = Table(
        caption="Woninginbraken tegen de doelwaarden",
        columns=(
            Column(label="Jaar"),
            Column(label="Aantal", align=Align.RIGHT),
            Column(label="Doelwaarde", align=Align.RIGHT),
            Column(label="Stand"),
        ),
        groups=plain_rows(
            *(
                (year, str(count), str(targets.get(year, "")), verdicts.get(year, ""))
                for year, count in zip(years, counts, strict=True)
            )
        ),
        notes=("Het cijfer over 2022 is voorlopig.", "Een leeg vak betekent dat er geen doelwaarde was."),
        source="gemeente Dalfsen (2013-2017); politie, tabel 47018NED (2018-2022)",
    )
    return Chart(
        title="Woninginbraken dalen, maar schommelen sterk",
        description=(
            "Lijndiagram. Woninginbraken dalen van 125 in 2013 naar 40 in 2017; daarna uit een andere bron 27 in 2018, "
            "40 in 2019, 30 in 2020, 13 in 2021 en 28 (voorlopig) in 2022. De doelwaarden zijn 35, 30, 25 en 20."
        ),
        spec=spec,
        table=table,
        source="gemeente Dalfsen; politie, tabel 47018NED",
    )


def analysis_table(observations: Path) -> Table:
    """Make the plan's table of the field "veilige woon- en leefomgeving" from the figures of the demo."""
    with observations.open(encoding="utf-8", newline="") as file:
        records = [record for record in csv.DictReader(file) if record["table"] == "2"]
    groups = []
    for theme, of_theme in groupby(records, key=lambda record: record["theme_group"]):
        rows = []
        for (name, source), of_row in groupby(of_theme, key=lambda r: (r["indicator_nl"], r["source"])):
            values = {record["period"]: _shown(record["value"], record["unit"]) for record in of_row}
            cells = [values.get(year, "") for year in ("2014", "2015", "2016", "2017", "2013", "2017")]
            rows.append(Row(name, ("VM" if source == "Veiligheidsmonitor" else source, *cells)))
        groups.append(RowGroup(theme.capitalize(), tuple(rows)))
    return Table(
        caption="Statistieken veilige woon- en leefomgeving, 2013 tot en met 2017",
        columns=(
            Column(label="Indicator"),
            Column(label="Bron"),
            *(Column(label=year, align=Align.RIGHT, group="Verloop") for year in ("2014", "2015", "2016", "2017")),
            *(Column(label=year, align=Align.RIGHT, group="Nul- en eindmeting") for year in ("2013", "2017")),
        ),
        groups=tuple(groups),
        notes=("Een leeg vak betekent dat er dat jaar niet is gemeten.",),
        source="Politie Eenheid Oost-Nederland; Veiligheidsmonitor (VM) 2013 en 2017",
    )


def _shown(value: str, unit: str) -> str:
    decimals = 1 if unit in {"scale_0_10", "mark_1_10"} else 0
    return number(float(value), decimals=decimals, language=Language.DUTCH) + (" %" if unit == "percent" else "")


def comparison_chart(theme: Theme) -> Chart:
    rates = {"Ommen": 3.2, "Hardenberg": 2.7, "Rivierdal": 1.4, "Zwartewaterland": 1.1}
    return Chart(
        title="Weinig woninginbraken vergeleken met de buren",
        description="Staafdiagram. Ommen 3,2, Hardenberg 2,7, Rivierdal 1,4 en Zwartewaterland 1,1 per 1.000 woningen.",
        spec=bar_chart(
            [Bar(label=name, value=rate, own=name == "Rivierdal") for name, rate in rates.items()],
            theme=theme,
            description="x",
            unit="Woninginbraken per 1.000 woningen",
            decimals=1,
            reference=Baseline(value=2.4, label="Nederland 2,4"),
        ),
        table=Table(
            caption="Woninginbraken per 1.000 woningen",
            columns=(Column(label="Gemeente"), Column(label="Per 1.000 woningen", align=Align.RIGHT)),
            groups=plain_rows(*((name, str(rate).replace(".", ",")) for name, rate in rates.items())),
        ),
        source="verzonnen cijfers",
    )


def report(theme: Theme, table: Table) -> Document:
    return Document(
        title="Veiligheidsanalyse en stand van de doelstellingen",
        subtitle="Integraal veiligheidsbeleid 2019 – 2022",
        municipality="Gemeente Dalfsen",
        language=Language.DUTCH,
        dated=date(2026, 11, 23),
        status="Concept voor de gemeenteraad",
        theme=theme,
        blocks=(
            Contents(),
            PageBreak(),
            Heading(1, "Samenvatting"),
            Text.of(
                paragraph(
                    "De gemeente volgt zeven doelstellingen. Van ",
                    strong("twee doelstellingen"),
                    " kan nu worden gezegd of zij op koers liggen; voor de andere is nog een meting nodig.",
                ),
            ),
            KeyFigures(
                title="Kerncijfers",
                figures=(
                    KeyFigure(label="Woninginbraken 2022", value="28", explanation="doel 20", tone=Tone.BAD),
                    KeyFigure(label="Rapportcijfer veiligheid", value="7,4", explanation="was 7,1", tone=Tone.GOOD),
                    KeyFigure(
                        label="Te hard rijden", value="61 %", explanation="doel 55 %, in 2021", tone=Tone.MISSING
                    ),
                    KeyFigure(label="Meldingen van overlast", value="1.244", explanation="geen verschil"),
                ),
            ),
            Callout(
                tone=Tone.UNSURE,
                title="Kleine aantallen schommelen",
                paragraphs=(
                    paragraph("Met 30 inbraken per jaar is een verschil van 10 vaak toeval. "),
                    paragraph("Het oordeel in dit rapport houdt daar rekening mee."),
                ),
            ),
            Heading(2, "Hoe u dit leest"),
            Bullets.of(
                paragraph(strong("Op koers"), ": het doel is gehaald en dat is geen toeval."),
                "Nog niet te zeggen: het verschil kan toeval zijn.",
                "Niet gemeten: er is dit jaar geen meting.",
            ),
            Heading(1, "Huidige situatie"),
            Heading(2, "Veilige woon- en leefomgeving"),
            Text.of("De objectieve cijfers komen van de politie, de subjectieve uit een enquête onder 1.244 inwoners."),
            table,
            Heading(2, "Woninginbraken"),
            Text.of("In de figuur staan de gemeten aantallen naast de doelwaarden.", light("Zie ook de bronnen.")),
            burglary_chart(theme),
            comparison_chart(theme),
            Heading(1, "Verantwoording"),
            Heading(2, "Begrippen"),
            Glossary(
                (
                    Term("Nulmeting", "de meting waarmee wordt vergeleken"),
                    Term(
                        "Trendbreuk", "een verandering in de manier van meten, waardoor cijfers niet vergelijkbaar zijn"
                    ),
                )
            ),
            Heading(2, "Bronnen"),
            SourceList(
                (
                    Source(
                        name="Politie, tabel 47018NED",
                        detail="Geregistreerde misdrijven",
                        url="https://data.politie.nl/",
                        licence="CC BY 4.0",
                        retrieved_on=date(2026, 11, 2),
                    ),
                    Source(name="Veiligheidsmonitor 2013 en 2017", detail="enquête, 1.244 inwoners"),
                )
            ),
        ),
    )


def hostile(theme: Theme) -> Document:
    """Put every hostile text in every place where a text can stand."""
    everything = " ¶ ".join(HOSTILE)
    table = Table(
        caption=everything,
        columns=(Column(label=HOSTILE[0]), Column(label=HOSTILE[4], group=HOSTILE[2]), Column(label="c", group="d")),
        groups=(RowGroup(everything, tuple(Row(text, (text, Status(Tone.BAD, text))) for text in HOSTILE)),),
        notes=HOSTILE,
        source=everything,
    )
    points = [SeriesPoint(period=str(2019 + at), value=at, series=HOSTILE[at]) for at in range(5)]
    spec = line_chart(
        points,
        theme=theme,
        description=everything,
        unit=everything,
        breaks=[BreakMark(period="2020", label=everything)],
    )
    return Document(
        title=HOSTILE[4] + HOSTILE[3],
        subtitle=HOSTILE[1],
        municipality=HOSTILE[2] + "\x00\x0b\u202e\ud800",
        language=Language.DUTCH,
        dated=date(2026, 11, 23),
        status=HOSTILE[6],
        theme=theme,
        blocks=(
            Contents(),
            Heading(1, everything),
            Text.of(*HOSTILE, *(strong(text) for text in HOSTILE)),
            Bullets.of(*HOSTILE, ordered=True),
            KeyFigures(
                title=everything,
                figures=tuple(KeyFigure(label=t, value=t, explanation=t, tone=Tone.GOOD) for t in HOSTILE[:4]),
            ),
            Callout(tone=Tone.BAD, title=everything, paragraphs=tuple(paragraph(text) for text in HOSTILE)),
            table,
            Chart(title=everything, description=everything, spec=spec, table=table, source=everything),
            Glossary(tuple(Term(text, text) for text in HOSTILE)),
            SourceList(tuple(Source(name=t, detail=t, licence=t, url="https://x.nl/?<script>&\"'#") for t in HOSTILE)),
        ),
    )
