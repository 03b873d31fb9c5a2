"""Where the objectives stand: the attained/evidence pair, which year speaks, and what asks attention."""

from datetime import date

import pytest
from django.utils import translation
from django_scopes import scope

from koersvast.access.audit import Operator
from koersvast.access.models import Municipality
from koersvast.engine.quantities import EvidenceVerdict
from koersvast.indicators.models import Break, Observation
from koersvast.policy.changes import plans
from koersvast.policy.queries.standing import ObjectiveStanding, objective_standing, standing, verdict_rows
from tests.unit.policy import town as towns
from tests.unit.policy.town import TODAY, Town

pytestmark = pytest.mark.django_db


def stand(town: Town, *, known_on: date = TODAY, today: date = TODAY) -> dict[str, ObjectiveStanding]:
    found = standing(town.plan, known_on=known_on, today=today)
    return {line.code: line for line in found.objectives}


def test_burglary_comes_out_as_the_figures_are(adopted: Town) -> None:
    path = stand(adopted)["woninginbraken"].path
    assert [(one.year, one.agreed, one.observed, one.attained) for one in path] == [
        (2019, 35, 40, False),
        (2020, 30, 30, True),
        (2021, 25, 13, True),
        (2022, 20, 28, False),
    ]
    assert all(one.probability is not None and one.evidence is EvidenceVerdict.CANNOT_TELL for one in path)


def test_last_year_that_should_be_in_speaks(adopted: Town) -> None:
    burglary = stand(adopted)["woninginbraken"]
    assert burglary.headline
    assert burglary.headline.year == 2022


@pytest.mark.parametrize(
    ("today", "year", "is_due"),
    [
        (date(2019, 1, 10), 2019, False),
        (date(2020, 1, 10), 2019, False),
        (date(2020, 4, 10), 2019, True),
        (date(2021, 1, 10), 2019, True),
        (date(2021, 4, 10), 2020, True),
        (date(2030, 1, 1), 2022, True),
    ],
)
def test_year_speaks_ninety_days_after_its_end(adopted: Town, today: date, year: int, is_due: bool) -> None:
    Observation.objects.filter(source=adopted.published).delete()
    headline = stand(adopted, today=today)["woninginbraken"].headline
    assert headline
    assert (headline.year, headline.is_due, headline.evidence) == (year, is_due, EvidenceVerdict.NOT_MEASURED)


def test_survey_that_was_never_held_is_not_measured_and_asks_attention(adopted: Town) -> None:
    nuisance = stand(adopted)["woonoverlast"]
    assert (nuisance.evidence, nuisance.attained) == (EvidenceVerdict.NOT_MEASURED, None)
    assert [one.code for one in nuisance.attention] == ["not_measured"]


def test_baseline_of_another_source_stays_beside_it_and_is_never_mixed_in(adopted: Town) -> None:
    burglary = stand(adopted)["woninginbraken"]
    assert burglary.sparkline == (42, 27, 40, 30, 13, 28)
    assert (burglary.baseline, burglary.baseline_source_label, burglary.source_label) == (40, "Politie", "Open-Data")
    assert burglary.headline
    [reason] = [text for text in burglary.headline.reasons if "Politie" in text and "42" in text]
    assert "40" in reason


def test_series_of_the_plan_itself_judges_when_the_objective_says_so(town: Town) -> None:
    plans.write_objective(
        plan=town.plan, code="woninginbraken", position=1, title="Aantal woninginbraken", indicator=town.burglary,
        source=town.police, by=town.by,
    )  # fmt: skip
    towns.adopt(town)
    burglary = stand(town)["woninginbraken"]
    assert burglary.sparkline == (71, 46, 76, 40)
    assert burglary.evidence is EvidenceVerdict.NOT_MEASURED


def test_standing_as_known_on_a_day_leaves_out_what_came_later(adopted: Town) -> None:
    burglary = stand(adopted, known_on=date(2023, 2, 28))["woninginbraken"]
    assert burglary.series == ()
    assert burglary.evidence is EvidenceVerdict.NOT_MEASURED


def test_break_since_the_baseline_makes_it_not_comparable(adopted: Town) -> None:
    towns.observe(adopted.nuisance, adopted.survey, adopted.area, {2021: 19}, as_of=date(2022, 1, 1))
    Break.objects.create(indicator=adopted.nuisance, on=date(2021, 1, 1), kind="mode", note_nl="Andere vragenlijst")
    nuisance = stand(adopted)["woonoverlast"]
    assert (nuisance.evidence, nuisance.attained) == (EvidenceVerdict.NOT_COMPARABLE, None)
    assert [one.code for one in nuisance.attention] == ["not_comparable"]


def test_share_is_judged_with_its_respondents(adopted: Town) -> None:
    towns.observe(adopted.nuisance, adopted.survey, adopted.area, {2021: 17}, as_of=date(2022, 1, 1), respondents=1244)
    headline = stand(adopted)["woonoverlast"].headline
    assert headline
    assert (headline.attained, headline.evidence) == (True, EvidenceVerdict.ON_COURSE)
    assert headline.interval_low is not None
    assert 14 < headline.interval_low < 17


def test_provisional_figure_is_called_so(adopted: Town) -> None:
    Observation.objects.filter(period="2022").update(certainty="provisional")
    burglary = stand(adopted)["woninginbraken"]
    assert "provisional" in [one.code for one in burglary.attention]
    assert burglary.headline
    assert burglary.headline.is_provisional


def test_draft_is_shown_but_called_a_draft(town: Town) -> None:
    burglary = stand(town)["woninginbraken"]
    assert not burglary.target_set_is_adopted
    assert burglary.headline
    assert "draft_only" in burglary.headline.reason_codes
    assert "draft" in [one.code for one in burglary.attention]


def test_counts_hold_every_verdict_and_every_objective(adopted: Town) -> None:
    plans.write_objective(plan=adopted.plan, code="zonder", position=9, title="Zonder indicator", by=adopted.by)
    found = standing(adopted.plan, known_on=TODAY, today=TODAY)
    assert set(found.counts) == set(EvidenceVerdict)
    assert sum(found.counts.values()) + found.without_agreement == len(found.objectives) == 3
    assert found.attention[0].code == "not_measured"
    assert [one.urgency for one in found.attention] == sorted(one.urgency for one in found.attention)


def test_rows_are_the_same_numbers_as_the_page(adopted: Town) -> None:
    rows = verdict_rows(adopted.plan, known_on=TODAY, today=TODAY)
    assert [(row.objective, row.period, row.observed, row.agreed, row.attained) for row in rows] == [
        ("woninginbraken", "2019", 40, 35, False),
        ("woninginbraken", "2020", 30, 30, True),
        ("woninginbraken", "2021", 13, 25, True),
        ("woninginbraken", "2022", 28, 20, False),
        ("woonoverlast", "2021", None, 20, None),
    ]
    path = stand(adopted)["woninginbraken"].path
    assert [row.probability for row in rows[:4]] == [one.probability for one in path]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_text_is_filled_in_both_languages(adopted: Town, language: str) -> None:
    with translation.override(language):
        found = standing(adopted.plan, known_on=TODAY, today=TODAY)
        texts = [found.sentence, found.thresholds_sentence, *(one.sentence for one in found.attention)]
        texts += [text for line in found.objectives for one in line.path for text in (one.sentence, *one.reasons)]
    assert all(text and "{" not in text and "None" not in text for text in texts)
    assert any("agreed was" in text for text in texts) is (language == "en")


def test_one_objective_reads_like_the_whole_plan(adopted: Town) -> None:
    alone = objective_standing(adopted.burglary_objective, known_on=TODAY, today=TODAY)
    assert alone == stand(adopted)["woninginbraken"]


def test_number_of_queries_does_not_grow_with_the_objectives(adopted: Town, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def] # pytest-django's fixture
    for number in range(10, 20):
        plans.write_objective(
            plan=adopted.plan, code=f"doel-{number}", position=number, title=f"Doel {number}",
            indicator=adopted.burglary, by=adopted.by,
        )  # fmt: skip
    with django_assert_max_num_queries(8):
        standing(adopted.plan, known_on=TODAY, today=TODAY)


def test_neighbour_with_the_same_codes_has_its_own_standing(
    adopted: Town, raalte: Municipality, operator: Operator
) -> None:
    with scope(municipality=raalte):
        other = towns.build(raalte, by=operator)
        towns.adopt(other)
        towns.observe(other.burglary, other.published, other.area, {2022: 5}, as_of=date(2023, 6, 1))
        headline = stand(other)["woninginbraken"].headline
    assert headline
    assert headline.observed == 5
    mine = stand(adopted)["woninginbraken"].headline
    assert mine
    assert mine.observed == 28
