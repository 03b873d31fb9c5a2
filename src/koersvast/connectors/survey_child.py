"""The disposable child in which a survey file is taken apart: `python -m koersvast.connectors.survey_child`.

It gives up what it does not need before it reads a byte of the file. The answer is a length, a header as JSON (what
confines it, or the problem), and then the container of `packed_columns`. Not imported by anything that serves a user.
"""

import json
import sys
from dataclasses import fields
from typing import Any

from koersvast.connectors.confinement import confine
from koersvast.connectors.sheets import FileRefused, refuse
from koersvast.connectors.spss_reading import read_spss
from koersvast.connectors.survey_limits import FoundSurvey, SurveyLimits


def main() -> None:
    """Confine, read one request, answer, end."""
    source = sys.stdin.buffer
    request = json.loads(source.read(int.from_bytes(source.read(4), "big")))
    limits = SurveyLimits(**{f.name: request["limits"][f.name] for f in fields(SurveyLimits)})
    held = confine(limits)
    sys.stdout.buffer.write(answer(request, [source.read(size) for size in request["sizes"]], limits, held))


def answer(request: dict[str, Any], pieces: list[bytes], limits: SurveyLimits, held: list[str]) -> bytes:
    """Return the whole answer to one request; every refusal is one too."""
    header: dict[str, Any] = {"confinement": held}
    packed = b""
    try:
        found = take_apart(request, pieces, limits)
        found.without(request["drop_columns"])
        limits.check_size(rows=len(found.variables[0].cells) if found.variables else 0, variables=len(found.variables))
        packed = found.packed()
    except FileRefused as refusal:
        found_problem = refusal.problem
        place = [found_problem.name, found_problem.line, found_problem.column, dict(found_problem.values)]
        header["problem"] = place
    except MemoryError:
        header["problem"] = ["unreadable_survey_file", None, None, {"reason": "memory"}]
    text = json.dumps(header).encode()
    return len(text).to_bytes(4, "big") + text + packed


def take_apart(request: dict[str, Any], pieces: list[bytes], limits: SurveyLimits) -> FoundSurvey:
    """Read the files of one request by their kind."""
    kind, data = request["kind"], pieces[0]
    if kind in {"sav", "zsav", "por"}:
        return read_spss(data, kind=kind, limits=limits)
    raise refuse("unknown_kind_of_survey_file")


if __name__ == "__main__":
    main()
