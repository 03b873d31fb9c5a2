"""Target values: advice while they are written, a draft, a decision, and a revision that leaves the old one."""

from datetime import date

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.policy.models import Objective, TargetSet
from tests.pages.policy.conftest import PLAN, text_of

pytestmark = pytest.mark.django_db
FORM = f"{PLAN}doelen/woonoverlast/doelwaarden/"
ADOPT = f"{PLAN}vaststellen/"
DECISION = {"body": "gemeenteraad", "decided_on": "2020-11-09", "document": "Raadsbesluit 2020-31"}


def given(town: Municipality, **changed: str) -> dict[str, str]:
    with scope(municipality=town):
        source = Objective.objects.get(code="woonoverlast").indicator.source  # type: ignore[union-attr] # it has one
    return {
        "kind": "points",
        "stated_change": "−4",
        "baseline_source": str(source.pk),
        "baseline_period": "2017",
        "baseline_amount": "24",
        "agreed_2021": "20",
    } | changed


def versions(town: Municipality) -> list[TargetSet]:
    with scope(municipality=town):
        return list(TargetSet.objects.filter(objective__code="woonoverlast").select_related("decision"))


def test_advice_says_what_a_percentage_means_in_both_readings(officer: Client, town: Municipality) -> None:
    answer = officer.post(f"{FORM}advies/", given(town), headers={"HX-Request": "true"})
    said = " ".join(answer.content.decode().replace("\u00a0", " ").split())
    assert answer.status_code == 200
    assert "<html" not in said
    assert "komt uit op 20 %" in said
    assert "komt uit op 23,04 %" in said
    assert "kans van maar 67 %" in said


def test_advice_without_javascript_comes_with_a_button_and_stores_nothing(officer: Client, town: Municipality) -> None:
    answer = officer.post(FORM, given(town, advise="1"))
    assert answer.status_code == 200
    assert "23,04" in answer.content.decode()
    assert len(versions(town)) == 1


def test_advice_on_unfinished_or_impossible_input_never_breaks(officer: Client, town: Municipality) -> None:
    assert officer.post(f"{FORM}advies/", {}).status_code == 200
    for name, typed in (
        ("kind", ""),
        ("stated_change", "abc"),
        ("stated_change", "-99999999"),
        ("baseline_amount", "1e400"),
        ("baseline_amount", "NaN"),
        ("baseline_period", "2017-Q9"),
        ("agreed_2021", "999999999"),
        ("baseline_source", "0"),
    ):
        assert officer.post(f"{FORM}advies/", given(town, **{name: typed})).status_code == 200, (name, typed)


def test_draft_with_a_wrong_number_shows_where_and_stores_nothing(officer: Client, town: Municipality) -> None:
    answer = officer.post(FORM, given(town, agreed_2021="twintig"))
    assert answer.status_code == 422
    assert 'href="#id_agreed_2021"' in answer.content.decode()
    assert len(versions(town)) == 1


def test_draft_whose_last_value_contradicts_the_change_is_refused_in_words(officer: Client, town: Municipality) -> None:
    answer = officer.post(FORM, given(town, kind="relative"))
    assert answer.status_code == 422
    assert len(versions(town)) == 1


def test_draft_then_decision_freezes_it_and_keeps_the_old_version(officer: Client, town: Municipality) -> None:
    assert officer.post(FORM, given(town, stated_change="-4,5", agreed_2021="19,5"))["Location"].endswith(
        "/woonoverlast/"
    )
    assert "Er is een concept" in text_of(officer, f"{PLAN}doelen/woonoverlast/")
    page = text_of(officer, ADOPT)
    assert "Van 24 % (2017) naar 19,5 % in 2021" in page
    assert "Wat u moet weten voor het besluit" in page

    assert officer.post(ADOPT, DECISION).status_code == 422, "a revision needs a reason"
    assert officer.post(ADOPT, DECISION | {"reason": "Scherper."})["Location"] == f"{PLAN}besluiten/"
    old, new = versions(town)
    assert (old.decision.number, new.decision.number) == (1, 2)  # type: ignore[union-attr] # both were decided
    assert new.decision.decided_on == date(2020, 11, 9)  # type: ignore[union-attr] # it was decided
    page = text_of(officer, f"{PLAN}besluiten/")
    assert "gewijzigd: was 20 % (−0,5 procentpunt" in page
    assert "Scherper." in page
    assert "Er is geen concept" in text_of(officer, ADOPT)


def test_decision_of_a_day_to_come_is_refused(officer: Client, town: Municipality) -> None:
    officer.post(FORM, given(town))
    answer = officer.post(ADOPT, DECISION | {"decided_on": "2999-01-01", "reason": "Scherper."})
    assert answer.status_code == 422
    assert len([one for one in versions(town) if one.decision]) == 1


def test_draft_without_a_baseline_waits_for_one(officer: Client, town: Municipality) -> None:
    officer.post(FORM, given(town, kind="level", baseline_amount="", baseline_period=""))
    page = text_of(officer, ADOPT)
    assert "Maak eerst deze concepten af" in page
    assert "Besluit vastleggen" not in page


def test_draft_can_be_withdrawn_once(officer: Client, town: Municipality) -> None:
    officer.post(FORM, given(town))
    assert len(versions(town)) == 2
    officer.post(f"{FORM}intrekken/")
    assert len(versions(town)) == 1
    answer = officer.post(f"{FORM}intrekken/", follow=True)
    assert answer.status_code == 200
    assert "kv-tone--negative" in answer.content.decode()


def test_values_in_english_are_read_with_a_point(officer: Client, town: Municipality) -> None:
    officer.post("/taal/", {"language": "en"})
    officer.post(FORM, given(town, stated_change="-4.5", agreed_2021="19.5"))
    with scope(municipality=town):
        assert versions(town)[-1].targets.get(year=2021).agreed == pytest.approx(19.5)


def test_council_member_may_not_draft_adopt_or_withdraw(councillor: Client, town: Municipality) -> None:
    for address in (FORM, f"{FORM}advies/", f"{FORM}intrekken/", ADOPT):
        assert councillor.post(address, given(town)).status_code == 403, address
    assert len(versions(town)) == 1
