"""Where the objectives stand, and what the plan check finds."""

from collections.abc import Sequence

from django.utils import timezone
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.cli.installation import municipality_of
from koersvast.cli.language import _
from koersvast.cli.output import check_form, day, print_csv, print_json, print_table
from koersvast.cli.ready import DONE, REFUSED, Refusal
from koersvast.policy.models import Plan
from koersvast.policy.queries.checking import CheckReport, Finding
from koersvast.policy.queries.standing import VerdictRow, verdict_rows
from koersvast.policy.wording.verdicts import verdict_name
from koersvast.programme.queries.checking import check as check_plan

KEYS = ("objective", "indicator", "period", "observed", "agreed", "attained", "evidence", "probability", "reason")


def plan_of(municipality: Municipality, code: str) -> Plan:
    """Return the plan with this code; without one the newest."""
    plans = list(Plan.objects.select_related("municipality"))
    found = next((one for one in plans if code in ("", one.code)), None)
    if found is None:
        known = ", ".join(sorted(one.code for one in plans)) or "-"
        raise Refusal(
            _("{place} has no plan {code}. Known: {known}.").format(place=municipality.name, code=code, known=known)
        )
    return found


def verdicts(plan: str, known_on: str, form: str, municipality: str) -> None:
    """Print every agreed value with what was observed and what that says."""
    check_form(form, "text", "json", "csv")
    today = timezone.localdate()
    place = municipality_of(municipality)
    with scope(municipality=place):
        rows = verdict_rows(plan_of(place, plan), known_on=day(known_on) or today, today=today)
        if form == "json":
            print_json([as_json(row) for row in rows])
        elif form == "csv":
            print_csv(KEYS, [[_plain(value) for value in as_json(row).values()] for row in rows])
        else:
            _as_text(rows)


def as_json(row: VerdictRow) -> dict[str, str | float | bool | None]:
    """One verdict with the keys that programs rely on; `probability` is rounded to four decimals."""
    return {
        "objective": row.objective,
        "indicator": row.indicator,
        "period": row.period,
        "observed": row.observed,
        "agreed": row.agreed,
        "attained": row.attained,
        "evidence": row.evidence.value,
        "probability": None if row.probability is None else round(row.probability, 4),
        "reason": row.reason,
    }


def _plain(value: str | float | bool | None) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _as_text(rows: Sequence[VerdictRow]) -> None:
    headings = [_("Year"), _("Agreed"), _("Observed"), _("Attained"), _("Evidence"), _("Probability")]
    for code in dict.fromkeys(row.objective for row in rows):
        own = [row for row in rows if row.objective == code]
        print(f"{own[0].objective_title} ({code})")
        print_table(headings, [_line(row) for row in own], numeric={1: True, 2: True, 5: True})
        for row in own:
            if row.is_headline:
                print(row.reason)
        print()


def _line(row: VerdictRow) -> list[str]:
    attained = {True: _("yes"), False: _("no"), None: "-"}[row.attained]
    observed, probability = row.observed_text or "-", row.probability_text or "-"
    return [row.period, row.agreed_text, observed, attained, verdict_name(row.evidence), probability]


def check(plan: str, form: str, municipality: str) -> int:
    """Print the findings; refuse (1) while an error or warning has no answer."""
    check_form(form, "text", "json")
    place = municipality_of(municipality)
    with scope(municipality=place):
        report = check_plan(plan_of(place, plan), today=timezone.localdate())
    if form == "json":
        print_json([finding_as_json(finding) for finding in report.findings])
    else:
        _findings_as_text(report)
    pressing = [one for one in report.open_findings if one.severity in ("error", "warning")]
    return REFUSED if pressing else DONE


def finding_as_json(finding: Finding) -> dict[str, str]:
    """One finding with the keys that programs rely on."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "place": finding.place,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _findings_as_text(report: CheckReport) -> None:
    names = {"error": _("error"), "warning": _("warning"), "note": _("note")}
    for finding in report.findings:
        print(f"{finding.code} {names.get(finding.severity, finding.severity)}: {finding.place}")
        print(f"  {finding.message}")
        print(f"  {_('What to do')}: {finding.remedy}")
        if finding.answer:
            print("  " + _("Answered by {name}: {text}").format(name=finding.answer.name, text=finding.answer.text))
    print(
        _("{plan}: {found} findings, {open} without an answer, {rules} rules.").format(
            plan=report.plan_title,
            found=len(report.findings),
            open=len(report.open_findings),
            rules=len(report.rules),
        )
    )
