"""A programme taken in from readable files: whole or not at all, and safe to repeat."""

import pytest
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.programme.changes.packages import files_of, import_programme
from koersvast.programme.models import Action, Programme
from koersvast.programme.package import LARGEST_FILE_BYTES, ProgrammeRefused, read
from tests import cast
from tests.conftest import ROOT

FILES = files_of(ROOT / "demo" / "uitvoering")


def refused(files: dict[str, bytes]) -> list[tuple[str, str]]:
    with pytest.raises(ProgrammeRefused) as told:
        read(files)
    return [(problem.code, problem.place) for problem in told.value.problems]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfe", "UP01"),
        (b"format = ", "UP01"),
        (b'format = "koersvast-programme/9"', "UP02"),
        (b"#" * (LARGEST_FILE_BYTES + 1), "UP06"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_a_code(data: bytes, code: str) -> None:
    assert refused({"a.toml": data}) == [(code, "")]


def test_value_that_does_not_fit_is_told_with_its_place() -> None:
    text = b'format = "koersvast-programme/1"\n[[actions]]\nnumber = 1\ntitle = "x"\nhours = "-3"\nuren = 4\n'
    assert set(refused({"a.toml": text})) == {("UP03", "actions[1].hours"), ("UP03", "actions[1].uren")}


def test_number_that_stands_twice_is_refused() -> None:
    one = b'format = "koersvast-programme/1"\n[[actions]]\nnumber = 1\ntitle = "x"\n'
    assert refused({"a.toml": one, "b.toml": one}) == [("UP04", "actions[1].number")]


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_rows")
def test_programme_of_the_demo_is_taken_in_once(dalfsen: Municipality) -> None:
    first = import_programme(FILES, municipality=dalfsen, by=cast.OPERATOR)
    again = import_programme(FILES, municipality=dalfsen, by=cast.OPERATOR)
    assert (first.added["actions"], first.added["organisations"], first.added["consultations"]) == (30, 26, 8)
    assert again.added == {}
    with scope(municipality=dalfsen):
        statuses = set(Action.objects.values_list("status", flat=True))
    assert statuses == {"planned", "running", "stuck", "done", "stopped"}


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_rows")
def test_reference_to_something_absent_leaves_nothing_behind(dalfsen: Municipality) -> None:
    wrong = FILES | {"programma.toml": FILES["programma.toml"].replace(b'"vvn"', b'"onbekend"')}
    with pytest.raises(ProgrammeRefused) as told:
        import_programme(wrong, municipality=dalfsen, by=cast.OPERATOR)
    assert {problem.code for problem in told.value.problems} == {"UP05"}
    with scope(municipality=dalfsen):
        assert not Programme.objects.exists()
