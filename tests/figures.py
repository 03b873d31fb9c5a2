"""A small register of figures for tests: the Dalfsen tables' kinds of indicator, with the same codes everywhere."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django_scopes import scope

from koersvast.access.audit import Actor
from koersvast.access.models import Municipality
from koersvast.engine.quantities import Direction, Unit
from koersvast.indicators import changes
from koersvast.indicators.models import Delivery, Indicator, Source
from koersvast.reference.models import Area, Taxonomy, Theme
from tests import cast

AS_OF = date(2018, 3, 1)
LATER = date(2019, 3, 1)


@dataclass(frozen=True, kw_only=True)
class Register:
    """What a municipality has registered before the first file comes in."""

    municipality: Municipality
    area: Area
    taxonomy: Taxonomy
    police: Source
    published: Source
    survey: Source
    burglary: Indicator
    noise: Indicator
    speeding: Indicator
    mark: Indicator
    rate: Indicator

    def stage(self, text: str | bytes, *, by: Actor, as_of: date = AS_OF, **more: object) -> Delivery:
        """Stage a file given as text (UTF-8) or bytes."""
        data = text.encode() if isinstance(text, str) else text
        name = str(more.pop("file_name", "cijfers.csv"))
        with scope(municipality=self.municipality):
            return changes.stage_figures(
                data,
                municipality=self.municipality,
                file_name=name,
                as_of=as_of,
                by=by,
                **more,  # type: ignore[arg-type] # passed on as given
            )

    def store(self, text: str | bytes, *, by: Actor, as_of: date = AS_OF, **more: object) -> Delivery:
        """Stage a file and take it over."""
        staged = self.stage(text, by=by, as_of=as_of, **more)
        with scope(municipality=self.municipality):
            return changes.take_over(staged, by=by)


def build_register(municipality: Municipality, *, by: Actor = cast.OPERATOR) -> Register:
    """Register sources, measurements and five indicators; the codes are the same in every municipality."""
    taxonomy = changes.load_reference(by=by)[0]
    with scope(municipality=municipality):
        police, published, survey = (_source(municipality, *row, by=by) for row in _SOURCES)
        for period, is_assumed in (("2013", True), ("2017", False)):
            changes.plan_measurement(
                survey, period=period, respondents=1244, respondents_are_assumed=is_assumed, invited=2900, by=by
            )
        made = {}
        for position, (code, theme, name, unit, direction, source, group) in enumerate(_INDICATORS):
            indicator = changes.register_indicator(
                municipality,
                code=code,
                name_nl=name,
                name_en=code.replace("-", " ").capitalize(),
                theme=Theme.objects.get(field__taxonomy=taxonomy, code=theme),
                perspective="objective" if source == "politie" else "subjective",
                unit=unit,
                direction=direction,
                source=police if source == "politie" else survey,
                group_nl=group,
                group_en=group,
                table_number="2",
                position=position,
                by=by,
            )
            changes.redefine(indicator, text_nl=f"{name}, zoals de bron telt.", valid_from=date(2010, 1, 1), by=by)
            made[code] = indicator
    return Register(
        municipality=municipality,
        area=Area.objects.get(code=municipality.code),
        taxonomy=taxonomy,
        police=police,
        published=published,
        survey=survey,
        burglary=made["woninginbraken"],
        noise=made["geluidsoverlast"],
        speeding=made["te-hard-rijden"],
        mark=made["cijfer-leefbaarheid"],
        rate=made["winkeldiefstal-per-1000"],
    )


def _source(municipality: Municipality, code: str, name: str, label: str, kind: str, *, by: Actor) -> Source:
    return changes.register_source(
        municipality,
        code=code,
        name_nl=name,
        name_en=name,
        label_nl=label,
        label_en=label,
        kind=kind,
        holder=name,
        licence="CC BY 4.0",
        by=by,
    )


_SOURCES = (
    ("politie", "Politie Oost-Nederland", "Politie", "registration"),
    ("politie-47018ned", "Politie, open tabel 47018NED", "Politie (gepubliceerd)", "registration"),
    ("veiligheidsmonitor", "Veiligheidsmonitor Dalfsen", "Veiligheidsmonitor", "survey"),
)
_LOW, _HIGH = Direction.LOWER_IS_BETTER, Direction.HIGHER_IS_BETTER
_INDICATORS = (
    ("woninginbraken", "1.3", "Diefstal/inbraak woning", Unit.COUNT, _LOW, "politie", "objectieve veiligheid"),
    ("geluidsoverlast", "1.1", "Geluidsoverlast", Unit.COUNT, _LOW, "politie", "sociale kwaliteit"),
    ("te-hard-rijden", "4.1", "Te hard rijden", Unit.PERCENT, _LOW, "veiligheidsmonitor", "verkeersveiligheid"),
    ("cijfer-leefbaarheid", "1.1", "Rapportcijfer leefbaarheid", Unit.MARK_1_10, _HIGH, "veiligheidsmonitor", ""),
    ("winkeldiefstal-per-1000", "2.1", "Winkeldiefstal per 1.000", Unit.PER_1000, _LOW, "politie", "winkels"),
)  # fmt: skip

BURGLARIES = {"2013": 125, "2014": 71, "2015": 46, "2016": 76, "2017": 40}


def burglary_file(numbers: dict[str, int] | None = None) -> str:
    """A file with the plan's burglaries, or others."""
    rows = "".join(f"Diefstal/inbraak woning;{year};{n}\n" for year, n in (numbers or BURGLARIES).items())
    return f"indicator;jaar;aantal\n{rows}"


def amounts(found: object) -> dict[str, Decimal | None]:
    """The amounts of a series by period."""
    return {value.period.code: value.amount for value in found.values}  # type: ignore[attr-defined] # a Series
