"""What a person says of one question: its role, words, answers, cuts, base and, of a score, how it is made.

The form is a few small forms that are read together; `CodebookForm.entry` makes the value, which checks itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.connectors.microdata import Code
from koersvast.surveys.codebook import (
    Answer,
    AreaKind,
    BadEntry,
    Base,
    Composition,
    Cut,
    Entry,
    Kind,
    Polarity,
    Role,
)
from koersvast.surveys.codebook.words import slug

MOST_CUTS = 60
ROLES: Mapping[Role, str | Promise] = {
    Role.QUESTION: gettext_lazy("Question: becomes outcomes"),
    Role.BACKGROUND: gettext_lazy("Background: to compare groups by"),
    Role.WEIGHT: gettext_lazy("Weight of each respondent"),
    Role.STRATUM: gettext_lazy("Stratum of the sample"),
    Role.CLUSTER: gettext_lazy("Cluster of the sample"),
    Role.POPULATION: gettext_lazy("Size of the population of the stratum"),
    Role.FRAME: gettext_lazy("Random sample or panel"),
    Role.OPEN: gettext_lazy("Open answer: stays in the sealed file"),
    Role.IGNORED: gettext_lazy("Is not used"),
}
KINDS: Mapping[Kind, str | Promise] = {
    Kind.SINGLE: gettext_lazy("One answer"),
    Kind.MULTIPLE: gettext_lazy("Several answers"),
    Kind.MARK: gettext_lazy("Mark from 1 to 10"),
    Kind.NUMBER: gettext_lazy("Number"),
    Kind.COMPOSITE: gettext_lazy("Score of several questions"),
}
POLARITIES: Mapping[Polarity, str | Promise] = {
    Polarity.LOWER_IS_BETTER: gettext_lazy("Lower is better"),
    Polarity.HIGHER_IS_BETTER: gettext_lazy("Higher is better"),
    Polarity.UNKNOWN: gettext_lazy("Neither"),
}
AREA_KINDS: Mapping[str, str | Promise] = {
    "": gettext_lazy("No"),
    AreaKind.KERN: gettext_lazy("Yes, a kern"),
    AreaKind.WIJK: gettext_lazy("Yes, a wijk"),
    AreaKind.BUURT: gettext_lazy("Yes, a buurt"),
}
PROBLEMS: Mapping[str, str | Promise] = {
    "cut_counts_nothing": gettext_lazy("A cut counts no answer. Tick at least one, or empty its name."),
    "cut_counts_unknown_answer": gettext_lazy(
        "A cut counts an answer that is marked as no answer. Untick one of both."
    ),
    "cut_twice": gettext_lazy("Two cuts have the same name. Give each its own."),
    "composition_does_not_fit": gettext_lazy(
        "This score cannot be made: the lowest value must be below the highest, and no more questions can be needed "
        "than there are."
    ),
    "several_variables": gettext_lazy("This question has several columns; it can only have several answers."),
    "area_is_no_background": gettext_lazy("Only a background can be an area."),
}


class AnswerForm(forms.Form):
    """One answer: its words, and whether it stands for no answer."""

    text_nl = forms.CharField(label=gettext_lazy("Text"), max_length=300)
    text_en = forms.CharField(label=gettext_lazy("Text in English"), max_length=300, required=False)
    is_missing = forms.BooleanField(label=gettext_lazy("No answer"), required=False)
    area_code = forms.CharField(label=gettext_lazy("Code of the area"), max_length=10, required=False)

    def __init__(self, data: Any, *, answer: Answer, prefix: str) -> None:
        self.answer = answer
        known = {name: getattr(answer, name) for name in self.base_fields}
        super().__init__(data, initial=known, prefix=prefix)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {answer.text_nl}"

    def made(self) -> Answer:
        """The answer as told."""
        return replace(self.answer, **self.cleaned_data)


class CutForm(forms.Form):
    """Answers that are counted together, or from which number to which. Without a name the cut is left out."""

    code = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    text_nl = forms.CharField(label=gettext_lazy("Name of the cut"), max_length=200, required=False)
    text_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=200, required=False)
    answers = forms.MultipleChoiceField(
        label=gettext_lazy("Which answers count"), required=False, widget=forms.CheckboxSelectMultiple
    )
    lowest = forms.FloatField(label=gettext_lazy("From"), required=False, localize=True)
    highest = forms.FloatField(label=gettext_lazy("To"), required=False, localize=True)

    def __init__(self, data: Any, *, answers: Sequence[Answer], cut: Cut | None, is_range: bool, prefix: str) -> None:
        self.codes: dict[str, Code] = {str(place): one.code for place, one in enumerate(answers)}
        super().__init__(data, initial=self._known(cut), prefix=prefix)
        chosen = self.fields["answers"]
        assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101 declared above
        chosen.choices = [(str(place), one.text_nl) for place, one in enumerate(answers)]
        for name in ("answers",) if is_range else ("lowest", "highest"):
            del self.fields[name]

    def _known(self, cut: Cut | None) -> dict[str, Any]:
        if cut is None:
            return {}
        ticked = [place for place, code in self.codes.items() if code in cut.answers]
        return {name: getattr(cut, name) for name in ("code", "text_nl", "text_en", "lowest", "highest")} | {
            "answers": ticked
        }

    def made(self, taken: set[str]) -> Cut | None:
        """The cut as told; None for one without a name. A new one gets a code of its own."""
        told = self.cleaned_data
        if not told["text_nl"]:
            return None
        code = told["code"] or slug(told["text_nl"], taken=taken)
        taken.add(code)
        return Cut(
            code=code,
            text_nl=told["text_nl"],
            text_en=told["text_en"],
            answers=tuple(self.codes[place] for place in told.get("answers", ())),
            lowest=told.get("lowest"),
            highest=told.get("highest"),
        )


class AskedForm(forms.Form):
    """Who was asked: everybody, or those who gave certain answers to another question."""

    variable = forms.ChoiceField(label=gettext_lazy("Who was asked this question?"), required=False)
    answers = forms.MultipleChoiceField(
        label=gettext_lazy("Who gave one of these answers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    others_count = forms.BooleanField(
        label=gettext_lazy("Who was not asked counts as “does not occur”, so the outcome is of everybody"),
        required=False,
    )

    def __init__(self, data: Any, *, base: Base | None, others: Sequence[Entry], prefix: str) -> None:
        self.entries = {one.variables[0]: one for one in others if one.kind is Kind.SINGLE and one.valid_answers}
        known = {"variable": base.variable, "others_count": base.others_count} if base else {}
        super().__init__(data, initial=known, prefix=prefix)
        asked = data.get(self.add_prefix("variable"), "") if data is not None else (base.variable if base else "")
        self.filter = self.entries.get(asked)
        answers = self.filter.valid_answers if self.filter else ()
        self.codes = {str(place): one.code for place, one in enumerate(answers)}
        variable, chosen = self.fields["variable"], self.fields["answers"]
        assert isinstance(variable, forms.ChoiceField)  # noqa: S101 declared above
        assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101 declared above
        variable.choices = [("", _("Everybody"))] + [
            (name, _("Only some, by: {question}").format(question=one.text_nl[:90]))
            for name, one in self.entries.items()
        ]
        chosen.choices = [(str(place), one.text_nl) for place, one in enumerate(answers)]
        if base and self.filter and base.variable == self.filter.variables[0]:
            chosen.initial = [place for place, code in self.codes.items() if code in base.answers]
        if not answers:
            del self.fields["answers"], self.fields["others_count"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "answers" in self.fields and not told.get("answers"):
            self.add_error("answers", _("Tick the answers after which this question was asked."))
        return told

    def made(self) -> Base | None:
        """The base as told; None for everybody."""
        told = self.cleaned_data
        if not told.get("variable") or not told.get("answers"):
            return None
        codes = tuple(self.codes[place] for place in told["answers"])
        return Base(variable=told["variable"], answers=codes, others_count=told["others_count"])


class CompositionForm(forms.Form):
    """How a score is made of its questions."""

    lowest = forms.FloatField(label=gettext_lazy("Lowest value of an answer"), localize=True)
    highest = forms.FloatField(label=gettext_lazy("Highest value of an answer"), localize=True)
    scale_to = forms.FloatField(label=gettext_lazy("The score runs from 0 to"), localize=True)
    least_answered = forms.IntegerField(
        label=gettext_lazy("How many of these questions someone must have answered"), min_value=1
    )
    reversed_items = forms.MultipleChoiceField(
        label=gettext_lazy("Turned round before counting"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A statement with which one agrees when things are bad."),
    )

    def __init__(self, data: Any, *, made_of: Composition, texts: Mapping[str, str], prefix: str) -> None:
        self.made_of = made_of
        known = {name: getattr(made_of, name) for name in self.base_fields}
        super().__init__(data, initial=known, prefix=prefix)
        turned = self.fields["reversed_items"]
        assert isinstance(turned, forms.MultipleChoiceField)  # noqa: S101 declared above
        turned.choices = [(name, texts.get(name, name)) for name in made_of.items]

    def made(self) -> Composition:
        """The composition as told, in the order of its questions."""
        told = self.cleaned_data
        turned = tuple(name for name in self.made_of.items if name in told["reversed_items"])
        return replace(self.made_of, **(told | {"reversed_items": turned}))


class EntryForm(forms.Form):
    """The question itself."""

    text_nl = forms.CharField(label=gettext_lazy("Question"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    text_en = forms.CharField(
        label=gettext_lazy("Question in English"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    role = forms.ChoiceField(label=gettext_lazy("What is it for?"), choices=[(k.value, v) for k, v in ROLES.items()])
    kind = forms.ChoiceField(label=gettext_lazy("How is it answered?"))
    polarity = forms.ChoiceField(
        label=gettext_lazy("Which way is better?"), choices=[(k.value, v) for k, v in POLARITIES.items()]
    )
    area_kind = forms.ChoiceField(
        label=gettext_lazy("Are the answers areas?"), required=False, choices=list(AREA_KINDS.items())
    )

    def __init__(self, data: Any, *, entry: Entry) -> None:
        known = {name: getattr(entry, name) for name in self.base_fields} | {"area_kind": entry.area_kind or ""}
        super().__init__(data, initial=known)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 declared above
        kind.choices = [(one.value, KINDS[one]) for one in _kinds(entry)]


def _kinds(entry: Entry) -> tuple[Kind, ...]:
    """How the columns of an entry can be read."""
    if entry.kind in {Kind.COMPOSITE, Kind.MULTIPLE}:
        return (entry.kind,)
    return (Kind.SINGLE, Kind.MARK, Kind.NUMBER)


class CodebookForm:
    """The forms of one entry together. `others` are the other entries of the wave, for the base and a score."""

    def __init__(self, data: Any, *, entry: Entry, others: Sequence[Entry]) -> None:
        self.before, self.data = entry, data
        self.main = EntryForm(data, entry=entry)
        self.answers = [AnswerForm(data, prefix=f"a{n}", answer=one) for n, one in enumerate(entry.answers)]
        self.cuts = [self._cut(place) for place in range(self._number_of_cuts())]
        self.base = AskedForm(data, prefix="base", base=entry.base, others=others)
        texts = {one.variables[0]: one.text_nl for one in others if len(one.variables) == 1}
        made_of = entry.composition
        self.composition = (
            CompositionForm(data, prefix="score", made_of=made_of, texts=texts) if made_of is not None else None
        )
        self.problem = ""

    @property
    def has_areas(self) -> bool:
        """Whether the answers can have a code of an area."""
        return self.before.area_kind is not None

    def _cut(self, place: int) -> CutForm:
        known = self.before.cuts[place] if place < len(self.before.cuts) else None
        is_range = self.before.has_mean
        countable = self.before.answers if self.before.kind is Kind.MULTIPLE else self.before.valid_answers
        return CutForm(self.data, prefix=f"c{place}", answers=countable, cut=known, is_range=is_range)

    def _number_of_cuts(self) -> int:
        """The cuts there are and one to add; a form that comes back has as many as it was sent with, or one more."""
        usual = len(self.before.cuts) + 1
        if self.data is None:
            return usual
        sent = str(self.data.get("cuts", ""))
        wanted = int(sent) if sent.isdecimal() and len(sent) < 4 else usual
        return min(max(wanted, usual), MOST_CUTS) + int(self.data.get("action") == "more")

    @property
    def _all(self) -> list[forms.Form]:
        made: list[forms.Form] = [self.main, *self.answers, *self.cuts, self.base]
        return [*made, *([self.composition] if self.composition else [])]

    def entry(self) -> Entry | None:
        """Return the entry as told; None where something still needs attention."""
        valid = [one.is_valid() for one in self._all]  # all of them, so that each shows what it needs
        if not all(valid):
            return None
        told, taken = self.main.cleaned_data, {one.code for one in self.before.cuts}
        cuts = tuple(cut for one in self.cuts if (cut := one.made(taken)) is not None)
        try:
            return replace(
                self.before,
                text_nl=told["text_nl"],
                text_en=told["text_en"],
                role=Role(told["role"]),
                kind=Kind(told["kind"]),
                polarity=Polarity(told["polarity"]),
                area_kind=AreaKind(told["area_kind"])
                if told["area_kind"] and told["role"] == Role.BACKGROUND
                else None,
                answers=tuple(one.made() for one in self.answers),
                cuts=cuts,
                base=self.base.made(),
                composition=self.composition.made() if self.composition else None,
            )
        except BadEntry as wrong:
            self.problem = str(PROBLEMS.get(wrong.problem, _("These choices do not fit together. Look at the cuts.")))
            return None

    @property
    def has_errors(self) -> bool:
        return bool(self.problem) or (self.data is not None and any(one.errors for one in self._all))
