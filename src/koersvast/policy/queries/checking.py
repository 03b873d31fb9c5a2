"""The plan check: load the facts of a plan once, let the pure rules look, put words and answers beside the findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from koersvast.policy.models import Plan


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


def check(plan: Plan, *, today: date) -> CheckReport:
    """Run every rule on `plan` as it stands today."""
    raise NotImplementedError
