"""The plan check on a stored plan: facts loaded in few queries, findings with answers, in the reader's language."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation
from django_scopes import scope

from koersvast.access import audit
from koersvast.access.audit import Operator
from koersvast.access.models import Municipality, User
from koersvast.engine.quantities import Unit
from koersvast.policy.changes import plans
from koersvast.policy.changes.answers import answer_finding, withdraw_answer
from koersvast.policy.models import Claim
from koersvast.policy.queries.checking import CheckReport, check
from tests.unit.policy import town as towns
from tests.unit.policy.town import Town

pytestmark = pytest.mark.django_db
TODAY = date(2020, 6, 1)
PLACE = "claim:jeugd"


def say(town: Town) -> None:
    plans.write_claim(
        plan=town.plan, code="jeugd", position=1, document="Beleidsplan", place="5.1", kind=Claim.Kind.FIGURE,
        subject="Inbraken", indicator=town.burglary, period="2016", amount=Decimal(67), unit=Unit.COUNT, by=town.by,
    )  # fmt: skip


def report(town: Town, *, language: str = "nl") -> CheckReport:
    with translation.override(language):
        return check(town.plan, today=TODAY)


def test_figure_that_differs_from_the_registry_is_found_with_both_numbers(adopted: Town) -> None:
    say(adopted)
    [found] = [one for one in report(adopted, language="en").findings if one.code == "P04"]
    assert (found.place_key, found.severity) == (PLACE, "error")
    assert found.message == "Inbraken: Beleidsplan says 67 for 2016; the registry has 76."
    assert found.remedy
    assert found.basis


def test_findings_come_most_severe_first_and_every_rule_reports(adopted: Town) -> None:
    say(adopted)
    found = report(adopted)
    order = [("error", "warning", "note").index(one.severity) for one in found.findings]
    assert order == sorted(order)
    assert len(found.rules) == 33
    assert sum(rule.findings for rule in found.rules) == len(found.findings)


def test_answer_stands_beside_its_finding_and_takes_it_off_the_open_list(adopted: Town, anouk: User) -> None:
    say(adopted)
    answer_finding(plan=adopted.plan, rule="P04", place=PLACE, text="Typefout, wordt hersteld.", by=anouk)
    [found] = [one for one in report(adopted).findings if one.code == "P04"]
    assert found.answer
    assert (found.answer.text, found.answer.name) == ("Typefout, wordt hersteld.", "Anouk Veldkamp")
    assert found.answer.answered_on == timezone.localdate()
    assert "P04" not in {one.code for one in report(adopted).open_findings}


def test_answering_again_replaces_and_withdrawing_opens_again(adopted: Town, anouk: User) -> None:
    say(adopted)
    for text in ("Eerst.", "Daarna."):
        answer_finding(plan=adopted.plan, rule="P04", place=PLACE, text=text, by=anouk)
    assert [one.text for one in adopted.plan.answers.all()] == ["Daarna."]
    withdraw_answer(plan=adopted.plan, rule="P04", place=PLACE, by=anouk)
    assert "P04" in {one.code for one in report(adopted).open_findings}
    with pytest.raises(ValidationError):
        withdraw_answer(plan=adopted.plan, rule="P04", place=PLACE, by=anouk)


def test_answer_without_text_or_by_somebody_else_is_refused(adopted: Town, raadslid: User, karim: User) -> None:
    with pytest.raises(ValidationError):
        answer_finding(plan=adopted.plan, rule="P04", place=PLACE, text=" ", by=adopted.by)
    for stranger in (raadslid, karim):
        with pytest.raises(PermissionDenied):
            answer_finding(plan=adopted.plan, rule="P04", place=PLACE, text="x", by=stranger)


def test_rule_that_does_not_exist_cannot_be_answered(adopted: Town) -> None:
    with pytest.raises(ValidationError) as problem:
        answer_finding(plan=adopted.plan, rule="P99", place=PLACE, text="x", by=adopted.by)
    assert problem.value.error_dict["rule"][0].code == "unknown_rule"


def test_answer_to_a_finding_that_is_gone_is_named(adopted: Town) -> None:
    answer_finding(plan=adopted.plan, rule="P04", place=PLACE, text="Bekend.", by=adopted.by)
    assert report(adopted).stale_answers == (f"P04@{PLACE}",)


def test_rule_that_holds_from_a_later_day_does_not_look(adopted: Town) -> None:
    early = datetime(2012, 6, 1, tzinfo=timezone.get_current_timezone()).date()
    codes = {rule.code for rule in check(adopted.plan, today=early).rules}
    assert "P04" in codes
    assert "P22" not in codes


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_text_is_filled_in_both_languages(adopted: Town, language: str) -> None:
    say(adopted)
    found = report(adopted, language=language)
    texts = [text for one in found.findings for text in (one.title, one.place, one.message, one.remedy, one.basis)]
    assert len(texts) > 20
    assert all(text and "{" not in text for text in texts)


def test_number_of_queries_does_not_grow_with_claims(adopted: Town, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def] # pytest-django's fixture
    for number in range(20):
        plans.write_claim(
            plan=adopted.plan, code=f"c-{number}", position=number, document="Plan", place="1",
            kind=Claim.Kind.FIGURE, subject=f"S{number}", indicator=adopted.nuisance, period="2017",
            amount=Decimal(24), by=adopted.by,
        )  # fmt: skip
    with django_assert_max_num_queries(20):
        check(adopted.plan, today=TODAY)


def test_neighbour_s_claims_are_not_looked_at(adopted: Town, raalte: Municipality, operator: Operator) -> None:
    say(adopted)
    with scope(municipality=raalte):
        other = towns.build(raalte, by=operator)
        assert "P04" not in {one.code for one in report(other).findings}
    assert audit.verify().broken == ()
