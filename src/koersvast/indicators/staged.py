"""Staged lines as plain JSON and back: what a delivery keeps between its preview and its taking over."""

from datetime import date
from decimal import Decimal
from typing import Any

from koersvast.connectors.problems import Problem
from koersvast.engine.quantities import Certainty, Missing
from koersvast.indicators.matching import Key, Known, Line, Remark


def line_to_json(line: Line) -> dict[str, Any]:
    """Return a line as values that JSON can keep; amounts as text, so that no digit is lost."""
    return {
        "outcome": line.outcome,
        "line": line.line,
        "column": line.column,
        "label": line.label,
        "period": line.period,
        "amount_text": line.amount_text,
        "key": [line.key.indicator, line.key.definition, line.key.source, line.key.area, line.key.period]
        if line.key
        else None,
        "amount": _amount_to_json(line.amount),
        "missing": line.missing.value if line.missing else "",
        "decimals": line.decimals,
        "certainty": line.certainty.value,
        "respondents": line.respondents,
        "low": line.low,
        "high": line.high,
        "standard_error": line.standard_error,
        "design_effect": line.design_effect,
        "note": line.note,
        "edition": line.edition,
        "exposure": line.exposure,
        "old": _known_to_json(line.old) if line.old else None,
        "refusal": [line.refusal.code, dict(line.refusal.values)] if line.refusal else None,
        "warnings": [[one.code, dict(one.values)] for one in line.warnings],
    }


def line_from_json(kept: dict[str, Any]) -> Line:
    """Return the line that `line_to_json` kept."""
    key = kept["key"]
    return Line(
        outcome=kept["outcome"],
        line=kept["line"],
        column=kept["column"],
        label=kept["label"],
        period=kept["period"],
        amount_text=kept["amount_text"],
        key=Key(indicator=key[0], definition=key[1], source=key[2], area=key[3], period=key[4]) if key else None,
        amount=_amount_from_json(kept["amount"]),
        missing=Missing(kept["missing"]) if kept["missing"] else None,
        decimals=kept["decimals"],
        certainty=Certainty(kept["certainty"]),
        respondents=kept["respondents"],
        low=kept["low"],
        high=kept["high"],
        standard_error=kept.get("standard_error"),
        design_effect=kept.get("design_effect"),
        note=kept["note"],
        edition=kept.get("edition"),
        exposure=kept.get("exposure"),
        old=_known_from_json(kept["old"]) if kept["old"] else None,
        refusal=Remark(code=kept["refusal"][0], values=kept["refusal"][1]) if kept["refusal"] else None,
        warnings=tuple(Remark(code=code, values=values) for code, values in kept["warnings"]),
    )


def problem_to_json(found: Problem) -> dict[str, Any]:
    """Return a problem of the file as values that JSON can keep."""
    return {
        "code": found.code,
        "line": found.line,
        "column": found.column,
        "value": found.value,
        "values": dict(found.values),
    }


def _known_to_json(known: Known) -> dict[str, Any]:
    return {
        "amount": _amount_to_json(known.amount),
        "missing": known.missing.value if known.missing else "",
        "certainty": known.certainty.value,
        "as_of": known.as_of.isoformat(),
        "decimals": known.decimals,
    }


def _known_from_json(kept: dict[str, Any]) -> Known:
    return Known(
        amount=_amount_from_json(kept["amount"]),
        missing=Missing(kept["missing"]) if kept["missing"] else None,
        certainty=Certainty(kept["certainty"]),
        as_of=date.fromisoformat(kept["as_of"]),
        decimals=kept["decimals"],
    )


def _amount_to_json(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _amount_from_json(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
