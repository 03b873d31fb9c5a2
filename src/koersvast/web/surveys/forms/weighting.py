"""How a wave is weighted, the numbers of the population, and what is computed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.registers.given_margins import read_given_margin
from koersvast.surveys.models import WeightingChoice
from koersvast.surveys.models.weights import SHORTEST_STATEMENT
from koersvast.surveys.wording.files import file_sentence
from koersvast.surveys.wording.refusals import refusal
from koersvast.web.forms import day_field

Frame, Method = WeightingChoice.Frame, WeightingChoice.Method
FRAMES: Mapping[str, str | Promise] = {
    Frame.EVERYBODY: gettext_lazy("Everybody: the file has one group of respondents"),
    Frame.SAMPLE: gettext_lazy("The random sample only (recommended: everybody had a known chance to take part)"),
    Frame.PANEL: gettext_lazy("The panel only: members signed up themselves"),
    Frame.POOLED: gettext_lazy("Both together, with a statement"),
}
METHODS: Mapping[str, str | Promise] = {
    Method.GIVEN: gettext_lazy("Use the weight in the file as it is"),
    Method.RAKE: gettext_lazy("Raking: fit to several backgrounds at once (recommended when the file has no weight)"),
    Method.POST_STRATIFY: gettext_lazy("Post-stratification: fit to one background or one crossing"),
    Method.LINEAR: gettext_lazy("Linear calibration"),
    Method.LOGIT: gettext_lazy("Calibration with limits (logit)"),
    Method.NONE: gettext_lazy("Do not fit: the chance of being invited only"),
}
VARIANCES: Mapping[str, str | Promise] = {
    WeightingChoice.Variance.CALIBRATE: gettext_lazy("As calibrate() of R: the usual choice"),
    WeightingChoice.Variance.RAKE: gettext_lazy("As rake() of R: background after background"),
}
LONELY: Mapping[str, str | Promise] = {
    WeightingChoice.Lonely.REFUSE: gettext_lazy("Stop and say so"),
    WeightingChoice.Lonely.ADJUST: gettext_lazy("Measure from the mean of all (adjust, on the safe side)"),
    WeightingChoice.Lonely.AVERAGE: gettext_lazy("Take the average of the other strata (average)"),
    WeightingChoice.Lonely.CERTAINTY: gettext_lazy("Everybody there was asked (certainty)"),
    WeightingChoice.Lonely.REMOVE: gettext_lazy("Leave out of the margin (remove)"),
}
FITTED = {Method.RAKE, Method.POST_STRATIFY, Method.LINEAR, Method.LOGIT}


class WeightingForm(forms.Form):
    """Who counts, how they come to stand for everybody, and by which backgrounds."""

    frame = forms.ChoiceField(label=gettext_lazy("Who count?"), widget=forms.RadioSelect)
    statement = forms.CharField(
        label=gettext_lazy("Why are both groups taken together?"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy(
            "Only when you take both together. Members of a panel chose to take part; say why the outcomes can be "
            "trusted all the same. This goes along in the account of the method."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    method = forms.ChoiceField(label=gettext_lazy("How are they weighted?"), widget=forms.RadioSelect)
    margins = forms.MultipleChoiceField(
        label=gettext_lazy("Fit to these backgrounds"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A background can be chosen once its numbers of the population are filled in."),
    )
    trim_ratio = forms.FloatField(
        label=gettext_lazy("No weight above this many times the mean"),
        required=False,
        localize=True,
        min_value=1.01,
        max_value=100,
        help_text=gettext_lazy("Such as 5. Without a number no weight is cut off."),
    )
    lowest_ratio = forms.FloatField(
        label=gettext_lazy("Least that a weight may be multiplied by"), required=False, localize=True, min_value=0
    )
    highest_ratio = forms.FloatField(
        label=gettext_lazy("Most that a weight may be multiplied by"), required=False, localize=True, min_value=1
    )
    variance = forms.ChoiceField(
        label=gettext_lazy("Convention for the margins of error"),
        choices=list(VARIANCES.items()),
        help_text=gettext_lazy("Both are right; they differ a little. Choose what your research bureau uses."),
    )
    lonely = forms.ChoiceField(label=gettext_lazy("A stratum with one cluster only"), choices=list(LONELY.items()))

    def __init__(
        self,
        data: Any = None,
        *,
        choice: WeightingChoice | None,
        has_frames: bool,
        has_weight: bool,
        margins: Sequence[tuple[str, str]],
    ) -> None:
        frames = [Frame.SAMPLE, Frame.PANEL, Frame.POOLED] if has_frames else [Frame.EVERYBODY]
        methods = [one for one in METHODS if has_weight or one != Method.GIVEN]
        usual = Method.GIVEN if has_weight else Method.RAKE if margins else Method.NONE
        known = (
            {name: getattr(choice, name) for name in self.base_fields}
            if choice
            else {"frame": frames[0], "method": usual, "margins": [code for code, _name in margins]}
        )
        super().__init__(data, initial=known)
        self._offer("frame", [(one, FRAMES[one]) for one in frames])
        self._offer("method", [(one, METHODS[one]) for one in methods])
        self._offer("margins", margins)
        if not has_frames:
            del self.fields["statement"]

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 declared above
        field.choices = list(choices)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("frame") == Frame.POOLED and len(told.get("statement", "").strip()) < SHORTEST_STATEMENT:
            self.add_error("statement", _("Say in at least {least} letters why.").format(least=SHORTEST_STATEMENT))
        method, margins = told.get("method"), told.get("margins", [])
        if method in FITTED and not margins and "margins" not in self.errors:
            self.add_error("margins", _("Choose at least one background to fit to."))
        if method == Method.POST_STRATIFY and len(margins) > 1:
            self.add_error("margins", _("Post-stratification takes one background or one crossing."))
        if told.get("trim_ratio") and method != Method.RAKE:
            self.add_error("trim_ratio", _("Cutting off goes with raking only. Choose raking, or leave this empty."))
        if (told.get("lowest_ratio") or 0) >= 1:
            self.add_error("lowest_ratio", _("Choose a number below 1."))
        if told.get("highest_ratio") is not None and told["highest_ratio"] <= 1:
            self.add_error("highest_ratio", _("Choose a number above 1."))
        return told

    def told(self) -> dict[str, Any]:
        """The choice as `choose_weighting` takes it; without fitting there is nothing to fit to."""
        told = {"statement": "", **self.cleaned_data}
        if told["method"] not in FITTED:
            told |= {"margins": [], "lowest_ratio": None, "highest_ratio": None}
        if told["frame"] != Frame.POOLED:
            told["statement"] = ""
        return told

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """What everybody chooses."""
        return [self[name] for name in ("frame", "statement", "method", "margins") if name in self.fields]

    @property
    def fine_fields(self) -> list[forms.BoundField]:
        """What a researcher may choose."""
        return [self[name] for name in ("trim_ratio", "lowest_ratio", "highest_ratio", "variance", "lonely")]

    @property
    def fine_is_open(self) -> bool:
        return any(field.errors or field.initial for field in self.fine_fields[:3])


class MarginForm(forms.Form):
    """How many people of the population each group of a background has, and who says so."""

    source_text = forms.CharField(
        label=gettext_lazy("Where do these numbers come from?"),
        max_length=200,
        help_text=gettext_lazy("Such as: CBS StatLine, bevolking op 1 januari."),
    )
    as_of = day_field(gettext_lazy("The numbers are as of"))
    pasted = forms.CharField(
        label=gettext_lazy("Or paste two columns from Excel"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy(
            "The name of the group and the number of people. What you paste counts above what stands above."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    table = forms.FileField(
        label=gettext_lazy("Or choose a file with those two columns"),
        required=False,
        help_text=gettext_lazy("CSV, Excel (.xlsx) or OpenDocument (.ods), with the names of the groups as above."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        groups: Sequence[tuple[str, str]],
        known: Mapping[str, float],
        source_text: str,
        as_of: date | None,
    ) -> None:
        self.groups = list(groups)
        super().__init__(data, files, initial={"source_text": source_text, "as_of": as_of})
        for place, (code, name) in enumerate(self.groups):
            self.fields[f"people_{place}"] = forms.FloatField(
                label=name,
                min_value=0,
                localize=True,
                initial=known.get(code),
                error_messages={"required": _("Fill in how many people are in “{group}”.").format(group=name)},
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )
        self.order_fields(
            [*(f"people_{place}" for place in range(len(self.groups))), "pasted", "table", "source_text", "as_of"]
        )

    def clean_as_of(self) -> date:
        day: date = self.cleaned_data["as_of"]
        if day > timezone.localdate():
            raise ValidationError(_("This day lies ahead."), code="ahead")
        return day

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        brought = self._brought("pasted", told.get("pasted", "").encode())
        if told.get("table"):
            brought |= self._brought("table", told["table"].read())
        for place, (code, _name) in enumerate(self.groups):
            if code in brought:
                told[f"people_{place}"] = brought[code]
                self.errors.pop(f"people_{place}", None)
        return told

    def _brought(self, field: str, data: bytes) -> dict[str, float]:
        """Numbers by code from two columns of names and numbers; a name that is no group is refused."""
        if not data.strip():
            return {}
        given = read_given_margin(data)
        for problem in given.refused:
            self.add_error(field, file_sentence(problem))
        for reason in given.reasons:
            self.add_error(field, refusal(reason.code, reason.values))
        by_name = {name.casefold().strip(): code for code, name in self.groups}
        strange = sum(name.casefold() not in by_name for name in given.categories)
        if strange:
            self.add_error(field, refusal("groups_unknown", {"number": strange}))
        named = zip(given.categories, given.totals, strict=True)
        return {by_name[name.casefold()]: people for name, people in named if name.casefold() in by_name}

    def people(self) -> dict[str, float]:
        """The number of people of each group, by its code."""
        return {code: self.cleaned_data[f"people_{place}"] for place, (code, _name) in enumerate(self.groups)}


class CrossingForm(forms.Form):
    """Two backgrounds whose combinations are weighted by."""

    first = forms.ChoiceField(label=gettext_lazy("First background"))
    second = forms.ChoiceField(label=gettext_lazy("Second background"))

    def __init__(self, data: Any = None, *, backgrounds: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        for field in self.fields.values():
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 declared above
            field.choices = list(backgrounds)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("first") and told.get("first") == told.get("second"):
            self.add_error("second", _("Choose another background."))
        return told

    def code(self) -> str:
        """The code of the crossing."""
        return f"{self.cleaned_data['first']}*{self.cleaned_data['second']}"


class BreakdownForm(forms.Form):
    """By which backgrounds the outcomes are broken down, and from how many people on they are shown."""

    backgrounds = forms.MultipleChoiceField(
        label=gettext_lazy("Break the outcomes down by"), required=False, widget=forms.CheckboxSelectMultiple
    )
    smallest_base = forms.IntegerField(
        label=gettext_lazy("Show a figure from this many respondents on"),
        max_value=1000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    smallest_group = forms.IntegerField(
        label=gettext_lazy("Show an answer from this many respondents on"),
        max_value=1000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        backgrounds: Sequence[tuple[str, str]],
        chosen: Sequence[str],
        smallest_base: int,
        smallest_group: int,
    ) -> None:
        super().__init__(
            data,
            initial={"backgrounds": list(chosen), "smallest_base": smallest_base, "smallest_group": smallest_group},
        )
        field = self.fields["backgrounds"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 declared above
        field.choices = list(backgrounds)
        for name, least in (("smallest_base", smallest_base), ("smallest_group", smallest_group)):
            number = self.fields[name]
            assert isinstance(number, forms.IntegerField)  # noqa: S101 declared above
            number.min_value = least
            number.widget.attrs["min"] = least
            number.validators.append(_at_least(least))
            number.help_text = _("At least {least}. Once higher it does not come down again.").format(least=least)


def _at_least(least: int) -> Any:
    def check(value: int) -> None:
        if value < least:
            raise ValidationError(_("This only goes up: choose {least} or more.").format(least=least), code="lower")

    return check
