"""Invented packages: every field filled in somewhere, texts that files find hard, all references sound."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import strategies as st

from koersvast.engine.periods import Period
from koersvast.policy.package import (
    AnswerEntry,
    ApproachLineEntry,
    AreaEntry,
    BreakEntry,
    ClaimEntry,
    DecisionEntry,
    DefinitionEntry,
    DeliveryEntry,
    DifferenceEntry,
    FollowingEntry,
    IndicatorEntry,
    MeasurementEntry,
    MunicipalityEntry,
    ObjectiveEntry,
    ObservationEntry,
    Package,
    PhaseEntry,
    PlanEntry,
    PrincipleEntry,
    PriorityEntry,
    SourceEntry,
    TargetSetEntry,
)

HARD = ["=1+1", "'", '"', '"""', "\\", "a\nb", "\t", "# geen commentaar", "€ ë 中", "-5", "@x", "a,b;c", " spatie "]
days = st.dates(date(1950, 1, 1), date(2150, 12, 31))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 naive bounds


def texts(at_most: int, *, at_least: int = 0) -> st.SearchStrategy[str]:
    """Texts that survive a database: no NUL, no surrogates, \\n as the only line end; not blank where one is needed."""
    letters = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")
    free = st.text(letters, min_size=at_least, max_size=at_most) | st.sampled_from(
        [t for t in HARD if len(t) >= at_least]
    )
    return free.filter(lambda text: len(text) <= at_most and (not at_least or bool(text.strip())))


def amounts(places: int = 3) -> st.SearchStrategy[Decimal]:
    """Amounts without trailing noughts, as the agreed values are kept."""
    whole = st.decimals(-99_999, 99_999, places=places, allow_nan=False, allow_infinity=False)
    return whole.map(lambda amount: Decimal(f"{amount.normalize():f}") if amount else Decimal(0))


def maybe[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


@st.composite
def packages(draw: st.DrawFn) -> Package:
    """A sound package with one plan and every kind of entry."""
    sources = tuple(draw(source(code)) for code in ("bron-a", "bron-b"))
    indicators = tuple(draw(indicator(code, place)) for place, code in enumerate(("cijfer-a", "cijfer-b")))
    return Package(
        municipality=draw(municipality()),
        areas=(AreaEntry(code="GM0901", name="Proefdam", kind="municipality", valid_from=1990),),
        followings=draw(followings()),
        sources=sources,
        indicators=indicators,
        deliveries=(draw(delivery()),),
        observations=draw(observations()),
        plans=(draw(plan()),),
    )


@st.composite
def municipality(draw: st.DrawFn) -> MunicipalityEntry:
    return MunicipalityEntry(
        code="GM0901",
        slug="proefdam",
        name=draw(texts(80, at_least=1).map(str.strip)),
        house_colour="#0b6157",
        on_course_from=draw(st.floats(0.6, 1)),
        off_course_to=draw(st.floats(0, 0.5)),
        priorities_at_most=draw(st.integers(1, 99)),
    )


@st.composite
def followings(draw: st.DrawFn) -> tuple[FollowingEntry, ...]:
    """Feeds that were followed once; one that stands needs an indicator that the catalogue of feeds knows."""
    keys = st.tuples(st.sampled_from(["feed-a", "feed-b"]), days, st.integers(0, 999))
    return tuple(
        FollowingEntry(
            feed=feed,
            takes_over=draw(st.sampled_from(["by_itself", "after_confirmation"])),
            since=since,
            until=since + timedelta(days=lasted),
            followed_by="user:7",
        )
        for feed, since, lasted in sorted(draw(st.sets(keys, max_size=3)))
    )


@st.composite
def source(draw: st.DrawFn, code: str) -> SourceEntry:
    return SourceEntry(
        code=code,
        name_nl=draw(texts(60, at_least=1)),
        name_en=draw(texts(60, at_least=1)),
        label_nl=draw(texts(40, at_least=1)),
        label_en=draw(texts(40, at_least=1)),
        kind=draw(st.sampled_from(["registration", "survey"])),
        holder=draw(texts(60, at_least=1)),
        population=draw(texts(60)),
        is_probability_sample=draw(maybe(st.booleans())),
        interval_years=draw(st.integers(1, 10)),
        url=draw(st.sampled_from(["", "https://voorbeeld.example/a?b=c"])),
        note_nl=draw(texts(200)),
        measurements=tuple(
            MeasurementEntry(
                period=period,
                is_planned=draw(st.booleans()),
                invited=draw(maybe(st.integers(2000, 5000))),
                respondents=draw(maybe(st.integers(0, 2000))),
                design_effect=draw(st.floats(0.1, 5)),
                note=draw(texts(60)),
            )
            for period in draw(st.sampled_from([(), ("2017",), ("2013", "2017", "2021")]))
        ),
    )


@st.composite
def indicator(draw: st.DrawFn, code: str, position: int) -> IndicatorEntry:
    factor = draw(maybe(st.floats(0.1, 10)))
    return IndicatorEntry(
        code=code,
        position=position,
        name_nl=draw(texts(60, at_least=1)),
        name_en=draw(texts(60, at_least=1)),
        taxonomy="kernbeleid",
        theme=draw(st.sampled_from(["1.1", "3.2", "5.5"])),
        perspective=draw(st.sampled_from(["objective", "subjective"])),
        unit="euro",
        direction=draw(st.sampled_from(["lower", "higher"])),
        source=draw(st.sampled_from(["bron-a", "bron-b"])),
        successor=draw(st.sampled_from(["", "cijfer-a", "cijfer-b"])),
        discontinued_on=draw(maybe(days)),
        definitions=tuple(
            DefinitionEntry(
                number=number,
                valid_from=draw(days),
                text_nl=draw(texts(200, at_least=1)),
                question=draw(texts(100)),
                external_code=draw(texts(80)),
            )
            for number in (1, 2)
        ),
        breaks=(
            BreakEntry(
                on=draw(days),
                kind=draw(st.sampled_from(["definition", "registration", "mode", "boundary"])),
                note_nl=draw(texts(100, at_least=1)),
                factor=factor,
                factor_se=None if factor is None else draw(st.floats(0, 2)),
            ),
        ),
        differences=tuple(
            DifferenceEntry(
                source="bron-a",
                other="bron-b",
                period=period,
                text=draw(texts(200, at_least=1)),
                written_by="operator:proef",
                written_at=draw(moments),
            )
            for period in draw(st.sampled_from([(), ("",), ("", "2017", "2018-Q3")]))
        ),
        phases=tuple(draw(phase(*key)) for key in draw(st.sampled_from(PHASES))),
    )


# One that was taken back, and one that then began in the same month.
PHASES: list[tuple[tuple[str, bool], ...]] = [(), (("2019-05", True),), (("2019-05", False), ("2019-05", True))]


@st.composite
def phase(draw: st.DrawFn, starts: str, stands: bool) -> PhaseEntry:
    return PhaseEntry(
        area="GM0901",
        starts=starts,
        reason=draw(texts(100, at_least=1)),
        set_at=draw(moments.filter(lambda at: (at.year > 2020) == stands)),
        ended_at=None if stands else draw(moments),
    )


@st.composite
def delivery(draw: st.DrawFn) -> DeliveryEntry:
    vintage = draw(maybe(st.integers(1, 99)))
    return DeliveryEntry(
        number=1,
        file_name=draw(texts(60, at_least=1)),
        snapshot=draw(st.sampled_from(["", "a" * 64])),
        identity="b" * 64,
        as_of=draw(days),
        source=draw(st.sampled_from(["", "bron-a"])),
        mapping=draw(st.sampled_from(["{}", '{"columns": {"value": 3}, "decimal": null}'])),
        state="stored",
        received_at=draw(moments),
        received_by="operator:proef",
        closed_at=draw(moments),
        closed_by="user:7",
        new=draw(st.integers(0, 9)),
        withdrawn=draw(st.integers(0, 9)),
        note_nl=draw(texts(100)),
        table="47018NED" if vintage else "",
        vintage=vintage,
    )


@st.composite
def observations(draw: st.DrawFn) -> tuple[ObservationEntry, ...]:
    keys = st.tuples(
        st.sampled_from(["cijfer-a", "cijfer-b"]),
        st.sampled_from(["bron-a", "bron-b"]),
        st.integers(1, 2),
        st.sampled_from(["2017", "2018-Q3", "2018-12"]),
        st.dates(date(2019, 1, 1), date(2019, 1, 3)),
    )
    chosen = sorted(draw(st.sets(keys, max_size=8)), key=lambda key: (*key[:3], Period.parse(key[3]).start, key[4]))
    return tuple(draw(observation(*key, line)) for line, key in enumerate(chosen, 1))


@st.composite
def observation(
    draw: st.DrawFn, indicator: str, source: str, definition: int, period: str, as_of: date, line: int
) -> ObservationEntry:
    amount = draw(maybe(st.decimals(-999, 999, places=draw(st.integers(0, 6)), allow_nan=False)))
    withdrawn_at = draw(maybe(moments))
    return ObservationEntry(
        indicator=indicator,
        definition=definition,
        source=source,
        area="GM0901",
        area_since=1990,
        period=period,
        amount=None if amount is None else amount + 0,
        missing="" if amount is not None else draw(st.sampled_from(["not_measured", "not_known", "withheld"])),
        certainty=draw(st.sampled_from(["provisional", "revised", "final"])),
        as_of=as_of,
        delivery=1,
        line=line,
        respondents=draw(maybe(st.integers(1, 5000))),
        design_effect=draw(maybe(st.floats(0.1, 9))),
        low=draw(maybe(st.floats(-1e6, 1e6 if amount is None else float(amount)))),
        exposure=draw(maybe(st.floats(1, 1e9))),
        note=draw(texts(60)),
        withdrawn_at=withdrawn_at,
        withdrawn_because=draw(texts(60, at_least=1)) if withdrawn_at else "",
    )


@st.composite
def plan(draw: st.DrawFn) -> PlanEntry:
    return PlanEntry(
        code="plan-a",
        title=draw(texts(60, at_least=1)),
        first_year=2019,
        last_year=draw(st.integers(2019, 2030)),
        analysis_first_year=2013,
        analysis_last_year=2017,
        taxonomy="kernbeleid",
        area="GM0901",
        area_since=1990,
        strategic_frame=draw(texts(300)),
        main_course=draw(texts(300)),
        principles=(PrincipleEntry(position=1, title=draw(texts(60, at_least=1)), text=draw(texts(100))),),
        priorities=(
            PriorityEntry(
                code="eerst",
                position=1,
                reach=draw(st.sampled_from(["local", "regional", "kept_in_view"])),
                title=draw(texts(60, at_least=1)),
                themes=draw(st.sampled_from([(), ("1.1",), ("1.3", "5.2")])),
            ),
        ),
        decisions=(
            DecisionEntry(
                number=1,
                kind="revision",
                body=draw(texts(60, at_least=1)),
                decided_on=draw(days),
                date_is_assumed=draw(st.booleans()),
                document=draw(texts(60, at_least=1)),
                reason=draw(texts(100, at_least=1)),
                recorded_at=draw(moments),
                recorded_by="user:3",
            ),
        ),
        objectives=(draw(objective()),),
        approach_lines=(
            ApproachLineEntry(
                position=1,
                text=draw(texts(100, at_least=1)),
                priority=draw(st.sampled_from(["", "eerst"])),
                objective=draw(st.sampled_from(["", "doel-a"])),
                cost_euro=draw(maybe(amounts(2))),
                chain_link=draw(st.sampled_from(["", "preventie"])),
            ),
        ),
        claims=(
            ClaimEntry(
                code="zegt-a",
                position=1,
                document=draw(texts(60, at_least=1)),
                place=draw(texts(60, at_least=1)),
                kind=draw(st.sampled_from(["figure", "rhythm", "table"])),
                indicator=draw(st.sampled_from(["", "cijfer-b"])),
                subject=draw(texts(60, at_least=1)),
                amount=draw(maybe(amounts())),
                unit=draw(st.sampled_from(["", "percent"])),
                text=draw(texts(200)),
            ),
        ),
        answers=(
            AnswerEntry(
                rule="P01",
                place=draw(texts(60, at_least=1)),
                text=draw(texts(200, at_least=1)),
                name=draw(texts(60, at_least=1)),
                answered_at=draw(moments),
            ),
        ),
    )


@st.composite
def objective(draw: st.DrawFn) -> ObjectiveEntry:
    years = st.dictionaries(st.integers(2019, 2030), amounts(), max_size=4)
    return ObjectiveEntry(
        code="doel-a",
        position=1,
        title=draw(texts(60, at_least=1)),
        priority=draw(st.sampled_from(["", "eerst"])),
        indicator="cijfer-a",
        source=draw(st.sampled_from(["", "bron-b"])),
        target_sets=(
            TargetSetEntry(
                number=1,
                kind=draw(st.sampled_from(["level", "absolute", "relative", "points", "keep", "zero"])),
                stated_change=draw(maybe(amounts())),
                baseline_amount=draw(maybe(amounts())),
                baseline_period=draw(st.sampled_from(["", "2017"])),
                baseline_definition=draw(st.sampled_from([None, 1, 2])),
                decision=1,
                agreed=draw(years),
            ),
            TargetSetEntry(number=2, kind="level", supersedes=1, note=draw(texts(100)), agreed=draw(years)),
        ),
    )


@contextmanager
def undone() -> Iterator[None]:
    """Run something and take everything that it wrote back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
