"""A new phase in a monthly chart: by a person who may, with a reason, once a month, and taken back with a trace."""

import pytest
from django_scopes import scope

from koersvast.access import audit
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.access.queries import Denied
from koersvast.indicators.changes import phases
from koersvast.indicators.models import ControlPhase
from tests import cast
from tests.figures import Register

AREA = "GM0148"


def test_a_phase_that_a_person_sets_has_their_name_reason_and_an_audit_record(register: Register, anouk: User) -> None:
    made = phases.rebase(register.burglary, area_code=AREA, starts="2016-05", reason=" Nieuwe wijkagent ", by=anouk)
    assert (made.starts, made.reason, made.set_by) == ("2016-05", "Nieuwe wijkagent", anouk)
    newest = AuditRecord.objects.latest("pk")
    assert (newest.event, newest.actor) == ("control_phase.set", f"user:{anouk.pk}")
    assert newest.detail == {"indicator": "woninginbraken", "period": "2016-05", "reason": "Nieuwe wijkagent"}
    assert audit.verify().is_whole


@pytest.mark.parametrize(
    ("starts", "reason"), [("2016", "jaar"), ("2016-Q2", "kwartaal"), ("2016-13", "x"), ("2016-05", " ")]
)
def test_what_is_no_month_or_has_no_reason_is_refused(
    register: Register, anouk: User, starts: str, reason: str
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 a bad period is a ValueError of its own
        phases.rebase(register.burglary, area_code=AREA, starts=starts, reason=reason, by=anouk)
    assert not ControlPhase.objects.exists()


def test_a_month_begins_one_phase_only_until_it_is_taken_back(register: Register, anouk: User) -> None:
    made = phases.rebase(register.burglary, area_code=AREA, starts="2016-05", reason="een", by=anouk)
    with pytest.raises(phases.PhaseIsThere):
        phases.rebase(register.burglary, area_code=AREA, starts="2016-05", reason="twee", by=anouk)
    ended = phases.end_phase(made, by=anouk)
    assert ended.ended_by == anouk
    with pytest.raises(phases.PhaseIsOver):
        phases.end_phase(made, by=anouk)
    phases.rebase(register.burglary, area_code=AREA, starts="2016-05", reason="drie", by=anouk)
    assert ControlPhase.objects.count() == 2


def test_who_may_not_bring_in_figures_sets_and_ends_no_phase(register: Register, anouk: User, raadslid: User) -> None:
    with pytest.raises(Denied):
        phases.rebase(register.burglary, area_code=AREA, starts="2016-05", reason="zomaar", by=raadslid)
    made = phases.rebase(register.burglary, area_code=AREA, starts="2016-05", reason="echt", by=anouk)
    with pytest.raises(Denied):
        phases.end_phase(made, by=raadslid)
    made.refresh_from_db()
    assert made.ended_at is None


def test_another_municipality_sees_no_phase_of_this_one(
    register: Register, anouk: User, raalte: Municipality, karim: User
) -> None:
    made = phases.rebase(register.burglary, area_code=AREA, starts="2016-05", reason="echt", by=anouk)
    with scope(municipality=raalte):
        assert not ControlPhase.objects.exists()
    with pytest.raises(Denied):
        phases.end_phase(made, by=karim)


def test_somebody_whose_role_ended_sets_no_phase(register: Register, anouk: User) -> None:
    cast.end_all(anouk)
    with pytest.raises(Denied):
        phases.rebase(register.burglary, area_code=AREA, starts="2016-05", reason="te laat", by=anouk)
