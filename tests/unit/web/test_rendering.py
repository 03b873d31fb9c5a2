"""Forms come out in the design system's markup, with labels, hints and errors tied to their fields."""

from django import forms
from django.utils.translation import override


class Example(forms.Form):
    name = forms.CharField(help_text="Zoals de bron hem noemt.")
    note = forms.CharField(widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(choices=[("level", "Niveau"), ("points", "Punten")])
    reading = forms.ChoiceField(choices=[("a", "55,0"), ("b", "57,3")], widget=forms.RadioSelect)
    final = forms.BooleanField(required=False)
    file = forms.FileField(required=False)


def rendered(data: dict[str, str] | None = None) -> str:
    with override("nl"):
        return str(Example(data))


def test_field_has_the_class_of_its_kind() -> None:
    html = rendered()
    assert 'class="utrecht-textbox utrecht-textbox--html-input"' in html
    assert 'class="utrecht-textarea utrecht-textarea--html-textarea"' in html
    assert 'class="utrecht-select utrecht-select--html-select"' in html
    assert html.count("utrecht-radio-button--html-input") == 2
    assert "utrecht-checkbox--html-input" in html
    assert "kv-upload" in html


def test_field_with_a_class_of_its_own_keeps_it() -> None:
    field = forms.CharField(widget=forms.TextInput(attrs={"class": "utrecht-textbox--number"}))
    html = str(type("OneField", (forms.Form,), {"value": field})())
    assert 'class="utrecht-textbox utrecht-textbox--html-input utrecht-textbox--number"' in html


def test_field_that_is_refused_points_to_its_hint_and_its_error() -> None:
    html = rendered({})
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert 'href="#id_name"' in html  # the summary leads to the field


def test_field_that_may_stay_empty_says_so() -> None:
    assert rendered().count("(niet verplicht)") >= 2


def test_form_that_is_new_has_no_summary_of_errors() -> None:
    assert "data-error-summary" not in rendered()


def test_form_puts_no_style_on_elements() -> None:
    assert "style=" not in rendered({})


def test_form_escapes_what_a_person_typed() -> None:
    assert "<script>" not in rendered({"name": "<script>alert(1)</script>"})
