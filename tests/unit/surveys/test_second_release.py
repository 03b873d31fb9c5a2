"""A corrected file after a release: what was told is remembered, and a few respondents more or less are refused."""

from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from koersvast.connectors.microdata import Microdata
from koersvast.engine.disclosure import LinkedTable, Protected, Said
from koersvast.surveys import changes
from koersvast.surveys.changes import computing
from koersvast.surveys.models import Computation, TabulatedQuestion, Wave
from koersvast.surveys.preparing import POOLED
from koersvast.surveys.released_before import Release, as_column, bearing_on
from koersvast.surveys.wording import refusal
from tests import cast
from tests.unit.surveys.conftest import KEEP_UNTIL, Done, answers, sav

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR
TOLD = Said(
    code="hard", rows=("1",), columns=("everybody", "kern/1", "herkomst/sample", "herkomst/panel"),
    respondents=(600, 300, 420, 180), counts=((400, 200, 280, 120),),
)  # fmt: skip


def without_first(microdata: Microdata, rows: int) -> Microdata:
    """The same answers with the first respondents taken out."""
    return Microdata(
        variables=microdata.variables,
        table=microdata.table.slice(rows),
        kind_of_file=microdata.kind_of_file,
        file_label=microdata.file_label,
    )


def corrected(wave: Wave, rows: int, folder: Path) -> Computation:
    """The computation of the wave from a file with so many respondents less."""
    data = sav(without_first(answers(), rows), folder)
    changes.receive_file(wave, data=data, file_name="beter.sav", keep_until=KEEP_UNTIL, by=BY)
    return computing.compute_now(wave, by=BY)


@pytest.fixture
def released(computed: Done) -> Done:
    computing.release(computed.computation, by=BY)
    return computed


def test_release_remembers_what_was_told(released: Done) -> None:
    told = Said.from_json(Computation.objects.get(pk=released.computation.pk).said[0])
    assert told.columns[0] == "everybody"
    assert told.respondents[0] == 600


def test_correction_by_few_respondents_is_refused_with_what_to_do(released: Done, tmp_path: Path) -> None:
    found = corrected(released.wave, 3, tmp_path)
    assert found.state == Computation.State.FAILED
    assert [one["code"] for one in found.problems] == ["differs_by_few"]
    assert not found.rows.exists()
    sentence = refusal(found.problems[0]["code"], found.problems[0]["values"])
    assert "10" in sentence
    assert "{" not in sentence


def test_correction_by_many_respondents_may_follow_and_is_released(released: Done, tmp_path: Path) -> None:
    found = corrected(released.wave, 150, tmp_path)
    assert found.state == Computation.State.DONE, found.problems
    computing.release(found, by=BY)
    assert Computation.objects.exclude(released_at=None).count() == 2


def test_background_that_was_published_does_not_leave_the_list(released: Done) -> None:
    changes.choose_catalogue(released.wave, by=BY, backgrounds=["geslacht"])
    found = computing.compute_now(released.wave, by=BY)
    assert [one["code"] for one in found.problems] == ["groups_left_out"]


def test_weakness_that_the_attacker_finds_keeps_everything_from_being_kept(computed: Done) -> None:
    """A protection that hides nothing stands in for one that fails; only the attacker is left to stop it."""
    changes.choose_catalogue(computed.wave, by=BY, smallest_base=200, smallest_group=100)
    with mock.patch("koersvast.surveys.tabulating.protect", hide_nothing):
        found = computing.compute_now(computed.wave, by=BY)
    assert {one["code"] for one in found.problems} & {"small_answer_shown", "small_base_shown"}
    assert not found.tables.exists()
    assert not found.rows.exists()


def hide_nothing(tables: Sequence[LinkedTable], *_: object, **__: object) -> list[Protected]:
    """A protection that shows everything."""
    return [
        Protected(
            code=table.code,
            hidden=np.zeros(table.printed.shape, dtype=bool),
            why=np.zeros(table.printed.shape, dtype=np.uint8),
            hidden_columns=np.zeros(table.respondents.shape, dtype=bool),
            hidden_means=np.zeros(table.respondents.shape, dtype=bool),
        )
        for table in tables
    ]


def test_hidden_column_leaves_no_degrees_of_freedom_that_count_its_respondents(computed: Done) -> None:
    changes.choose_catalogue(computed.wave, by=BY, smallest_base=250)
    found = computing.compute_now(computed.wave, by=BY)
    contents = [one.content for one in TabulatedQuestion.objects.filter(computation=found)]
    pairs = [pair for one in contents for pair in zip(one["respondents"], one["degrees_of_freedom"], strict=True)]
    assert any(size is None for size, _ in pairs)
    assert all(freedom is None for size, freedom in pairs if size is None)


def test_frame_apart_is_set_beside_its_column_of_an_earlier_release() -> None:
    """Panel of 180 in an earlier release of both; later the panel by itself is the same people."""
    found = bearing_on([Release(frame=POOLED, told=(TOLD,))], frame="panel", is_first=False, background="herkomst")
    assert [(one.columns, one.respondents) for one in found] == [(("everybody",), (180,)), (("everybody",), (600,))]


def test_sample_of_an_earlier_release_is_no_group_of_the_panel() -> None:
    alone = Said(code="hard", rows=("1",), columns=("everybody",), respondents=(180,), counts=((120,),))
    sample = Said(code="hard", rows=("1",), columns=("everybody",), respondents=(420,), counts=((280,),))
    told = (sample, *as_column([alone], frame="panel", background="herkomst"))
    found = bearing_on([Release(frame="sample", told=told)], frame="panel", is_first=False, background="herkomst")
    assert [one.respondents for one in found] == [(180,)]


def test_first_frame_is_set_beside_everything_but_the_frames_that_it_has_not() -> None:
    found = bearing_on([Release(frame=POOLED, told=(TOLD,))], frame="sample", is_first=True, background="herkomst")
    assert [one.columns for one in found] == [("everybody",), ("everybody", "kern/1")]
    assert found[0].respondents == (420,)


def test_frame_that_stood_apart_is_remembered_as_a_column(computed: Done) -> None:
    changes.choose_weighting(computed.wave, by=BY, frame="sample", method="rake", margins=["kern"])
    found = computing.compute_now(computed.wave, by=BY)
    told = {one["columns"][0]: one["respondents"][0] for one in found.said if one["code"] == "hard"}
    assert told["herkomst/panel"] == found.diagnostics["panel"]["respondents"]
    assert told["everybody"] == found.diagnostics["sample"]["respondents"]
