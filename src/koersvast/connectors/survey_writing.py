"""Write microdata that nobody answered as a .sav file, for tests and for the demo.

Real answers never leave the sealed store, so only microdata that say SYNTHETISCH of themselves are written.
"""

from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from koersvast.connectors.microdata import Microdata, ValueKind, Variable


class NotSynthetic(ValueError):
    """Microdata of real respondents, which may not be written to a file in clear."""


def write_sav(microdata: Microdata, path: Path, *, compress: bool = False) -> None:
    """Write a .sav file (or, with `compress`, a .zsav file): labels, missing codes, levels, file label and notes.

    Multiple-response sets and the name of the weight are not written: the library beneath cannot. Raises NotSynthetic.
    """
    if not microdata.is_synthetic:
        raise NotSynthetic("Only synthetic microdata may be written to a file.")
    by_name = {variable.name: variable for variable in microdata.variables}
    pyreadstat.write_sav(
        pl.DataFrame(pl.from_arrow(microdata.table)),
        str(path),
        file_label=microdata.file_label[:64],
        column_labels={name: v.label for name, v in by_name.items() if v.label},
        compress=compress,
        note=list(microdata.notes) or None,
        variable_value_labels={name: _labels(v) for name, v in by_name.items() if v.value_labels},
        missing_ranges={name: found for name, v in by_name.items() if (found := _missing(v))},
        variable_measure={name: v.level.value for name, v in by_name.items()},
        variable_format={name: f"F8.{v.decimals}" for name, v in by_name.items() if v.kind is ValueKind.NUMBER},
    )


def _labels(variable: Variable) -> dict[Any, str]:
    return dict(variable.value_labels)


def _missing(variable: Variable) -> list[Any]:
    return [*variable.missing.values, *({"lo": low, "hi": high} for low, high in variable.missing.ranges)]
