"""The plan check: load the facts of a plan once, let the pure rules look, put words and answers beside the findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localtime

from koersvast.indicators.wording import language_now
from koersvast.policy.checks import RULES, run
from koersvast.policy.checks.findings import Found
from koersvast.policy.models import Answer, Plan
from koersvast.policy.queries.facts import plan_facts
from koersvast.policy.rulebook import SEVERITIES, RuleEntry, rule_entries
from koersvast.policy.wording import findings as wording


@dataclass(frozen=True, kw_only=True)
class GivenAnswer:
    """A named person's answer to a finding: known, because ..."""

    text: str
    name: str
    answered_on: date


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding in words. `place_key` is stable (it is what an answer refers to), `place` is for people."""

    code: str
    severity: str
    """error, warning or note."""
    title: str
    place_key: str
    place: str
    message: str
    remedy: str
    basis: str
    values: Mapping[str, float | int | str]
    answer: GivenAnswer | None


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule of the plan check with its basis (law, method) and from when it holds."""

    code: str
    severity: str
    title: str
    basis: str
    valid_from: date
    findings: int


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """All findings, most severe first, and all rules that looked. `open_findings` have no answer."""

    plan_code: str
    plan_title: str
    findings: tuple[Finding, ...]
    rules: tuple[RuleLine, ...]
    stale_answers: tuple[str, ...]
    """Answers whose finding no longer occurs, as `rule@place`."""

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.answer is None)


@dataclass(frozen=True, kw_only=True)
class WordedFinding:
    """A finding of a rule of an upper floor, in words already."""

    code: str
    place_key: str
    place: str
    message: str
    remedy: str
    values: Mapping[str, float | int | str]


@dataclass(frozen=True, kw_only=True)
class FurtherRules:
    """The rules of an upper floor that looked, and what they found."""

    entries: Mapping[str, RuleEntry]
    findings: tuple[WordedFinding, ...]


NOTHING_FURTHER = FurtherRules(entries={}, findings=())


def check(plan: Plan, *, today: date, further: FurtherRules = NOTHING_FURTHER) -> CheckReport:
    """Run every rule that holds today on `plan`, with the figures as they are known today.

    `further` are findings of an upper floor: they are answered and counted like those of here. Pages, documents and
    commands ask `programme.queries.checking`, which adds them.
    """
    entries = {code: entry for code, entry in rule_entries().items() if code in RULES and entry.holds_on(today)}
    found = run(plan_facts(plan, today=today), codes=list(entries))
    answers = {(answer.rule, answer.place): answer for answer in plan.answers.all()}
    findings = [_finding(_in_words(one), entries[one.code], answers) for one in found]
    findings += [_finding(one, further.entries[one.code], answers) for one in further.findings]
    occurring = {(one.code, one.place_key) for one in findings}
    return CheckReport(
        plan_code=plan.code,
        plan_title=plan.title,
        findings=tuple(sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.code))),
        rules=tuple(
            _rule(entry, sum(one.code == code for one in findings))
            for code, entry in {**entries, **further.entries}.items()
        ),
        stale_answers=tuple(f"{rule}@{place}" for rule, place in answers if (rule, place) not in occurring),
    )


def _in_words(found: Found) -> WordedFinding:
    return WordedFinding(
        code=found.code,
        place_key=found.place.key,
        place=wording.place(found.place),
        message=wording.message(found),
        remedy=wording.remedy(found),
        values=found.values,
    )


def _finding(said: WordedFinding, entry: RuleEntry, answers: Mapping[tuple[str, str], Answer]) -> Finding:
    answer = answers.get((said.code, said.place_key))
    return Finding(
        code=said.code,
        severity=entry.severity,
        title=entry.title_en if language_now() == "en" else entry.title_nl,
        place_key=said.place_key,
        place=said.place,
        message=said.message,
        remedy=said.remedy,
        basis=entry.basis_en if language_now() == "en" else entry.basis_nl,
        values=said.values,
        answer=_given(answer) if answer else None,
    )


def _given(answer: Answer) -> GivenAnswer:
    return GivenAnswer(text=answer.text, name=answer.name, answered_on=localtime(answer.answered_at).date())


def _rule(entry: RuleEntry, findings: int) -> RuleLine:
    return RuleLine(
        code=entry.code,
        severity=entry.severity,
        title=entry.title_en if language_now() == "en" else entry.title_nl,
        basis=entry.basis_en if language_now() == "en" else entry.basis_nl,
        valid_from=entry.valid_from,
        findings=findings,
    )
