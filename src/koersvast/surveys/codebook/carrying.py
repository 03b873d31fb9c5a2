"""The codebook of an earlier wave on the file of this one: taken over by variable, with what changed. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from koersvast.surveys.codebook.entries import Base, Cut, Entry, Kind, Role, Suggestion, Why
from koersvast.surveys.codebook.words import bare


def carried(suggested: Suggestion, earlier: Sequence[Entry], *, period: str) -> Suggestion:
    """Return the earlier entry of the same variables fitted to the answers of this file, or the suggestion itself.

    What a person decided then (role, cuts, base, composition, translations) stays; sure when nothing changed.
    """
    entry = suggested.entry
    before = next((one for one in earlier if one.variables == entry.variables and one.kind is entry.kind), None)
    before = before or _same_variables_other_kind(entry, earlier)
    if before is None:
        return replace(suggested, why=(*suggested.why, Why(code="new_in_this_wave", values={"period": period})))
    changed = changes_between(before, entry)
    fitted = _fitted(before, entry)
    why = (Why(code="carried_from", values={"period": period}),)
    return Suggestion(entry=fitted, why=why, is_sure=not changed, changed=changed, carried_from=period)


def _same_variables_other_kind(entry: Entry, earlier: Sequence[Entry]) -> Entry | None:
    """An earlier entry that a person gave another kind than the software does."""
    return next(
        (one for one in earlier if one.variables == entry.variables and Kind.COMPOSITE not in {one.kind, entry.kind}),
        None,
    )


def changes_between(before: Entry, now: Entry) -> tuple[Why, ...]:
    """What changed in a question: its text, its answers, who was asked. Answers are told apart by their code."""
    found = []
    if bare(before.text_nl) != bare(now.text_nl):
        found.append(Why(code="text_changed", values={"before": before.text_nl[:300], "now": now.text_nl[:300]}))
    old = {answer.code: answer.text_nl for answer in before.answers}
    new = {answer.code: answer.text_nl for answer in now.answers}
    found += [Why(code="answer_added", values={"answer": new[code]}) for code in new if code not in old]
    found += [Why(code="answer_gone", values={"answer": old[code]}) for code in old if code not in new]
    found += [
        Why(code="answer_reworded", values={"before": old[code], "now": new[code]})
        for code in old
        if code in new and bare(old[code]) != bare(new[code])
    ]
    bases = tuple((one.base.variable, one.base.answers) if one.base else None for one in (before, now))
    if bases[0] != bases[1] and before.role is Role.QUESTION:
        names = [one[0] if one else "" for one in bases]
        found.append(Why(code="base_changed", values={"before": names[0], "now": names[1]}))
    return tuple(found)


def _fitted(before: Entry, now: Entry) -> Entry:
    """The earlier entry with the text and answers of this file; cuts keep the answers that are still there."""
    words = {answer.code: answer for answer in before.answers}
    answers = tuple(
        replace(
            answer,
            text_en=words[answer.code].text_en if bare(words[answer.code].text_nl) == bare(answer.text_nl) else "",
            is_missing=words[answer.code].is_missing,
            area_code=words[answer.code].area_code or answer.area_code,
        )
        if answer.code in words
        else answer
        for answer in now.answers
    )
    valid = {answer.code for answer in answers if not answer.is_missing}
    cuts = before.cuts if not answers else tuple(_kept(cut, valid) for cut in before.cuts)
    same_text = bare(before.text_nl) == bare(now.text_nl)
    return replace(
        before,
        text_nl=now.text_nl,
        text_en=before.text_en if same_text else "",
        answers=answers,
        cuts=tuple(cut for cut in cuts if cut.answers or cut.is_range),
        base=_base(before, now),
        is_confirmed=False,
    )


def _kept(cut: Cut, valid: set[str | float]) -> Cut:
    return replace(cut, answers=tuple(code for code in cut.answers if code in valid))


def _base(before: Entry, now: Entry) -> Base | None:
    """Who was asked now; whether the others count stays as a person decided, while the question before is the same."""
    if now.base is None or before.base is None or now.base.variable != before.base.variable:
        return now.base
    return replace(now.base, others_count=before.base.others_count)
