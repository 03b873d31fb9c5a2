"""Looking back: planned moments, the year that speaks, what is kept, what a decision needs, and closing for good."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from koersvast.access.audit import Operator
from koersvast.access.conflicts import Changed
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.engine.quantities import EvidenceVerdict
from koersvast.policy.changes.course import record_course
from koersvast.policy.models import CourseDecision, Objective
from koersvast.policy.queries.standing import objective_standing
from koersvast.programme.changes import reviews
from koersvast.programme.looking_back import kept, needs_reason, speaking_of, standing_from, suggestions
from koersvast.programme.models import CheckMoment, ObjectiveReview
from koersvast.programme.queries import reviews as read
from koersvast.programme.reasons import reason_entries, reason_name
from tests.unit.policy import town as towns
from tests.unit.policy.town import Town

pytestmark = pytest.mark.django_db
KNOWN_ON = date(2023, 4, 1)


@pytest.fixture
def town(dalfsen: Municipality, operator: Operator) -> Iterator[Town]:
    with scope(municipality=dalfsen):
        made = towns.build(dalfsen, by=operator)
        towns.adopt(made)
        yield made


@pytest.fixture
def moment(town: Town, anouk: User) -> CheckMoment:
    """The midterm review, begun."""
    reviews.plan_checks(plan=town.plan, by=anouk)
    planned = CheckMoment.objects.get(kind="midterm")
    return reviews.open_check(moment=planned, known_on=KNOWN_ON, by=anouk, version=planned.version)


def read_it(moment: CheckMoment, objective: Objective, by: User, **more: object) -> ObjectiveReview:
    given = {
        "readers": [], "read_by_others": "burgemeester", "reading": "Ligt op schema.", "reason_code": "",
        "reason_text": "", "version": 0,
    }  # fmt: skip
    return reviews.record_review(moment=moment, objective=objective, by=by, **{**given, **more})  # type: ignore[arg-type]


def decided(review: ObjectiveReview, by: User, choice: str, **more: object) -> CourseDecision:
    given = {
        "text": "Wij passen het aan.", "body": "gemeenteraad", "decided_on": date(2023, 5, 1),
        "document": "Terugblik 2020", "version": review.version,
    }  # fmt: skip
    return reviews.decide(review=review, choice=choice, by=by, **{**given, **more})  # type: ignore[arg-type]


def test_plan_of_four_years_has_quarters_years_a_midterm_and_a_final() -> None:
    found = [(one.kind, one.period, one.planned_on.isoformat()) for one in suggestions(2019, 2022)]
    assert found[:4] == [
        ("quarter", "2019-Q1", "2019-04-15"),
        ("quarter", "2019-Q2", "2019-07-15"),
        ("quarter", "2019-Q3", "2019-10-15"),
        ("year", "2019", "2020-04-01"),
    ]
    assert [one for one in found if one[0] != "quarter"] == [
        ("year", "2019", "2020-04-01"),
        ("midterm", "2020", "2021-04-01"),
        ("year", "2021", "2022-04-01"),
        ("final", "2022", "2023-04-01"),
    ]


@given(st.integers(1995, 2090), st.integers(0, 8))
def test_every_year_is_looked_back_on_once_and_the_last_is_final(first: int, more: int) -> None:
    found = suggestions(first, first + more)
    whole = [one for one in found if one.kind != "quarter"]
    assert [one.period for one in whole] == [str(year) for year in range(first, first + more + 1)]
    assert [one.kind for one in whole].count("final") == 1
    assert [one.kind for one in whole].count("midterm") == (1 if more >= 2 else 0)
    assert [one.planned_on for one in found] == sorted(one.planned_on for one in found)
    assert len({(one.kind, one.period) for one in found}) == len(found)


def test_planning_twice_adds_what_is_missing_only(town: Town, anouk: User) -> None:
    assert len(reviews.plan_checks(plan=town.plan, by=anouk, kinds=["year"])) == 2
    assert len(reviews.plan_checks(plan=town.plan, by=anouk)) == 14
    assert reviews.plan_checks(plan=town.plan, by=anouk) == []


def test_year_of_the_review_speaks_not_the_newest(town: Town) -> None:
    line = objective_standing(town.burglary_objective, known_on=KNOWN_ON, today=KNOWN_ON)
    assert line.headline
    assert line.headline.year == 2022
    assert [speaking_of(line, period).headline.year for period in ("2019", "2020-Q3", "2021")] == [2019, 2020, 2021]  # type: ignore[union-attr]
    earlier = speaking_of(line, "2018").headline
    assert earlier
    assert earlier.year == 2019


def test_kept_standing_reads_back_exactly(town: Town) -> None:
    for objective in (town.burglary_objective, town.nuisance_objective):
        line = objective_standing(objective, known_on=KNOWN_ON, today=KNOWN_ON)
        assert standing_from(kept(line)) == line


def test_reading_keeps_what_was_known_when_figures_are_revised(town: Town, moment: CheckMoment, anouk: User) -> None:
    review = read_it(moment, town.burglary_objective, anouk)
    before = read.step(moment, town.burglary_objective, today=KNOWN_ON)
    assert before.standing.headline
    assert before.standing.headline.observed_text == "30"
    assert before.today is None
    towns.observe(town.burglary, town.published, town.area, {2020: 61}, as_of=date(2023, 4, 1))
    after = read.step(moment, town.burglary_objective, today=towns.TODAY)
    assert after.standing == before.standing
    assert after.today
    assert after.today.headline
    assert after.today.headline.observed_text == "61"
    assert (review.observed_text, review.agreed_text, review.evidence) == ("30", "30", before.standing.evidence)


def test_survey_that_was_never_held_asks_for_a_reason(town: Town, anouk: User) -> None:
    reviews.plan_checks(plan=town.plan, by=anouk)
    planned = CheckMoment.objects.get(kind="final")
    final = reviews.open_check(moment=planned, known_on=KNOWN_ON, by=anouk, version=1)
    assert needs_reason(read.standing_of(final, town.nuisance_objective))
    with pytest.raises(ValidationError) as problem:
        read_it(final, town.nuisance_objective, anouk)
    assert problem.value.error_dict["reason_code"][0].code == "reason_missing"
    review = read_it(final, town.nuisance_objective, anouk, reason_code="measured_differently")
    assert not read.is_finished(review)
    decided(review, anouk, "accept")
    review.refresh_from_db()
    assert read.is_finished(review)


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"reading": " "}, "reading", "reading_missing"),
        ({"read_by_others": ""}, "read_by_others", "readers_missing"),
        ({"reason_code": "weer"}, "reason_code", "reason_unknown"),
        ({"reason_code": "other"}, "reason_text", "reason_text_missing"),
    ],
)
def test_reading_that_says_too_little_is_refused(
    town: Town, moment: CheckMoment, anouk: User, more: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(ValidationError) as problem:
        read_it(moment, town.burglary_objective, anouk, **more)
    assert problem.value.error_dict[field][0].code == code
    assert not ObjectiveReview.objects.exists()


def test_adjusted_target_lands_in_the_ledger_and_the_decision_refers_to_it(
    town: Town, moment: CheckMoment, anouk: User
) -> None:
    review = read_it(moment, town.burglary_objective, anouk)
    made = decided(review, anouk, "adjust_target", values={2021: Decimal(27), 2022: Decimal(24)})
    newest = town.burglary_objective.target_sets.order_by("-number").first()
    assert newest
    assert newest.decision == made.decision
    assert {one.year: one.agreed for one in newest.targets.all()} == {2019: 35, 2020: 30, 2021: 27, 2022: 24}
    assert made.decision
    assert made.decision.reason == "Wij passen het aan."
    assert (made.period, made.number) == ("2020", 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        CourseDecision.objects.update(text="Iets anders.")


def test_target_without_new_values_stays(town: Town, moment: CheckMoment, anouk: User) -> None:
    review = read_it(moment, town.burglary_objective, anouk)
    with pytest.raises(ValidationError) as problem:
        decided(review, anouk, "adjust_target", values={2022: Decimal(20)})
    assert problem.value.code == "nothing_changed"
    assert not CourseDecision.objects.exists()


def test_mayor_may_accept_but_not_adopt_new_values(
    town: Town, moment: CheckMoment, burgemeester: User, raadslid: User
) -> None:
    review = read_it(moment, town.burglary_objective, burgemeester)
    with pytest.raises(PermissionDenied):
        decided(review, burgemeester, "adjust_target", values={2022: Decimal(24)})
    assert town.burglary_objective.target_sets.count() == 1
    assert decided(review, burgemeester, "secure").choice == "secure"
    with pytest.raises(PermissionDenied):
        read_it(moment, town.burglary_objective, raadslid)


def test_second_reader_is_told_and_nothing_is_lost(
    town: Town, moment: CheckMoment, anouk: User, burgemeester: User
) -> None:
    read_it(moment, town.burglary_objective, anouk, reading="Eerst")
    with pytest.raises(Changed) as told:
        read_it(moment, town.burglary_objective, burgemeester, reading="Tweede")
    assert isinstance(told.value.row, ObjectiveReview)
    assert told.value.row.reading == "Eerst"
    later = read_it(moment, town.burglary_objective, burgemeester, reading="Tweede", version=told.value.row.version)
    assert (later.reading, later.version) == ("Tweede", 2)


def test_closing_waits_for_every_objective_and_then_nothing_changes(
    town: Town, moment: CheckMoment, anouk: User
) -> None:
    review = read_it(moment, town.burglary_objective, anouk)
    with pytest.raises(ValidationError) as problem:
        reviews.close_check(moment=moment, conclusion="", by=anouk, version=moment.version)
    assert problem.value.code == "not_finished"
    assert "Overlast door omwonenden" in problem.value.messages[0]
    assert "Aantal woninginbraken" not in problem.value.messages[0]
    reviews.set_aside(moment=moment, objective=town.nuisance_objective, reason="Nog geen meting", by=anouk, version=0)
    closed = reviews.close_check(moment=moment, conclusion="Doorgaan", by=anouk, version=moment.version)
    assert closed.closed_on == timezone.localdate()
    with pytest.raises(ValidationError) as stays:
        read_it(closed, town.burglary_objective, anouk, version=review.version)
    assert stays.value.code == "check_closed"
    with pytest.raises(DatabaseError), transaction.atomic():
        ObjectiveReview.objects.update(reading="Anders")
    with pytest.raises(DatabaseError), transaction.atomic():
        CheckMoment.objects.filter(pk=closed.pk).update(conclusion="Anders")


def test_decision_on_another_objective_is_not_referred_to(town: Town, anouk: User) -> None:
    decision = town.plan.decisions.get()
    other = Objective.objects.create(plan=town.plan, code="ander", position=9, title="Ander doel")
    with pytest.raises(ValidationError) as problem:
        record_course(
            objective=other, choice="adjust_target", period="2020", evidence=EvidenceVerdict.OFF_COURSE,
            reason_code="money", reason="", text="x", body="raad", decided_on=KNOWN_ON, document="", by=anouk,
            decision=decision,
        )  # fmt: skip
    assert problem.value.code == "decision_elsewhere"


def test_moment_with_a_reading_stays_and_its_day_too(town: Town, moment: CheckMoment, anouk: User) -> None:
    read_it(moment, town.burglary_objective, anouk)
    with pytest.raises(ValidationError) as day:
        reviews.open_check(moment=moment, known_on=date(2023, 1, 1), by=anouk, version=moment.version)
    assert day.value.code == "check_begun"
    with pytest.raises(ValidationError) as gone:
        reviews.remove_check(moment=moment, by=anouk, version=moment.version)
    assert gone.value.code == "check_begun"
    unread = CheckMoment.objects.get(kind="final")
    reviews.remove_check(moment=unread, by=anouk, version=unread.version)
    assert not CheckMoment.objects.filter(kind="final").exists()


def test_every_change_leaves_a_named_record_without_texts(town: Town, moment: CheckMoment, anouk: User) -> None:
    review = read_it(moment, town.burglary_objective, anouk, reading="Iets vertrouwelijks")
    decided(review, anouk, "accept", text="Ook vertrouwelijk")
    said = [(one.event, str(one.detail)) for one in AuditRecord.objects.order_by("pk")]
    assert [event for event, _ in said][-4:] == [
        "check_moment.planned", "check_moment.opened", "objective.reviewed", "course.decided",
    ]  # fmt: skip
    assert not any("ertrouwelijk" in detail for _, detail in said)


def test_reasons_have_words_in_both_languages_and_old_codes_stay_readable() -> None:
    for code, entry in reason_entries().items():
        assert all(words for lang in ("nl", "en") for words in (entry.name(lang), entry.help_text(lang))), code
        assert len(code) <= 24
    assert reason_name("chance", "nl") == "Toeval: het cijfer schommelt"
    assert reason_name("verouderd", "nl") == "verouderd"
