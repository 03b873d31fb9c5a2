"""What the weighting of a frame came to, as plain values to be kept with its estimates. Pure."""

from dataclasses import asdict
from typing import Any

from koersvast.engine.weight_diagnostics import weight_spread
from koersvast.surveys.preparing import Prepared


def diagnostics_as_dict(prepared: Prepared) -> dict[str, Any]:
    """Design effect, effective respondents, how the weights lie, and every margin before and after.

    Categories go by their codes; "" is who has no known category. Shares in percent, counts of respondents of margin
    categories included: they are of the whole frame, and who decides on weights has to see them.
    """
    found, fitted = prepared.diagnostics, prepared.fitted
    return {
        "design_effect": found.design_effect,
        "effective_respondents": found.effective_respondents,
        "smallest": found.smallest / found.mean,
        "largest": found.largest / found.mean,
        "ratio": found.ratio if found.smallest > 0 else None,
        "top_percent_share": found.top_percent_share,
        "total": found.total,
        "spread": [asdict(one) for one in weight_spread(prepared.design.weights)],
        "method": fitted.method.name if fitted else "",
        "converged": fitted.converged if fitted else None,
        "iterations": fitted.iterations if fitted else None,
        "largest_gap": fitted.largest_gap if fitted else None,
        "trimmed": fitted.trimmed if fitted else 0,
        "margins": [
            {
                "code": table.code,
                "rows": [
                    {
                        "category": _name(prepared, table.code, row.category),
                        "respondents": row.respondents,
                        "unweighted_percent": row.unweighted_percent,
                        "before_percent": row.before_percent,
                        "after_percent": row.after_percent,
                        "population_percent": row.population_percent,
                    }
                    for row in table.rows
                ],
            }
            for table in found.margins
        ],
    }


def _name(prepared: Prepared, code: str, category: int) -> str:
    names = prepared.margin_categories.get(code, ())
    return names[category] if category < len(names) else ""
