"""Which answers of a question count: scales recognised by their words, and the cuts that they offer. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from re import Pattern

from koersvast.connectors.microdata import Code, Variable
from koersvast.surveys.codebook import words
from koersvast.surveys.codebook.entries import Answer, Cut, Why

_MOST_CUTS = 12


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A recognised scale. `ordered` are its codes from least to most, where it has an order."""

    name: str
    cuts: tuple[Cut, ...]
    ordered: tuple[Code, ...] = ()


def answers_of(variable: Variable, *, unlabelled: Sequence[Code] = ()) -> tuple[Answer, ...]:
    """Return the answers by the labels of a variable; codes that occur without a label come by their number."""
    labelled = {code: label for code, label in variable.value_labels.items() if label.strip()}
    both = [*labelled, *(code for code in unlabelled if code not in labelled)]
    ordered = sorted(both, key=lambda code: (isinstance(code, str), code))
    return tuple(
        Answer(
            code=code,
            text_nl=labelled.get(code, code_text(code)),
            is_missing=says_nothing(variable, code),
            area_code=_area_code(code, labelled.get(code, "")),
        )
        for code in ordered
    )


def says_nothing(variable: Variable, code: Code) -> bool:
    """Whether a code stands for no answer: declared so by the file, or by the words of its label."""
    label = words.bare(variable.value_labels.get(code, ""))
    return variable.missing.holds(code) or bool(words.MISSING_ANSWER.search(label))


def code_text(code: Code) -> str:
    """Return a code of an answer as a short text: 3 and not 3.0."""
    return code if isinstance(code, str) else f"{code:g}"


def _area_code(code: Code, label: str) -> str:
    for text in (str(code), label):
        if found := words.AREA_CODE.search(text.upper()):
            return found[0]
    return ""


def likert(answers: Sequence[Answer]) -> tuple[Code, ...]:
    """The codes of an agree-disagree scale from fully disagree to fully agree; empty when it is no such scale."""
    places = (words.DISAGREE_MUCH, words.DISAGREE, words.NEUTRAL, words.AGREE, words.AGREE_MUCH)
    found: dict[int, Code] = {}
    for answer in answers:
        place = _place(words.bare(answer.text_nl), places)
        if place is None or place in found:
            return ()
        found[place] = answer.code
    if not {1, 3} <= set(found) or not found.keys() & {0, 4}:
        return ()
    return tuple(found[place] for place in sorted(found))


def _place(text: str, places: Sequence[Pattern[str]]) -> int | None:
    """The place of an answer on the scale: the neutral and the strong ones hold the words of the weak ones."""
    for place in (2, 0, 4, 1, 3):
        if places[place].search(text):
            return place
    return None


def scale_of(question: str, answers: Sequence[Answer]) -> tuple[Scale | None, tuple[Why, ...]]:
    """Recognise the scale of a question by the words of its valid answers, and the cuts that it offers."""
    if ordered := likert(answers):
        agreeing = tuple(code for code in ordered[-2:] if _says(answers, code, words.AGREE, words.AGREE_MUCH))
        cut = Cut(code="eens", text_nl="(helemaal) mee eens", text_en="(fully) agrees", answers=agreeing)
        return Scale(name="likert", cuts=(cut,), ordered=ordered), (Why(code="scale_of_agreement"),)
    for recognise in (_nuisance, _frequency, _satisfaction, _yes_or_no):
        found = recognise(words.bare(question), answers)
        if found is not None:
            return found, (Why(code=f"scale_{found.name}", values={"cuts": len(found.cuts)}),)
    return None, ()


def each_answer(answers: Sequence[Answer]) -> tuple[Cut, ...]:
    """A cut for every answer: for a question whose answers have no order. None for a very long list."""
    if len(answers) > _MOST_CUTS:
        return ()
    taken: list[str] = []
    for answer in answers:
        taken.append(words.slug(answer.text_nl, taken=[*taken, "mean"]))
    return tuple(
        Cut(code=code, text_nl=answer.text_nl, text_en=answer.text_en, answers=(answer.code,))
        for code, answer in zip(taken, answers, strict=True)
    )


def _codes(answers: Sequence[Answer], pattern: Pattern[str]) -> tuple[Code, ...]:
    return tuple(answer.code for answer in answers if pattern.search(words.bare(answer.text_nl)))


def _says(answers: Sequence[Answer], code: Code, *patterns: Pattern[str]) -> bool:
    text = next(words.bare(answer.text_nl) for answer in answers if answer.code == code)
    return any(pattern.search(text) for pattern in patterns) and not words.NEUTRAL.search(text)


def _nuisance(_: str, answers: Sequence[Answer]) -> Scale | None:
    """Much, a little, none: two measures that must never be taken for one another."""
    much, little, none = (_codes(answers, pattern) for pattern in (words.MUCH, words.A_LITTLE, words.NONE))
    little = tuple(code for code in little if code not in much)
    none = tuple(code for code in none if code not in much + little)
    if not (len(much) == len(none) == 1 and little) or len(answers) != len(much) + len(little) + len(none):
        return None
    cuts = (
        Cut(code="veel", text_nl="veel overlast", text_en="much nuisance", answers=much),
        Cut(
            code="beetje_tot_veel", text_nl="een beetje tot veel", text_en="a little to much", answers=(*little, *much)
        ),
    )
    return Scale(name="nuisance", cuts=cuts, ordered=(*none, *little, *much))


def _frequency(_: str, answers: Sequence[Answer]) -> Scale | None:
    often, sometimes, rarely = (_codes(answers, one) for one in (words.OFTEN, words.SOMETIMES, words.RARELY))
    if not often or not sometimes or len(often + sometimes + rarely) != len(answers):
        return None
    cuts = (
        Cut(code="vaak", text_nl="vaak", text_en="often", answers=often),
        Cut(code="wel_eens", text_nl="soms of vaak", text_en="sometimes or often", answers=(*sometimes, *often)),
    )
    return Scale(name="frequency", cuts=cuts, ordered=(*reversed(rarely), *reversed(sometimes), *reversed(often)))


def _satisfaction(_: str, answers: Sequence[Answer]) -> Scale | None:
    unhappy = _codes(answers, words.DISSATISFIED)
    happy = tuple(code for code in _codes(answers, words.SATISFIED) if code not in unhappy)
    if not happy or not unhappy:
        return None
    cut = Cut(code="tevreden", text_nl="(zeer) tevreden", text_en="(very) satisfied", answers=happy)
    return Scale(name="satisfaction", cuts=(cut,))


def _yes_or_no(question: str, answers: Sequence[Answer]) -> Scale | None:
    yes, no = _codes(answers, words.YES), _codes(answers, words.NO)
    if not yes or not no or len(yes + no) != len(answers):
        return None
    cut = Cut(code="ja", text_nl="ja", text_en="yes", answers=yes)
    if words.OCCURS.search(question):
        cut = Cut(code="komt_voor", text_nl="komt wel eens voor", text_en="sometimes occurs", answers=yes)
    return Scale(name="yes_or_no", cuts=(cut,), ordered=(*no, *yes))
