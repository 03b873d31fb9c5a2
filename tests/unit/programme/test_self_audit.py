"""The self-test: what nobody answered is not a no, answers come along with their day, a closed one stays."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from koersvast.access.conflicts import Changed
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.policy.models import Plan
from koersvast.programme.auditing import SEEN, Tally, norm_sets, norms, questions, tally
from koersvast.programme.changes.auditing import Proof, answer, close_audit, start_audit, take_back, take_step
from koersvast.programme.models import NormScore, PlanStep, SelfAudit
from koersvast.programme.queries.auditing import audit_sets, audits, plan_steps, seen
from koersvast.programme.wording.auditing import counted
from tests import cast
from tests.unit.programme.test_reporting import table_of

pytestmark = pytest.mark.django_db
ONE = "zicht-cijfers"


@pytest.fixture
def plan(dalfsen: Municipality) -> Plan:
    with scope(municipality=dalfsen):
        return table_of(dalfsen).own.programme.plan


def code_of(refused: ValidationError) -> set[str]:
    found = refused.error_dict.values() if hasattr(refused, "error_dict") else [[refused]]
    return {str(one.code) for those in found for one in those}


def test_questions_have_a_place_of_their_own_and_both_languages() -> None:
    assert len(questions()) == sum(len(one.questions) for one in norms().values())
    assert len(norm_sets()[0].norms) == 8
    for one in questions().values():
        assert one.text_nl.endswith("?")
        assert one.text_en.endswith("?")
        assert not one.sees or one.sees in SEEN
    assert {one.sees for one in questions().values()} - {""} == SEEN, "what is counted is shown somewhere"


@given(st.dictionaries(st.sampled_from(sorted(questions())), st.sampled_from(["yes", "partly", "no"])))
def test_counts_add_up_and_what_is_unanswered_is_no_no(scores: dict[str, str]) -> None:
    found = tally(questions().values(), scores)
    assert found.total == len(questions())
    assert found.answered == len(scores)
    assert found.no == list(scores.values()).count("no")


def test_answer_is_given_changed_and_taken_back(plan: Plan, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        row = start_audit(plan=plan, by=cast.OPERATOR)
        proofs = [Proof(label="Ledger", place="objective:inbraken"), Proof(label="Brief", url="https://example.nl/")]
        with pytest.raises(ValidationError) as refused:
            answer(self_audit=row, question=ONE, score="yes", text="Ja.", proofs=proofs, by=cast.OPERATOR)
        assert code_of(refused.value) == {"place_unknown"}
        first = answer(
            self_audit=row, question=ONE, score="yes", text="Ja.", proofs=proofs[1:], by=cast.OPERATOR, version=0
        )
        assert (first.version, first.evidence.get().url) == (1, "https://example.nl/")
        with pytest.raises(Changed):
            answer(self_audit=row, question=ONE, score="no", text="Nee.", by=cast.OPERATOR, version=0)
        second = answer(self_audit=row, question=ONE, score="no", text="Nee.", by=cast.OPERATOR, version=1)
        assert second.version == 2
        assert not second.evidence.exists()
        assert audits(plan, closed_only=False)[0][1] == Tally(no=1, unanswered=len(questions()) - 1)
        take_back(self_audit=row, question=ONE, by=cast.OPERATOR, version=2)
        assert audits(plan, closed_only=False)[0][1].answered == 0


@pytest.mark.parametrize(
    ("question", "score", "text", "proofs", "code"),
    [
        ("onbekend", "yes", "Ja.", [], "question_unknown"),
        (ONE, "maybe", "Ja.", [], "score_unknown"),
        (ONE, "yes", " ", [], "text_missing"),
        (ONE, "yes", "Bel 06-12345678", [], "personal_text"),
        (ONE, "yes", "Ja.", [Proof(label="", url="https://example.nl/")], "proof_missing"),
        (ONE, "yes", "Ja.", [Proof(label="x")] * 4, "too_many"),
    ],
)
def test_answer_that_cannot_be_is_refused_with_a_code(
    plan: Plan, dalfsen: Municipality, question: str, score: str, text: str, proofs: list[Proof], code: str
) -> None:
    with scope(municipality=dalfsen):
        row = start_audit(plan=plan, by=cast.OPERATOR)
        with pytest.raises(ValidationError) as refused:
            answer(self_audit=row, question=question, score=score, text=text, proofs=proofs, by=cast.OPERATOR)
        assert code_of(refused.value) == {code}
        assert not NormScore.objects.exists()


def test_closed_self_test_stays_and_the_next_brings_answers_with_their_day(plan: Plan, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        row = start_audit(plan=plan, by=cast.OPERATOR)
        proof = [Proof(label="Register", place="programme:up")]
        answer(self_audit=row, question=ONE, score="partly", text="Deels.", proofs=proof, by=cast.OPERATOR)
        with pytest.raises(ValidationError, match="loopt nog"):
            start_audit(plan=plan, by=cast.OPERATOR)
        with pytest.raises(ValidationError) as missing:
            close_audit(self_audit=row, note=" ", by=cast.OPERATOR)
        assert code_of(missing.value) == {"note_missing"}
        close_audit(self_audit=row, note="Naar het college.", by=cast.OPERATOR, version=1)
        for refused in (
            lambda: answer(self_audit=row, question=ONE, score="no", text="Nee.", by=cast.OPERATOR),
            lambda: take_back(self_audit=row, question=ONE, by=cast.OPERATOR),
            lambda: close_audit(self_audit=row, note="Nog eens.", by=cast.OPERATOR),
        ):
            with pytest.raises(ValidationError) as told:
                refused()
            assert told.value.code == "is_closed"
        earlier = timezone.localdate() - timedelta(days=400)
        NormScore.objects.update(answered_on=earlier)
        new = start_audit(plan=plan, by=cast.OPERATOR)
        asked = audit_sets(new, seen={})[0].norms[0].asked[0]
        assert asked.score is not None
        assert (asked.score.score, asked.score.answered_on, asked.is_older) == ("partly", earlier, True)
        assert asked.score.evidence.get().label == "Register"
        assert SelfAudit.objects.count() == 2


def test_counts_of_the_software_say_when_there_is_nothing_to_count(plan: Plan, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        found = seen(plan, today=timezone.localdate())
    assert set(found) == SEEN
    assert (found["owners"].met, found["owners"].total) == (3, 3)
    assert (found["costs"].met, found["costs"].total) == (0, 3)
    assert counted("agreements", met=0, total=0) == "Convenanten die nog gelden: er is nog niets om te tellen"
    assert counted("owners", met=3, total=3) == "Acties met een eigenaar: 3 van 3"


def test_steps_are_marked_left_out_with_a_reason_and_kept_apart_by_version(plan: Plan, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        assert {line.state for line in plan_steps(plan)} == {"open"}
        take_step(plan=plan, step="1", state="done", by=cast.OPERATOR, version=0)
        assert PlanStep.objects.get().done_on == timezone.localdate()
        with pytest.raises(Changed):
            take_step(plan=plan, step="1", state="open", by=cast.OPERATOR, version=0)
        tomorrow = timezone.localdate() + timedelta(days=1)
        for given, code in (
            ({"step": "13", "state": "done"}, "step_unknown"),
            ({"step": "2", "state": "half"}, "state_unknown"),
            ({"step": "2", "state": "skipped"}, "note_missing"),
            ({"step": "2", "state": "done", "done_on": tomorrow}, "day_ahead"),
            ({"step": "2", "state": "done", "note": "j.jansen@example.nl"}, "personal_text"),
        ):
            with pytest.raises(ValidationError) as refused:
                take_step(plan=plan, by=cast.OPERATOR, **given)
            assert code_of(refused.value) == {code}
        take_step(plan=plan, step="2", state="skipped", note="Er is al een werkgroep.", by=cast.OPERATOR)
        assert [line.state for line in plan_steps(plan)][:3] == ["done", "skipped", "open"]


def test_only_who_keeps_the_programme_answers(plan: Plan, dalfsen: Municipality, raadslid: User) -> None:
    with scope(municipality=dalfsen):
        with pytest.raises(PermissionDenied):
            start_audit(plan=plan, by=raadslid)
        row = start_audit(plan=plan, by=cast.OPERATOR)
        with pytest.raises(PermissionDenied):
            answer(self_audit=row, question=ONE, score="yes", text="Ja.", by=raadslid)
        answer(self_audit=row, question=ONE, score="yes", text="Een oordeel.", by=cast.OPERATOR)
    assert "Een oordeel" not in str([one.detail for one in AuditRecord.objects.all()])
