"""Packages: the files of a municipality, out and in again, exactly; what does not fit is refused with a code."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, given, settings

from koersvast.access import audit
from koersvast.access.audit import Operator
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.access.queries import Denied
from koersvast.indicators.changes import load_reference
from koersvast.indicators.models import Indicator, Observation
from koersvast.policy import package as entries
from koersvast.policy import package_files
from koersvast.policy.changes.packages import files_of, import_package
from koersvast.policy.models import TargetSet
from koersvast.policy.package_problems import CODES, PackageRefused
from koersvast.policy.package_rules import problems_in
from koersvast.policy.package_wording import SENTENCES, worded
from koersvast.policy.queries.packages import export_package
from tests import cast
from tests.conftest import ROOT
from tests.unit.policy import packaged

DEMO = files_of(ROOT / "demo")
PLAN = "plans/ivp-2019-2022.toml"


@pytest.fixture
def words(db: None) -> None:
    """The themes and areas that come with the product."""
    load_reference(by=cast.OPERATOR)


def changed(name: str, old: str, new: str) -> dict[str, bytes]:
    """The demo with one text replaced, wherever it stands in one file."""
    assert old.encode() in DEMO[name]
    return DEMO | {name: DEMO[name].replace(old.encode(), new.encode())}


def as_raalte() -> dict[str, bytes]:
    """The demo under the name of another municipality: every code inside is the same."""
    files = {name: data.replace(b"GM0148", b"GM0177") for name, data in DEMO.items()}
    head = files["package.toml"].replace(b'"dalfsen"', b'"raalte"').replace(b'"Dalfsen"', b'"Raalte"')
    return files | {"package.toml": head}


def refused(files: dict[str, bytes], operator: Operator) -> PackageRefused:
    with pytest.raises(PackageRefused) as caught:
        import_package(files, by=operator)
    return caught.value


def test_demo_taken_in_and_out_again_gives_identical_bytes(words: None, operator: Operator) -> None:
    outcome = import_package(ROOT / "demo", by=operator)
    assert (outcome.is_new, outcome.added["observation"], outcome.added["objective"]) == (True, 131, 7)
    assert export_package(Municipality.objects.get(code="GM0148")) == DEMO


def test_demo_taken_in_twice_adds_and_changes_nothing(words: None, operator: Operator) -> None:
    first = import_package(DEMO, by=operator)
    again = import_package(DEMO, by=operator)
    assert (dict(again.added), again.differences) == ({}, ())
    assert again.unchanged == first.unchanged + sum(first.added.values())


def test_dry_run_says_what_would_happen_and_leaves_nothing(words: None, operator: Operator) -> None:
    records = AuditRecord.objects.count()
    dry = import_package(DEMO, by=operator, dry_run=True)
    assert not Municipality.objects.exists()
    assert AuditRecord.objects.count() == records
    real = import_package(DEMO, by=operator)
    assert (dry.added, dry.differences) == (real.added, real.differences)


def test_two_municipalities_with_the_same_codes_stand_side_by_side(words: None, operator: Operator) -> None:
    import_package(DEMO, by=operator)
    import_package(as_raalte(), by=operator)
    assert export_package(Municipality.objects.get(slug="dalfsen")) == DEMO
    assert export_package(Municipality.objects.get(slug="raalte")) == as_raalte()
    for slug in ("dalfsen", "raalte"):
        with scope(municipality=Municipality.objects.get(slug=slug)):
            assert Observation.objects.count() == 131


def test_import_is_one_sealed_change(words: None, operator: Operator) -> None:
    import_package(DEMO, by=operator)
    [record] = AuditRecord.objects.filter(event="package.imported")
    assert record.municipality_code == "GM0148"
    assert record.rows > 300
    assert audit.verify().is_whole


def test_changed_description_is_brought_in_line_and_listed(words: None, operator: Operator) -> None:
    import_package(DEMO, by=operator)
    files = changed("indicators.toml", 'name_nl = "Woninginbraken"', 'name_nl = "Inbraken"')
    outcome = import_package(files, by=operator)
    [difference] = outcome.differences
    assert (difference.place, difference.field) == ("indicators woninginbraken", "name_nl")
    assert (difference.now, difference.offered) == ("Woninginbraken", "Inbraken")
    assert export_package(Municipality.objects.get()) == files


ADOPTED = [
    (PLAN, '2022 = "20"', '2022 = "15"', "K30"),
    (PLAN, '2019 = "35"\n', "", "K30"),
    (PLAN, 'kind = "relative"', 'kind = "level"', "K30"),
    (PLAN, "decided_on = 2018-12-17", "decided_on = 2018-12-18", "K30"),
    ("observations.csv", ",2022,28,", ",2022,29,", "K31"),
    ("indicators.toml", "Geregistreerde winkeldiefstallen.", "Aangiften van winkeldiefstal.", "K32"),
]


@pytest.mark.parametrize(("name", "old", "new", "code"), ADOPTED)
def test_what_was_adopted_known_or_measured_is_never_overwritten(
    words: None, operator: Operator, name: str, old: str, new: str, code: str
) -> None:
    import_package(DEMO, by=operator)
    assert {problem.code for problem in refused(changed(name, old, new), operator).problems} == {code}
    assert export_package(Municipality.objects.get()) == DEMO


BROKEN = [
    ("package.toml", "koersvast-package/1", "koersvast-package/9", "K04", ""),
    ("package.toml", 'slug = "dalfsen"', 'slug = "dal fsen"', "K03", "municipality.slug"),
    ("package.toml", "[municipality]", "[municipality", "K02", ""),
    ("sources.toml", 'kind = "survey"', 'kind = "enquete"', "K03", "sources[3].kind"),
    ("sources.toml", "invited = 2900", "invited = 900", "K15", "sources veiligheidsmonitor 2017"),
    ("indicators.toml", 'theme = "2.2"', 'theme = "2.9"', "K33", "indicators inbraak-bedrijven"),
    ("indicators.toml", 'code = "winkeldiefstal"', 'code = "vernielingen"', "K10", "indicators"),
    ("indicators.toml", "position = 4\n", "position = 4\nkleur = 1\n", "K03", "indicators[4]"),
    ("deliveries.toml", "number = 3", "number = 2", "K10", "deliveries"),
    ("deliveries/2-47018NED-dalfsen-woninginbraken.csv", "2013;98", "2013;89", "K07", ""),
    ("observations.csv", "2017,61,", "2017,161,", "K12", "amount"),
    ("observations.csv", "2017,61,", "2017,,", "K13", "amount"),
    ("observations.csv", "2017,61,", '2017,"6,1",', "K03", "amount"),
    ("observations.csv", "te-hard-rijden,1,veilig", "te-hard-rijden,4,veilig", "K11", "definition"),
    ("observations.csv", "2018-10-01", "2018-02-30", "K03", "as_of"),
    ("observations.csv", "indicator,definition", "indicator;definition", "K05", ""),
    (PLAN, "last_year = 2022", "last_year = 2018", "K14", "last_year"),
    (PLAN, 'indicator = "te-hard-rijden"', 'indicator = "onbekend"', "K11", "objectives te-hard-rijden"),
    (PLAN, 'kind = "adoption"', 'kind = "revision"', "K17", "decisions 1"),
    (PLAN, 'baseline_period = "2017"', 'baseline_period = "2017-Q5"', "K03", ""),
]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("respondents", "0"), ("design_effect", "0"), ("design_effect", "-1"), ("standard_error", "-0.5"),
        ("exposure", "0"), ("low", "500"), ("high", "1"), ("low", "1e999"),
    ],
)  # fmt: skip
def test_number_with_an_uncertainty_that_cannot_be_is_refused(
    words: None, operator: Operator, column: str, value: str
) -> None:
    head, first, *rest = DEMO["observations.csv"].decode().splitlines()
    cells = first.split(",")
    cells[head.split(",").index(column)] = value
    changed = "\n".join([head, ",".join(cells), *rest]) + "\n"
    with pytest.raises(PackageRefused) as refused:
        import_package({**DEMO, "observations.csv": changed.encode()}, by=operator)
    assert [(one.code, one.line, one.place) for one in refused.value.problems] == [("K03", 2, column)]
    assert worded(refused.value.problems[0])


@pytest.mark.parametrize(("name", "old", "new", "code", "place"), BROKEN)
def test_package_that_does_not_fit_is_refused_with_file_place_and_code(
    words: None, operator: Operator, name: str, old: str, new: str, code: str, place: str
) -> None:
    problem = next(
        one for one in refused(changed(name, old, new), operator).problems if one.code == code and place in one.place
    )
    assert problem.file in (name, "observations.csv")
    assert worded(problem).startswith(f"{code} {problem.file}")
    assert not Municipality.objects.exists()


def test_directory_without_a_package_is_refused(operator: Operator, tmp_path: Path, db: None) -> None:
    with pytest.raises(PackageRefused) as caught:
        import_package(tmp_path, by=operator)
    assert [problem.code for problem in caught.value.problems] == ["K01"]


def test_slug_of_another_municipality_is_refused(words: None, operator: Operator, dalfsen: Municipality) -> None:
    files = {name: data.replace(b"GM0148", b"GM0999") for name, data in DEMO.items()}
    assert [problem.code for problem in refused(files, operator).problems] == ["K35"]


def test_person_may_not_make_a_municipality_by_importing(words: None, karim: User) -> None:
    with pytest.raises(Denied):
        import_package(DEMO, by=karim)


def test_person_of_another_municipality_is_refused(words: None, operator: Operator, karim: User) -> None:
    import_package(DEMO, by=operator)
    with pytest.raises(Denied):
        import_package(DEMO, by=karim)


def test_policy_officer_may_import_into_her_own_municipality(words: None, operator: Operator, anouk: User) -> None:
    import_package(DEMO, by=operator)
    assert dict(import_package(DEMO, by=anouk).added) == {}


def test_draft_that_the_package_adopts_becomes_adopted(words: None, operator: Operator) -> None:
    drafted = changed(PLAN, "decision = 1\n", "")
    import_package(drafted, by=operator)
    outcome = import_package(DEMO, by=operator)
    assert {difference.field for difference in outcome.differences} == {"decision", "is_adopted"}
    with scope(municipality=Municipality.objects.get()):
        assert not TargetSet.objects.filter(decision=None).exists()
    assert export_package(Municipality.objects.get()) == DEMO


def test_unit_of_an_indicator_with_figures_does_not_change(words: None, operator: Operator) -> None:
    import_package(DEMO, by=operator)
    files = changed("indicators.toml", 'unit = "scale_0_10"', 'unit = "mark_1_10"')
    assert {problem.code for problem in refused(files, operator).problems} == {"K32"}
    with scope(municipality=Municipality.objects.get()):
        assert Indicator.objects.get(code="sociale-cohesie").unit == "scale_0_10"


@given(packaged.packages())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_package_written_and_read_is_the_same_package(package: entries.Package) -> None:
    files = package_files.write(package)
    again = package_files.read(files)
    assert again == package
    assert package_files.write(again) == files


@given(package=packaged.packages())
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
def test_any_sound_package_taken_in_comes_out_as_it_was(
    fresh: Callable[[], AbstractContextManager[None]], words: None, operator: Operator, package: entries.Package
) -> None:
    assert problems_in(package) == ()
    files = package_files.write(package)
    with fresh():
        import_package(files, by=operator)
        out = export_package(Municipality.objects.get(code=package.municipality.code))
    for name in files:
        assert out[name].decode() == files[name].decode()


@pytest.fixture
def fresh(db: None) -> Callable[[], AbstractContextManager[None]]:
    """A way to run one example and take everything it did back."""
    return packaged.undone


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert set(CODES) == set(SENTENCES)
    for code, wanted in CODES.items():
        text = " ".join(map(str, SENTENCES[code]))
        assert text.format(**dict.fromkeys(wanted, "x"))


@pytest.mark.parametrize(
    ("schema", "kind", "path"),
    [
        ("package", entries.MunicipalityEntry, ("municipality",)),
        ("package", entries.AreaEntry, ("areas",)),
        ("package", entries.FollowingEntry, ("followings",)),
        ("sources", entries.SourceEntry, ("sources",)),
        ("sources", entries.MeasurementEntry, ("sources", "measurements")),
        ("indicators", entries.IndicatorEntry, ("indicators",)),
        ("indicators", entries.DefinitionEntry, ("indicators", "definitions")),
        ("indicators", entries.BreakEntry, ("indicators", "breaks")),
        ("indicators", entries.DifferenceEntry, ("indicators", "differences")),
        ("indicators", entries.PhaseEntry, ("indicators", "phases")),
        ("deliveries", entries.DeliveryEntry, ("deliveries",)),
        ("observation", entries.ObservationEntry, ()),
        ("plan", entries.PlanEntry, ()),
        ("plan", entries.PrincipleEntry, ("principles",)),
        ("plan", entries.PriorityEntry, ("priorities",)),
        ("plan", entries.DecisionEntry, ("decisions",)),
        ("plan", entries.ObjectiveEntry, ("objectives",)),
        ("plan", entries.TargetSetEntry, ("objectives", "target_sets")),
        ("plan", entries.ApproachLineEntry, ("approach_lines",)),
        ("plan", entries.ClaimEntry, ("claims",)),
        ("plan", entries.AnswerEntry, ("answers",)),
    ],
)
def test_schema_describes_exactly_the_fields_of_its_entry(schema: str, kind: Any, path: tuple[str, ...]) -> None:
    place: Any = package_files.validator(schema).schema
    for step in path:
        place = place["properties"][step]
        place = place.get("items", place)
    assert set(place["properties"]) == {each.name for each in fields(kind)}
    assert all(each.get("description") for each in place["properties"].values())
    assert place["additionalProperties"] is False
