"""A wave from its file to its estimates: what is kept, what is hidden, who may, and what happens when it goes wrong."""

import logging
from datetime import UTC, date, datetime
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django_scopes import scope

from koersvast.access.audit import verify
from koersvast.access.models import AuditRecord, Municipality, RowChange, User
from koersvast.access.queries import Denied
from koersvast.surveys import changes
from koersvast.surveys.changes import computing
from koersvast.surveys.changes.codebooks import UnknownVariable
from koersvast.surveys.inputs import NotReady
from koersvast.surveys.microdata_store import read_answers
from koersvast.surveys.models import Computation, MicrodataFile, SurveyEstimate, Wave
from koersvast.surveys.queries import comparing, outcomes, waves_of
from tests import cast
from tests.unit.surveys.conftest import CANARY, KEEP_UNTIL, Done, answers, register_survey, sav

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def received(computed: Done, sav_bytes: bytes) -> Wave:
    """A wave of another survey with its file, nothing confirmed yet."""
    made = changes.open_wave(register_survey(computed.municipality, code="proef"), period="2017", by=cast.OPERATOR)
    changes.receive_file(made, data=sav_bytes, file_name="a.sav", keep_until=KEEP_UNTIL, by=cast.OPERATOR)
    return made


@pytest.fixture
def wave(received: Wave) -> Wave:
    return Wave.objects.get(pk=received.pk)


def test_same_file_is_received_once(wave: Wave, sav_bytes: bytes) -> None:
    again = changes.receive_file(wave, data=sav_bytes, file_name="b.sav", keep_until=KEEP_UNTIL, by=cast.OPERATOR)
    assert again.pk == wave.files.get().pk


def test_answers_come_back_from_the_sealed_store(wave: Wave) -> None:
    found = read_answers(wave.files.get())
    np.testing.assert_array_equal(found.numbers("cijfer"), answers().numbers("cijfer"))


def test_other_file_takes_the_place_and_keeps_what_was_confirmed(wave: Wave, tmp_path: Path) -> None:
    changes.confirm_sure_ones(wave, by=cast.OPERATOR)
    confirmed = set(wave.entries.exclude(confirmed_at=None).values_list("code", flat=True))
    other = sav(answers(seed=5), tmp_path)
    changes.receive_file(wave, data=other, file_name="b.sav", keep_until=KEEP_UNTIL, by=cast.OPERATOR)
    assert wave.files.count() == 2
    assert wave.files.filter(superseded_at=None).count() == 1
    assert set(wave.entries.exclude(confirmed_at=None).values_list("code", flat=True)) == confirmed


def test_file_that_calls_itself_invented_makes_the_wave_so(wave: Wave) -> None:
    assert wave.is_synthetic


def test_person_of_another_municipality_may_nothing(wave: Wave, karim: User, sav_bytes: bytes) -> None:
    with pytest.raises(Denied):
        changes.receive_file(wave, data=sav_bytes, file_name="a.sav", keep_until=KEEP_UNTIL, by=karim)
    with pytest.raises(Denied):
        changes.confirm_sure_ones(wave, by=karim)
    with pytest.raises(Denied):
        changes.destroy_microdata(wave.files.get(), because="zomaar", by=karim)
    assert wave.files.get().can_be_read


def test_council_member_may_not_prepare_a_survey(wave: Wave, raadslid: User) -> None:
    with pytest.raises(Denied):
        changes.change_wave(wave, by=raadslid, invited=10)


def test_other_municipality_sees_nothing(wave: Wave, raalte: Municipality) -> None:
    with scope(municipality=raalte):
        assert not waves_of(raalte).exists()
        assert not MicrodataFile.objects.exists()
        assert not SurveyEstimate.objects.exists()


def test_more_answered_than_invited_is_refused(wave: Wave) -> None:
    with pytest.raises(ValidationError, match="no_more_answered"):
        changes.change_wave(wave, by=cast.OPERATOR, invited=10, answered=20)


def test_pooling_without_a_statement_is_refused(wave: Wave) -> None:
    with pytest.raises(ValidationError):
        changes.choose_weighting(wave, by=cast.OPERATOR, frame="pooled", method="none", statement="zomaar")


def test_entry_of_a_variable_that_is_not_there_is_refused(wave: Wave) -> None:
    entry = wave.entries.get(code="hard").entry
    with pytest.raises(UnknownVariable):
        changes.confirm_entry(
            wave.entries.get(code="hard"), by=cast.OPERATOR, entry=type(entry)(**{**vars(entry), "variables": ("nee",)})
        )


def test_margin_of_a_category_that_is_not_there_is_refused(wave: Wave) -> None:
    changes.confirm_sure_ones(wave, by=cast.OPERATOR)
    people = {"1": 10.0, "2": 10.0, "3": 1.0}
    with pytest.raises(changes.MarginRefused) as refused:
        changes.give_margins(
            wave, code="kern", people=people, source_text="x", as_of=date(2017, 1, 1), by=cast.OPERATOR
        )
    assert (refused.value.code, refused.value.values) == ("category_unknown", {"margin": "kern", "category": "3"})


def test_threshold_never_goes_down(wave: Wave) -> None:
    changes.choose_catalogue(wave, by=cast.OPERATOR, smallest_base=50)
    with pytest.raises(ValueError, match="only goes up"):
        changes.choose_catalogue(wave, by=cast.OPERATOR, smallest_base=40)


def test_nothing_is_computed_before_a_person_confirmed(wave: Wave) -> None:
    with pytest.raises(NotReady) as refused:
        computing.compute_now(wave, by=cast.OPERATOR)
    assert refused.value.code == "nothing_confirmed"


def test_estimates_are_those_of_the_answers(computed: Done) -> None:
    """The raked weights bring the margins to the population; the measure is the weighted share of who was asked."""
    assert computed.computation.state == "done", computed.computation.problems
    totals = outcomes.totals_of(computed.computation)
    microdata, weights = answers(), np.ones(600)
    kern, sex = microdata.numbers("kern"), microdata.numbers("geslacht")
    for _ in range(200):
        for values, people in ((kern, (11_000, 9_000)), (sex, (9_900, 10_100))):
            for code, number in enumerate(people, start=1):
                weights[values == code] *= number / weights[values == code].sum()
    bothered = np.isin(microdata.numbers("hard_mate"), [1, 2])
    expected = 100 * weights[bothered].sum() / weights.sum()
    assert totals["hard_mate", "beetje_tot_veel"].amount == pytest.approx(expected, rel=1e-8)
    mean = (weights * microdata.numbers("cijfer")).sum() / weights.sum()
    assert totals["cijfer", "mean"].amount == pytest.approx(mean, rel=1e-8)
    steps = np.column_stack(
        [1 - (6 - microdata.numbers("s_1") - 1) / 4, *[(5 - microdata.numbers(f"s_{n}")) / 4 for n in (2, 3)]]
    )
    score = 10 * steps.mean(axis=1)
    assert totals["sociale_cohesie", "mean"].amount == pytest.approx((weights * score).sum() / weights.sum(), rel=1e-8)


def test_same_inputs_are_computed_once_and_other_inputs_are_out_of_date(computed: Done) -> None:
    assert computing.compute_now(computed.wave, by=cast.OPERATOR).pk == computed.computation.pk
    assert not outcomes.is_out_of_date(computed.computation)
    changes.choose_weighting(computed.wave, by=cast.OPERATOR, frame="sample", method="none")
    assert outcomes.is_out_of_date(computed.computation)
    assert computing.compute_now(computed.wave, by=cast.OPERATOR).pk != computed.computation.pk


def test_frames_stand_side_by_side(computed: Done) -> None:
    found = comparing.frames_apart(computed.computation)["cijfer", "mean"]
    sizes = computed.computation.diagnostics
    assert sizes["sample"]["respondents"] + sizes["panel"]["respondents"] == sizes["pooled"]["respondents"] == 600
    assert found.difference is not None


def test_hidden_estimate_has_no_number_in_the_database(computed: Done) -> None:
    row = SurveyEstimate.objects.filter(computation=computed.computation, is_hidden=False).first()
    assert row is not None
    row.is_hidden, row.why_hidden = True, "small_group"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_tables_come_back_as_blocks(computed: Done) -> None:
    found = {one.entry.code: one for one in outcomes.tabulated(computed.computation)}
    block = found["hard_mate"].block
    # Those with whom it does not occur are a row of their own, so that the rows add up to everybody.
    assert [row.code for row in found["hard_mate"].rows] == ["1", "2", "3", "not_asked"]
    shown = block.estimate[:, 0]
    assert np.nansum(shown) == pytest.approx(100)
    assert block.respondents[0] == 600
    assert block.estimate.shape[1] == 1 + 2 + 2 + 2  # everybody, kern, sex, and the frames that were pooled


def test_readers_see_outcomes_once_released(computed: Done) -> None:
    assert outcomes.shown_computation(computed.wave, can_manage=False) is None
    computing.release(computed.computation, by=cast.OPERATOR)
    assert outcomes.shown_computation(computed.wave, can_manage=False) == computed.computation


def test_computation_that_dies_halfway_leaves_nothing_and_is_swept(computed: Done) -> None:
    changes.choose_catalogue(computed.wave, by=cast.OPERATOR, smallest_base=40)
    asked = computing.ask_computation(computed.wave, by=cast.OPERATOR, queued=False)
    stopped = mock.patch.object(computing, "_estimate", side_effect=KeyboardInterrupt)
    with stopped, pytest.raises(KeyboardInterrupt), transaction.atomic():
        computing.compute(asked)
    assert not asked.rows.exists()
    assert not asked.tables.exists()
    Computation.objects.filter(pk=asked.pk).update(state="running", started_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert [one.pk for one in computing.sweep_stuck(by=cast.OPERATOR)] == [asked.pk]
    again = computing.compute_now(computed.wave, by=cast.OPERATOR)
    assert (again.state, again.pk != asked.pk) == ("done", True)


def test_error_in_a_computation_tells_its_place_and_never_its_message(
    computed: Done, caplog: pytest.LogCaptureFixture
) -> None:
    changes.choose_catalogue(computed.wave, by=cast.OPERATOR, smallest_base=45)
    secret = ValueError(f"the answer was {CANARY:.0f}")
    logging.getLogger("koersvast").addHandler(caplog.handler)
    with mock.patch.object(computing, "prepare", side_effect=secret), pytest.raises(RuntimeError) as raised:
        computing.compute_now(computed.wave, by=cast.OPERATOR)
    assert "ValueError" in caplog.text
    assert f"{CANARY:.0f}" not in caplog.text + str(raised.value)
    assert computed.wave.computations.order_by("-pk")[0].problems == [{"code": "went_wrong", "values": {}}]


def test_answer_of_a_respondent_is_nowhere_in_the_database_nor_in_the_clear_on_disk(computed: Done) -> None:
    needles = (f"{CANARY:.0f}", f"{CANARY:.1f}", repr(CANARY))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            told = "\n".join(map(str, cursor.fetchall()))
            assert not any(needle in told for needle in needles), table
    raw = np.float64(CANARY).tobytes()
    kept = [path for path in Path(settings.HOME).rglob("*") if path.is_file() and "sqlite" not in path.name]
    assert any(path.suffix == ".sealed" for path in kept)
    assert not any(raw in path.read_bytes() for path in kept)


def test_audit_is_whole_and_holds_no_estimates(computed: Done) -> None:
    assert verify().broken == ()
    rows = RowChange.objects.filter(table_name="surveys_surveyestimate")
    assert rows.exists()
    assert all('"amount"' not in (row.after or "") for row in rows)
    assert AuditRecord.objects.filter(event="computation.finished").exists()
