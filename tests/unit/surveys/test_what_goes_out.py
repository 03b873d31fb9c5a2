"""What leaves a wave: only what was published, in the words it was computed under; and what may come in."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_scopes import scope

from koersvast.access import changes as access
from koersvast.connectors.sealed import SealedStore
from koersvast.indicators.models import Source
from koersvast.surveys import changes
from koersvast.surveys.changes import computing, links
from koersvast.surveys.changes.files import MOST_A_TURN
from koersvast.surveys.changes.links import TakeOverRefused
from koersvast.surveys.queries.outcomes import entries_computed, tabulated
from tests import cast
from tests.unit.surveys.conftest import Done, answers, register_survey, sav

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR


def test_outcomes_that_nobody_published_do_not_go_on(computed: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(computed.municipality), "is_practice", True)
    with pytest.raises(TakeOverRefused) as refused:
        links.take_over_estimates(computed.wave, by=BY)
    assert refused.value.code == "not_released"


def test_published_outcomes_of_another_codebook_do_not_go_on(computed: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(computed.municipality), "is_practice", True)
    computing.release(computed.computation, by=BY)
    changes.reopen_entry(computed.wave.entries.get(code="cijfer"), by=BY)
    with pytest.raises(TakeOverRefused) as refused:
        links.take_over_estimates(computed.wave, by=BY)
    assert refused.value.code == "changed_since_released"


def test_published_numbers_keep_the_words_they_were_computed_under(computed: Done) -> None:
    computing.release(computed.computation, by=BY)
    row = computed.wave.entries.get(code="hard")
    told = replace(row.entry, text_nl="Rijdt men hier te hard, en gaat dat goed?")
    changes.confirm_entry(row, entry=told, by=BY)
    changes.reopen_entry(computed.wave.entries.get(code="cijfer"), by=BY)
    assert entries_computed(computed.computation)["hard"].text_nl != told.text_nl
    assert "cijfer" in {one.entry.code for one in tabulated(computed.computation)}


def test_real_answers_do_not_come_into_a_municipality_to_practise_with(held_rows: None, tmp_path: Path) -> None:
    access.load_roles(by=BY)
    place = access.register_municipality(code="GM9902", slug="proefdam", name="Proefdam", by=BY)
    real = sav(answers(), tmp_path).replace(b"SYNTHETISCH", b"VEILIGHEID ")
    with scope(municipality=place):
        wave = changes.open_wave(register_survey(place), period="2017", by=BY)
        with pytest.raises(changes.FileDoesNotFit) as refused:
            changes.receive_file(wave, data=real, file_name="a.sav", keep_until=_soon(), by=BY)
        assert refused.value.code == "real_answers_to_practise_with"
        assert not wave.files.exists()


def test_clock_that_jumps_destroys_a_few_a_turn_and_all_in_the_end(survey: Source, sav_bytes: bytes) -> None:
    wave = changes.open_wave(survey, period="2023", by=BY, is_synthetic=True)
    for _ in range(MOST_A_TURN + 1):
        file = changes.receive_file(wave, data=sav_bytes, file_name="a.sav", keep_until=_soon(), by=BY)
        file.fingerprint = str(file.pk)
        file.save(update_fields=["fingerprint"])
    moment = timezone.now() + timedelta(days=1000)
    assert len(changes.destroy_due(now=moment)) == MOST_A_TURN
    assert len(changes.destroy_due(now=moment)) == 1
    assert changes.destroy_due(now=moment) == []


def test_file_that_cannot_be_destroyed_does_not_keep_the_others(
    survey: Source, sav_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = []
    for period in ("2023", "2025"):
        wave = changes.open_wave(survey, period=period, by=BY, is_synthetic=True)
        files.append(changes.receive_file(wave, data=sav_bytes, file_name="a.sav", keep_until=_soon(), by=BY))
    destroy = SealedStore.destroy

    def stuck(self: SealedStore, name: str) -> None:
        if name == files[0].sealed_name:
            raise OSError("disk")
        destroy(self, name)

    moment = timezone.now() + timedelta(days=1000)
    with monkeypatch.context() as broken:
        broken.setattr(SealedStore, "destroy", stuck)
        assert [one.pk for one in changes.destroy_due(now=moment)] == [files[1].pk]
    files[0].refresh_from_db()
    assert files[0].can_be_read
    assert [one.pk for one in changes.destroy_due(now=moment)] == [files[0].pk]


def _soon() -> date:
    return timezone.localdate() + timedelta(days=30)
