"""A codebook as the software proposes it, from names, labels and the pattern of answers. Pure; nothing is decided here.

Every suggestion says why. Nothing in it quotes a cell of an open answer: values are used only where the file labels
them, or where at least ten respondents gave the same one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from koersvast.connectors.microdata import Code, Floats, Level, Microdata, MultipleResponseSet, ValueKind, Variable
from koersvast.surveys.codebook import words
from koersvast.surveys.codebook.answers import answers_of, code_text, each_answer, likert, says_nothing, scale_of
from koersvast.surveys.codebook.carrying import carried
from koersvast.surveys.codebook.entries import (
    PANEL,
    SAMPLE,
    Answer,
    Composition,
    Cut,
    Entry,
    Kind,
    Polarity,
    Role,
    Suggestion,
    Why,
)
from koersvast.surveys.codebook.routing import with_bases

_MOST_TEXT_ANSWERS, _LEAST_GIVEN, _LONGEST_TEXT = 15, 10, 60
_MOST_UNLABELLED = 30
COHESION = "sociale_cohesie"
AGE_GROUPS = ((18, 34), (35, 49), (50, 64), (65, 120))


def suggest(microdata: Microdata, earlier: Sequence[Entry] = (), *, earlier_period: str = "") -> tuple[Suggestion, ...]:
    """Return an entry for every variable and set of a file, and the scores that its statements make.

    `earlier` are the confirmed entries of an earlier wave: what has the same variables is taken from there, with what
    changed since. Suggestions come in the order of the file.
    """
    taken: set[str] = set()
    sets = _sets(microdata)
    in_sets = {name for made, _ in sets for name in made.variables}
    found: list[Suggestion] = []

    def add(suggestion: Suggestion) -> None:
        found.append(suggestion)
        taken.add(suggestion.entry.code)

    for variable in microdata.variables:
        for made, why in sets:
            if made.variables[0] == variable.name:
                add(_of_set(microdata, made, why, taken))
        if variable.name not in in_sets:
            add(_of_variable(microdata, variable, taken))
    complete = with_bases(microdata, found)
    complete = (*complete, *_composites(complete, taken))
    return tuple(carried(one, earlier, period=earlier_period) for one in complete) if earlier else complete


def _of_variable(microdata: Microdata, variable: Variable, taken: set[str]) -> Suggestion:
    code = words.slug(variable.name, taken=taken)
    bare = Entry(
        code=code,
        variables=(variable.name,),
        role=Role.QUESTION,
        text_nl=variable.label or variable.name,
        level=variable.level,
        polarity=words.polarity_of(variable.label),
    )
    role, why = _role(microdata, variable)
    if role is not None:
        entry = replace(bare, role=role, kind=Kind.NUMBER, polarity=Polarity.UNKNOWN)
        return _frame(entry, variable) if role is Role.FRAME else Suggestion(entry=entry, why=why, is_sure=True)
    if variable.kind is ValueKind.DAY:
        return Suggestion(entry=replace(bare, role=Role.IGNORED), why=(Why(code="is_a_day"),), is_sure=True)
    if variable.kind is ValueKind.TEXT:
        return _of_text(microdata, variable, bare)
    return _of_number(microdata, variable, bare)


def _role(microdata: Microdata, variable: Variable) -> tuple[Role | None, tuple[Why, ...]]:
    """What a variable is for when it is no question: by the file's own word, else by its name or label."""
    if variable.name == microdata.weight_variable:
        return Role.WEIGHT, (Why(code="file_weighs_by_it"),)
    name, label = words.bare(variable.name), words.bare(variable.label)
    for role, pattern in words.ROLE_NAMES:
        texts = (name,) if role is Role.IGNORED else (name, label)
        if any(pattern.search(text) for text in texts) and (role is Role.IGNORED or _is_plain_number(variable)):
            return role, (Why(code=f"named_like_{role.value}", values={"variable": variable.name}),)
    labels = " ".join(words.bare(text) for text in variable.value_labels.values())
    names_a_frame = words.FRAME_VARIABLE.search(f"{name} {label}") or words.IS_SAMPLE.search(labels)
    if words.IS_PANEL.search(labels) and len(variable.value_labels) <= 4 and names_a_frame:
        return Role.FRAME, (Why(code="answers_name_a_panel"),)
    return None, ()


def _is_plain_number(variable: Variable) -> bool:
    return variable.kind is ValueKind.NUMBER and not [
        code for code in variable.value_labels if not variable.missing.holds(code)
    ]


def _frame(entry: Entry, variable: Variable) -> Suggestion:
    """The frames of a wave: which answers are members of a panel, the others the random sample."""
    answers = answers_of(variable)
    panel = tuple(one.code for one in answers if words.IS_PANEL.search(words.bare(one.text_nl)) and not one.is_missing)
    sample = tuple(one.code for one in answers if one.code not in panel and not one.is_missing)
    cuts = (
        Cut(code=SAMPLE, text_nl="steekproef", text_en="random sample", answers=sample),
        Cut(code=PANEL, text_nl="panel", text_en="panel", answers=panel),
    )
    filled = tuple(cut for cut in cuts if cut.answers)
    made = replace(entry, kind=Kind.SINGLE, answers=answers, cuts=filled)
    return Suggestion(entry=made, why=(Why(code="answers_name_a_panel"),), is_sure=len(filled) == len(cuts))


def _of_text(microdata: Microdata, variable: Variable, bare: Entry) -> Suggestion:
    """Texts with labels are answers; texts that many gave alike may be; anything else is an open answer."""
    if variable.value_labels:
        return _with_answers(bare, variable, answers_of(variable), ())
    given = Counter(text for text in microdata.texts(variable.name) if text and text.strip())
    few = len(given) <= _MOST_TEXT_ANSWERS and max(map(len, given), default=0) <= _LONGEST_TEXT
    if not given or not few or min(given.values()) < _LEAST_GIVEN:
        why = (Why(code="is_open_text"),) if given else (Why(code="has_no_answers"),)
        return Suggestion(entry=replace(bare, role=Role.OPEN if given else Role.IGNORED), why=why, is_sure=True)
    answers = answers_of(variable, unlabelled=sorted(given))
    found = _with_answers(bare, variable, answers, (Why(code="answers_from_values", values={"answers": len(answers)}),))
    return replace(found, is_sure=False)


def _of_number(microdata: Microdata, variable: Variable, bare: Entry) -> Suggestion:
    values = np.unique(microdata.answers(variable.name))
    values = values[~np.isnan(values)]
    labelled = [code for code in variable.value_labels if not says_nothing(variable, code)]
    if values.size == 0 and not labelled:
        empty = replace(bare, role=Role.IGNORED)
        return Suggestion(entry=empty, why=(Why(code="has_no_answers"),), is_sure=True)
    loose = [float(value) for value in values if float(value) not in variable.value_labels]
    if _is_mark(variable, values, labelled):
        answers = tuple(one for one in answers_of(variable) if one.is_missing)
        entry = replace(bare, kind=Kind.MARK, answers=answers)
        return Suggestion(entry=entry, why=(Why(code="mark_from_1_to_10"),), is_sure=_says_mark(variable))
    if labelled and len(loose) <= min(len(labelled), _MOST_UNLABELLED):
        why = (Why(code="values_without_label", values={"values": len(loose)}),) if loose else ()
        return _with_answers(bare, variable, answers_of(variable, unlabelled=loose), why)
    return _of_measure(variable, bare, values)


def _says_mark(variable: Variable) -> bool:
    return bool(words.MARK.search(words.bare(variable.label)))


def _is_mark(variable: Variable, values: Floats, labelled: Sequence[Code]) -> bool:
    """Whole numbers from 1 to 10 of which at most the ends have a label, or all are labelled by their own number."""
    kept = np.array([value for value in values if not says_nothing(variable, float(value))])
    whole = kept.size > 0 and bool(np.all(kept == np.round(kept))) and kept.min() >= 1 and kept.max() <= 10
    numbered = all(variable.value_labels[code].strip().startswith(code_text(code)) for code in labelled)
    return whole and (len(labelled) <= 2 or numbered) and (_says_mark(variable) or (kept.max() == 10 and kept.size > 5))


def _of_measure(variable: Variable, bare: Entry, values: Floats) -> Suggestion:
    """A number as it is: an age becomes groups to compare by."""
    missing = tuple(one for one in answers_of(variable) if one.is_missing)
    number = replace(bare, kind=Kind.NUMBER, answers=missing)
    text = f"{words.bare(variable.name)} {words.bare(variable.label)}"
    is_age = bool(words.AGE_IN_YEARS.search(text)) and float(values.min()) >= 10 and float(values.max()) <= 120
    if not is_age:
        return Suggestion(entry=number, why=(Why(code="is_a_number"),), is_sure=False)
    cuts = tuple(
        Cut(
            code=f"{low}-{high}" if high < 100 else f"{low}_plus",
            text_nl=f"{low}-{high} jaar" if high < 100 else f"{low} jaar en ouder",
            text_en=f"{low}-{high} years" if high < 100 else f"{low} years and over",
            lowest=float(low),
            highest=float(high),
        )
        for low, high in AGE_GROUPS
    )
    entry = replace(number, role=Role.BACKGROUND, cuts=cuts, polarity=Polarity.UNKNOWN)
    return Suggestion(entry=entry, why=(Why(code="age_in_groups", values={"groups": len(cuts)}),), is_sure=True)


def _with_answers(bare: Entry, variable: Variable, answers: tuple[Answer, ...], why: tuple[Why, ...]) -> Suggestion:
    """A question with listed answers, or a background when its words say so."""
    valid = tuple(one for one in answers if not one.is_missing)
    missing = len(answers) - len(valid)
    reasons = [*why, *([Why(code="missing_answers", values={"answers": missing})] if missing else [])]
    scale, because_of_scale = scale_of(f"{variable.label} {variable.name}", valid) if valid else (None, ())
    # "Voelt u zich onveilig in uw kern?" with often to never asks about a place, not where somebody lives.
    if (background := _background(variable)) and scale is None:
        area = words.AREAS.get(background)
        entry = replace(
            bare, role=Role.BACKGROUND, answers=answers, polarity=Polarity.UNKNOWN, area_kind=area,
            level=bare.level if bare.level is not Level.UNKNOWN else Level.NOMINAL,
        )  # fmt: skip
        because = Why(code="named_like_background", values={"background": background})
        return Suggestion(entry=entry, why=(because, *reasons), is_sure=not why)
    if not valid:
        return Suggestion(entry=replace(bare, role=Role.IGNORED), why=(Why(code="has_no_answers"),), is_sure=True)
    cuts = scale.cuts if scale else each_answer(valid)
    level = Level.ORDINAL if scale and scale.ordered else bare.level
    if not scale:
        reasons.append(Why(code="each_answer_apart" if cuts else "too_many_answers", values={"answers": len(valid)}))
    entry = replace(bare, answers=answers, cuts=cuts, level=level)
    return Suggestion(entry=entry, why=(*because_of_scale, *reasons), is_sure=not why and bool(cuts))


def _background(variable: Variable) -> str:
    texts = (words.bare(variable.name), words.bare(variable.label))
    return next(
        (name for name, pattern in words.BACKGROUNDS.items() if any(pattern.search(text) for text in texts)), ""
    )


def _sets(microdata: Microdata) -> list[tuple[MultipleResponseSet, Why]]:
    """The questions with several answers: those that the file names, and rows of named / not named under one stem."""
    declared = [(one, Why(code="file_names_the_set")) for one in microdata.sets]
    held = {name for one, _ in declared for name in one.variables}
    runs: list[list[Variable]] = []
    for variable in microdata.variables:
        if variable.name in held or _yes_code(variable) is None:
            continue
        last = runs[-1][-1] if runs else None
        if last is not None and any(_stem(last)) and _stem(last) == _stem(variable):
            runs[-1].append(variable)
        else:
            runs.append([variable])
    made = [
        (
            MultipleResponseSet(
                name=_stem(run[0])[0],
                label=_stem(run[0])[1],
                variables=tuple(one.name for one in run),
                counted=_yes_code(run[0]),
            ),
            Why(code="variables_named_or_not", values={"variables": len(run)}),
        )
        for run in runs
        if len(run) >= 3
    ]
    return declared + made


def _yes_code(variable: Variable) -> Code | None:
    """The code for "named" of a variable whose only labels are named and not named."""
    labels = {
        code: words.bare(label) for code, label in variable.value_labels.items() if not says_nothing(variable, code)
    }
    yes = [code for code, label in labels.items() if words.NAMED.search(label)]
    no = [code for code, label in labels.items() if words.NOT_NAMED.search(label)]
    return yes[0] if len(yes) == 1 and len(yes) + len(no) == len(labels) else None


def _stem(variable: Variable) -> tuple[str, str]:
    """What the variables of one question share: the name before its number, and the label before its answer."""
    name, separator, rest = variable.name.rpartition("_")
    label, colon, _ = variable.label.rpartition(":")
    dash, mark, _ = variable.label.rpartition(" - ")
    stem = label if colon else dash if mark else ""
    return (name, stem.strip()) if separator and rest.isalnum() and stem else ("", "")


def _of_set(microdata: Microdata, made: MultipleResponseSet, why: Why, taken: set[str]) -> Suggestion:
    """A question with several answers: an option for each variable, or for each category that any of them holds."""
    code = words.slug(made.name.lstrip("$"), taken=taken)
    variables = [microdata.variable(name) for name in made.variables]
    if made.counted is None:
        answers = answers_of(variables[0])
        cuts = each_answer(tuple(one for one in answers if not one.is_missing))
    else:
        answers = tuple(Answer(code=one.name, text_nl=_option(one)) for one in variables)
        cuts = each_answer(answers)
    entry = Entry(
        code=code,
        variables=made.variables,
        role=Role.QUESTION,
        kind=Kind.MULTIPLE,
        text_nl=made.label or made.name,
        answers=answers,
        cuts=cuts,
        counted=made.counted,
        level=Level.NOMINAL,
        polarity=words.polarity_of(made.label),
    )
    is_sure = why.code == "file_names_the_set" or not words.YES.search(
        words.bare(variables[0].value_labels.get(made.counted or "", ""))
    )
    return Suggestion(entry=entry, why=(why,), is_sure=is_sure)


def _option(variable: Variable) -> str:
    """What an option of a set is called: the end of its label."""
    for separator in (":", " - "):
        _, found, option = variable.label.rpartition(separator)
        if found and option.strip():
            return option.strip()
    return variable.label or variable.name


def _composites(suggested: Sequence[Suggestion], taken: set[str]) -> tuple[Suggestion, ...]:
    """The score of social cohesion, and of every other row of statements, where at least three share one scale."""
    series: dict[tuple[str, tuple[Code, ...]], list[Entry]] = {}
    for one in suggested:
        entry = one.entry
        ordered = likert(entry.valid_answers) if entry.role is Role.QUESTION and entry.kind is Kind.SINGLE else ()
        if ordered and _are_even(ordered) and (name := _series_of(entry)):
            series.setdefault((name, ordered), []).append(entry)
    found = []
    for (name, ordered), entries in series.items():
        if len(entries) >= 3:
            found.append(_score(entries, ordered, name, words.slug(name, taken=taken)))
            taken.add(found[-1].entry.code)
    return tuple(found)


def _series_of(entry: Entry) -> str:
    """The row of statements that an entry belongs to: cohesion by its words, others by a shared, numbered name."""
    if words.COHESION.search(words.bare(entry.text_nl)):
        return COHESION
    numbered = words.NUMBERED.fullmatch(entry.variables[0])
    return numbered[1] if numbered else ""


def _are_even(ordered: Sequence[Code]) -> bool:
    """Whether the codes of a scale are numbers with equal steps."""
    if any(isinstance(code, str) for code in ordered):
        return False
    steps = np.diff(np.array([float(code) for code in ordered]))
    return bool(np.all(steps == steps[0]))


def _score(entries: Sequence[Entry], ordered: Sequence[Code], series: str, code: str) -> Suggestion:
    first, last = float(ordered[0]), float(ordered[-1])
    agrees_low = last < first
    items = tuple(entry.variables[0] for entry in entries)
    negative = {entry.variables[0] for entry in entries if words.REVERSED.search(words.bare(entry.text_nl))}
    turned = tuple(item for item in items if (item in negative) != agrees_low)
    made = Composition(
        items=items,
        reversed_items=turned,
        lowest=min(first, last),
        highest=max(first, last),
        scale_to=10,
        least_answered=len(items) // 2 + 1,
    )
    entry = Entry(
        code=code,
        variables=items,
        role=Role.QUESTION,
        kind=Kind.COMPOSITE,
        text_nl="Schaalscore sociale cohesie" if series == COHESION else f"Schaalscore {series}",
        text_en="Scale score of social cohesion" if series == COHESION else f"Scale score {series}",
        composition=made,
        polarity=Polarity.HIGHER_IS_BETTER,
        level=Level.SCALE,
    )
    why = (
        Why(
            code="statements_of_cohesion" if series == COHESION else "statements_in_a_row",
            values={"statements": len(items)},
        ),
        *(Why(code="statement_turned_round", values={"variable": name}) for name in items if name in negative),
    )
    return Suggestion(entry=entry, why=why, is_sure=False)
