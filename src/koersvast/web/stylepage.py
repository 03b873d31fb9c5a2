"""The style page: every component with example values, for whoever designs, tests or writes a page.

Only where the demo or debugging is on. The figures are Dalfsen's burglary counts; the rest is made up to show shapes.
Its texts are examples, in Dutch as the pages are, and therefore not in the catalogue.
"""

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from koersvast.engine.quantities import ChangeVerdict, EvidenceVerdict
from koersvast.publications.charts import BreakMark, SeriesPoint, Spec, TargetPoint, line_chart
from koersvast.publications.drawing import compile_vega, render_svg
from koersvast.publications.palette import DEFAULT_COLOUR, chart_theme
from koersvast.web import components as c
from koersvast.web.gate import public
from koersvast.web.saving import Difference
from koersvast.web.sparklines import sparkline

FONTS = Path(__file__).parent / "static" / "built" / "fonts-ttf"
ON, OFF, UNSURE = EvidenceVerdict.ON_COURSE, EvidenceVerdict.OFF_COURSE, EvidenceVerdict.CANNOT_TELL
POLICE = c.SourceLine(
    name="Politie, Open data misdrijven (47022NED)",
    delivered="14 februari 2023",
    note="De cijfers van 2022 zijn voorlopig.",
)
BURGLARIES = {
    "2013": 125,
    "2014": 71,
    "2015": 46,
    "2016": 76,
    "2017": 40,
    "2018": 42,
    "2019": 40,
    "2020": 30,
    "2021": 13,
    "2022": 28,
}
AGREED = {"2019": 35, "2020": 30, "2021": 25, "2022": 20}


class ExampleForm(forms.Form):
    """One of each kind of field."""

    name = forms.CharField(label="Naam van de indicator", help_text="Zoals de bron hem noemt.")
    kind = forms.ChoiceField(
        label="Soort doelwaarde", choices=[("level", "Niveau: naar 20"), ("points", "Procentpunten: −6")]
    )
    value = forms.DecimalField(
        label="Afgesproken waarde in 2030", help_text="Gebruik een komma voor decimalen.", localize=True
    )
    reading = forms.ChoiceField(
        label="Wat bedoelt u met ‘61 % met 6 % omlaag’?",
        choices=[
            ("points", "Naar 55,0 %: zes procentpunten minder"),
            ("relative", "Naar 57,3 %: zes procent van 61 minder"),
        ],
        widget=forms.RadioSelect,
        help_text="Het plan moet op één manier te lezen zijn.",
    )
    reason = forms.CharField(label="Toelichting", widget=forms.Textarea, required=False)
    file = forms.FileField(label="Bestand met cijfers", help_text="CSV, XLSX of ODS, hoogstens 20 MB.", required=False)
    final = forms.BooleanField(label="Dit zijn definitieve cijfers", required=False)


class ExampleFilter(forms.Form):
    """Two filters above a table."""

    source = forms.ChoiceField(label="Bron", choices=[("", "Alle bronnen"), ("police", "Politie")], required=False)
    year = forms.ChoiceField(label="Sinds", choices=[("2013", "2013"), ("2017", "2017")], required=False)


@public("GET")
def page(request: HttpRequest) -> HttpResponse:
    """Show the style page."""
    _only_for_builders()
    return render(request, "web/stijlgids.html", context())


@public("GET")
def chart_specification(_request: HttpRequest) -> JsonResponse:
    """Give the example chart's specification to the browser."""
    _only_for_builders()
    return JsonResponse(compile_vega(_chart_spec(), fonts=FONTS))


def _only_for_builders() -> None:
    if not (settings.DEBUG or settings.DEMO):
        raise Http404


def context() -> dict[str, Any]:
    """Return an example of every component."""
    form = ExampleForm({"name": "", "kind": "level", "value": "dertig", "reading": "points"})
    pages = Paginator(range(200), 10)
    return {
        "crumbs": [c.Link(label="Stand", href="/"), c.Link(label="Stijlgids")],
        "hero": _hero(),
        "cards": _cards(),
        "figures": _figures(),
        "chart": _chart(),
        "table": _table(),
        "heading": {
            "kicker": "Veiligheidsveld 1",
            "title": "Veilige woon- en leefomgeving",
            "lead": "Hoe veilig is het wonen in de kernen? Cijfers van politie en Veiligheidsmonitor naast elkaar.",
            "actions": [c.Link(label="Neem mee als Word", href="#"), c.Link(label="Cijfers als Excel", href="#")],
            "badges": [],
        },
        "sections": [
            c.Link(label="Woon- en leefomgeving", href="#", current=True, note="24"),
            c.Link(label="Bedrijvigheid en veiligheid", href="#", note="18"),
            c.Link(label="Jeugd en veiligheid", href="#", note="12"),
            c.Link(label="Fysieke veiligheid", href="#", note="31"),
            c.Link(label="Integriteit en veiligheid", href="#", note="9"),
        ],
        "filter_form": ExampleFilter(),
        "facts": [
            ("Definitie", "Voltooide woninginbraken en pogingen, geregistreerd door de politie."),
            ("Eenheid", "Aantal per jaar"),
            ("Beter is", "Lager"),
            ("Bevolking", "29.000 inwoners, 11.900 woningen"),
        ],
        "badges": [
            *c.EVIDENCE.values(),
            *c.ATTAINED.values(),
            *c.CHANGE.values(),
            *c.SEVERITY.values(),
            *c.ROW_STATE.values(),
        ],
        "callouts": _callouts(),
        "empty": c.Empty(
            title="Er zijn nog geen cijfers van 2023",
            text="De politie levert in april. U kunt ook zelf een bestand aanbieden.",
            action=c.Link(label="Cijfers invoeren", href="#"),
            symbol="upload",
        ),
        "steps": c.steps(["Bestand kiezen", "Verschillen controleren", "Overnemen"], current=2),
        "diff": _diff(),
        "findings": _findings(),
        "both": {"differences": [Difference(label="Wie doet het", standing="Politie", typed="SAAM Welzijn")]},
        "form": form,
        "entries": _timeline(),
        "links": [
            c.Link(label="Veiligheidsanalyse 2019-2022", href="#", note="Word, OpenDocument, PDF · 14 februari 2023"),
            c.Link(label="Raadsbrief stand van de doelen", href="#", note="Word · 1 maart 2023"),
        ],
        "page": pages.page(4),
        "page_numbers": list(pages.get_elided_page_range(4, on_each_side=1, on_ends=1)),
    }


def _hero() -> c.Hero:
    numbers = {ON: 2, OFF: 1, UNSURE: 2, EvidenceVerdict.NOT_MEASURED: 2, EvidenceVerdict.NOT_COMPARABLE: 0}
    return c.Hero(
        kicker="Beleidsplan Integrale Veiligheid 2019-2022 · bekend op 1 maart 2023",
        title="Liggen we op koers?",
        sentence="Twee van de zeven doelstellingen liggen op koers. Eén doelstelling is uit koers: de woninginbraken.",
        counts=[
            c.VerdictCount(badge=c.EVIDENCE[verdict], number=number, href="#") for verdict, number in numbers.items()
        ],
    )


def _cards() -> list[c.ObjectiveCard]:
    years = [str(year) for year in range(2017, 2023)]
    observed = [float(BURGLARIES[year]) for year in years]
    agreed = [float(AGREED[year]) if year in AGREED else None for year in years]
    return [
        c.ObjectiveCard(
            theme="Woninginbraken",
            title="Minder woninginbraken",
            href="#",
            sentence="In 2022 waren er 28 woninginbraken en dat is meer dan de 20 die zijn afgesproken. De kans dat het"
            " onderliggende niveau toch op 20 of lager ligt, is 5 %.",
            evidence=c.EVIDENCE[OFF],
            attained=c.ATTAINED[False],
            observed="28",
            observed_label="Gemeten 2022",
            agreed="20",
            agreed_label="Afgesproken 2022",
            sparkline=sparkline(
                years, observed=observed, agreed=agreed, description="Van 40 in 2017 naar 28 in 2022; afgesproken 20."
            ),
            reasons=[
                "Gemeten: 28. Afgesproken: hoogstens 20.",
                "Methode: gamma(x + ½), versie 1, zonder overspreiding.",
            ],
        ),
        c.ObjectiveCard(
            theme="Te hard rijden",
            title="Minder inwoners met overlast van te hard rijden",
            href="#",
            sentence="Of dit op koers ligt, is nog niet te zeggen: 59 % ligt binnen de marge van 3,8 procentpunten.",
            evidence=c.EVIDENCE[UNSURE],
            attained=c.ATTAINED[False],
            observed="59 %",
            observed_label="Gemeten 2021",
            agreed="55 %",
            agreed_label="Afgesproken 2021",
            sparkline=sparkline(
                ["2013", "2017", "2021"],
                observed=[63, 61, 59],
                agreed=[None, None, 55],
                description="63, 61, 59 %; afgesproken 55 %.",
            ),
            reasons=["De enquête had 1.244 respondenten.", "Het verschil met 2017 is kleiner dan de marge."],
        ),
        c.ObjectiveCard(
            theme="Zelfredzaamheid",
            title="Meer inwoners weten hoe zij zich voorbereiden",
            href="#",
            sentence="Dit jaar is niet gemeten. De volgende enquête is in 2025.",
            evidence=c.EVIDENCE[EvidenceVerdict.NOT_MEASURED],
            attained=c.ATTAINED[None],
            agreed="31 %",
            agreed_label="Afgesproken 2021",
            sparkline=sparkline(
                ["2013", "2017", "2021"],
                observed=[36, 41, None],
                agreed=[None, None, 31],
                breaks_before=[1],
                description="36, 41 %.",
            ),
        ),
        c.ObjectiveCard(
            theme="Jeugd",
            title="Jeugdoverlast blijft laag",
            href="#",
            sentence="Met 8 % ligt jeugdoverlast op of onder de afgesproken 10 %; de kans daarop is 99 %.",
            evidence=c.EVIDENCE[ON],
            attained=c.ATTAINED[True],
            observed="8 %",
            agreed="10 %",
            sparkline=sparkline(
                ["2013", "2017", "2021"], observed=[17, 8, 8], agreed=[None, None, 10], description="17, 8, 8 %."
            ),
            reasons=["Kans dat het niveau 10 % of lager is: 0,99."],
        ),
    ]


def _figures() -> list[c.KeyFigure]:
    return [
        c.KeyFigure(
            label="Woninginbraken",
            value="28",
            unit="in 2022",
            badge=c.CHANGE[ChangeVerdict.WORSENED],
            note="13 in 2021",
            href="#",
        ),
        c.KeyFigure(
            label="Rapportcijfer veiligheid",
            value="7,4",
            badge=c.CHANGE[ChangeVerdict.NO_DEMONSTRABLE_CHANGE],
            note="7,3 in 2017, ± 0,1",
        ),
        c.KeyFigure(
            label="Overlast van omwonenden",
            value="12 %",
            badge=c.CHANGE[ChangeVerdict.NO_DEMONSTRABLE_CHANGE],
            note="10 % in 2013, ± 2,4 punten",
        ),
        c.KeyFigure(
            label="Vernielingen", value="66", unit="in 2017", badge=c.CHANGE[ChangeVerdict.IMPROVED], note="101 in 2013"
        ),
    ]


def _chart_spec() -> Spec:
    return line_chart(
        [SeriesPoint(period=year, value=value, provisional=year == "2022") for year, value in BURGLARIES.items()],
        targets=[TargetPoint(period=year, value=value) for year, value in AGREED.items()],
        breaks=[BreakMark(period="2016", label="andere registratie")],
        theme=chart_theme(DEFAULT_COLOUR, fonts=FONTS),
        unit="Aantal per jaar",
        description="Lijndiagram van woninginbraken: 125 in 2013, 40 in 2017, 28 in 2022; afgesproken 20 in 2022.",
    )


def _chart() -> c.ChartFigure:
    cells = [c.Cell(text=str(value), numeric=True) for value in BURGLARIES.values()]
    return c.ChartFigure(
        id="woninginbraken",
        title="Woninginbraken per jaar, met de afgesproken waarden",
        lead="Gemeente Dalfsen, 2013 tot en met 2022",
        description="Lijndiagram van woninginbraken: 125 in 2013, 40 in 2017, 28 in 2022; afgesproken 20 in 2022.",
        svg=render_svg(_chart_spec(), fonts=FONTS),
        spec_href=reverse("style-page-chart"),
        table=c.DataTable(
            id="woninginbraken-tabel",
            caption="Woninginbraken per jaar",
            columns=[c.Column(label=""), *(c.Column(label=year, numeric=True) for year in BURGLARIES)],
            groups=[c.RowGroup(rows=[c.Row(head=c.Cell(text="Aantal"), cells=cells)])],
        ),
        sources=[POLICE],
        downloads=[c.Link(label="Cijfers als CSV", href="#"), c.Link(label="Tekening als PNG", href="#")],
    )


def _table() -> c.DataTable:
    def row(name: str, source: str, figures: str, verdict: ChangeVerdict) -> c.Row:
        values = [
            c.Cell(text=text, numeric=True, starts_block=index == 4)
            if text != "-"
            else c.Cell(missing="niet gemeten", numeric=True, starts_block=index == 4)
            for index, text in enumerate(figures.split())
        ]
        return c.Row(
            head=c.Cell(text=name, href="#"),
            cells=[c.Cell(text=source), *values, c.Cell(badge=c.CHANGE[verdict], starts_block=False)],
        )

    same, better, worse = ChangeVerdict.NO_DEMONSTRABLE_CHANGE, ChangeVerdict.IMPROVED, ChangeVerdict.WORSENED
    return c.DataTable(
        id="tabel-2",
        caption="Veilige woon- en leefomgeving",
        subtitle="Objectieve cijfers van de politie naast wat inwoners ervaren",
        top=[
            c.Column(label="", span=2),
            c.Column(label="Politie, per jaar", span=4, numeric=False),
            c.Column(label="Vergelijking", span=3, starts_block=True),
        ],
        columns=[
            c.Column(label="Indicator"),
            c.Column(label="Bron"),
            *(c.Column(label=year, numeric=True) for year in ("2014", "2015", "2016", "2017")),
            c.Column(label="2013", numeric=True, starts_block=True),
            c.Column(label="2017", numeric=True),
            c.Column(label="Verandering"),
        ],
        groups=[
            c.RowGroup(
                label="Sociale kwaliteit",
                rows=[
                    row("Overlastmeldingen", "Politie", "292 282 241 262 343 262", better),
                    row("Overlast van omwonenden", "Monitor", "- - - - 10 12", same),
                ],
            ),
            c.RowGroup(
                label="Fysieke kwaliteit",
                rows=[
                    row("Vernielingen", "Politie", "87 78 73 66 101 66", better),
                    row("Bekladde muren of gebouwen", "Monitor", "- - - - 3 3", same),
                ],
            ),
            c.RowGroup(
                label="Objectieve veiligheid",
                rows=[
                    row("Woninginbraken", "Politie", "71 46 76 40 125 40", better),
                    row("Geweldsdelicten", "Politie", "38 39 24 32 24 42", worse),
                ],
            ),
        ],
        sources=[POLICE],
        notes=["Een verandering telt pas als zij groter is dan het toeval: toets met 5 % kans op vals alarm."],
    )


def _callouts() -> list[c.Callout]:
    return [
        c.Callout(
            title="De cijfers van 2022 zijn voorlopig", text="De politie stelt ze in april vast.", tone="warning"
        ),
        c.Callout(
            title="Deze doelwaarde is met de geplande enquête niet te zien",
            text="Met 1.244 respondenten is een verschil van 4 punten in 67 van de 100 gevallen zichtbaar.",
            tone="info",
            link=c.Link(label="Hoe dit is berekend", href="#"),
        ),
        c.Callout(text="De cijfers zijn overgenomen: 12 nieuw, 3 gewijzigd.", tone="positive"),
        c.Callout(
            title="Dit bestand kan niet worden overgenomen",
            items=[
                "Regel 14: ‘101 %’ is meer dan 100 procent (F07).",
                "Regel 22: indicator ‘overlst’ is niet bekend (F02).",
            ],
            tone="negative",
        ),
    ]


def _diff() -> c.DiffTable:
    return c.DiffTable(
        id="verschillen",
        caption="Wat dit bestand verandert",
        subtitle="politie-2023-04.xlsx · 14 regels",
        rows=[
            c.DiffRow(label="Woninginbraken 2023", line="regel 2", state=c.ROW_STATE["new"], new="31"),
            c.DiffRow(
                label="Woninginbraken 2022",
                line="regel 3",
                state=c.ROW_STATE["changed"],
                old="28",
                new="27",
                note="was voorlopig",
            ),
            c.DiffRow(label="Vernielingen 2022", line="regel 4", state=c.ROW_STATE["same"], old="58"),
            c.DiffRow(
                label="Overlst 2022",
                line="regel 5",
                state=c.ROW_STATE["refused"],
                code="F02",
                note="Deze indicator is niet bekend.",
            ),
        ],
    )


def _findings() -> list[c.FindingCard]:
    return [
        c.FindingCard(
            code="P01",
            severity=c.SEVERITY["error"],
            place="Prioriteit 2, te hard rijden",
            href="#",
            sentence="‘61 % met 6 % gedaald’ is op twee manieren te lezen: 55,0 % of 57,3 %.",
            remedy="Kies procentpunten of procenten en schrijf de waarde erbij.",
        ),
        c.FindingCard(
            code="P08",
            severity=c.SEVERITY["warning"],
            place="Prioriteit 1, woninginbraken",
            sentence="De nulmeting 40 is het laagste jaar van de reeks 71, 46, 76, 40.",
            answer="Bekend: de raad heeft hier bewust voor gekozen.",
            answered_by="Anouk Veldkamp",
        ),
    ]


def _timeline() -> list[c.TimelineEntry]:
    return [
        c.TimelineEntry(
            date="26 november 2018",
            title="De raad stelt het beleidsplan vast",
            text="Doelwaarde 2022: 20 woninginbraken.",
            href="#",
        ),
        c.TimelineEntry(
            date="9 november 2020",
            title="De begroting 2021 noemt 25 in plaats van 20",
            text="Hier is geen besluit over genomen.",
            badge=c.Badge(text="Wijkt af van het besluit", symbol="warning", tone="warning"),
            tone="warning",
        ),
    ]
