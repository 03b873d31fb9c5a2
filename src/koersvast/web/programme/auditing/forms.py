"""Forms of the self-test: an answer with where it can be checked, closing; and a step of making the plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koersvast.programme.auditing import Question
from koersvast.programme.changes.auditing import MOST_EVIDENCE, Proof
from koersvast.programme.council import PlaceKind
from koersvast.programme.models import NormScore, PlanStep
from koersvast.web.forms import NO_RESIDENTS, VersionedForm, day_field, long_text
from koersvast.web.programme.council import words as council_words

SCORES = [
    ("", _("Not answered yet")),
    (NormScore.Score.YES, _("Yes, we do")),
    (NormScore.Score.PARTLY, _("Partly so")),
    (NormScore.Score.NO, _("No, not yet")),
]
STATES = [
    (PlanStep.State.OPEN, _("Still to do")),
    (PlanStep.State.DONE, _("This step is done")),
    (PlanStep.State.SKIPPED, _("We leave this step out")),
]
type Places = list[tuple[PlaceKind, list[tuple[str, str]]]]


class AnswerForm(VersionedForm):
    """The answer to one question, with at most three places where it can be checked."""

    score = forms.ChoiceField(label=_("Your answer"), choices=SCORES, required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Why so?"), required=False, widget=long_text(2),
        help_text=_("Needed with every answer. No names of residents."),
    )  # fmt: skip

    def __init__(self, *args: Any, places: Places, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped = [(council_words.PLACE[kind], those) for kind, those in places if those]
        for number in range(MOST_EVIDENCE):
            self.fields[f"label_{number}"] = forms.CharField(
                label=_("What can be found there"), required=False, max_length=200
            )
            self.fields[f"place_{number}"] = forms.ChoiceField(
                label=_("Place in Koersvast"), required=False, choices=[("", _("no place here")), *grouped]
            )
            self.fields[f"url_{number}"] = forms.URLField(
                label=_("Or an address elsewhere"), required=False, assume_scheme="https"
            )

    def proofs(self) -> list[Proof]:
        """The places that were filled in."""
        given = self.cleaned_data
        found = [
            Proof(label=given[f"label_{number}"], place=given[f"place_{number}"], url=given[f"url_{number}"])
            for number in range(MOST_EVIDENCE)
        ]
        return [one for one in found if one.label or one.place or one.url]

    def proof_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each place."""
        return [[self[f"{name}_{number}"] for name in ("label", "place", "url")] for number in range(MOST_EVIDENCE)]

    def take_over(self, refused: Any) -> None:
        """What is wrong with a place comes at the first one."""
        if hasattr(refused, "error_dict"):
            for name in ("label", "place"):
                if name in refused.error_dict:
                    refused.error_dict[f"{name}_0"] = refused.error_dict.pop(name)
        super().take_over(refused)

    @staticmethod
    def values_of(score: NormScore | None) -> dict[str, Any]:
        """What the form shows of an answer; version 0 where there is none."""
        if score is None or score.pk is None:
            return {"version": 0, "score": "", "text": ""}
        found: dict[str, Any] = {"version": score.version, "score": score.score, "text": score.text}
        for number, one in enumerate(score.evidence.all()[:MOST_EVIDENCE]):
            found |= {f"label_{number}": one.label, f"place_{number}": one.place, f"url_{number}": one.url}
        return found

    @staticmethod
    def prefix_of(question: Question) -> str:
        """What the names of the fields of a question begin with."""
        return question.code


class CloseForm(VersionedForm):
    """What is done with the outcome."""

    note = forms.CharField(label=_("What will you do with it?"), widget=long_text(3), help_text=NO_RESIDENTS)


class StepForm(VersionedForm):
    """How far a step is."""

    state = forms.ChoiceField(label=_("How far is it?"), choices=STATES, widget=forms.RadioSelect)
    done_on = day_field(_("On which day was it done?"), required=False)
    note = forms.CharField(label=_("Remark on this step"), required=False, max_length=400, help_text=NO_RESIDENTS)

    @staticmethod
    def values_of(row: PlanStep | None) -> dict[str, Any]:
        """What the form shows of a step; version 0 where nobody marked it."""
        if row is None:
            return {"version": 0, "state": PlanStep.State.OPEN}
        return {"version": row.version, "state": row.state, "done_on": row.done_on, "note": row.note}
