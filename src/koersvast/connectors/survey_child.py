"""What the two children share in which survey files are taken apart, `spss_child` and `survey_table_child`.

They are two, so that a table need not wait for the libraries that read SPSS. The answer of a child is a length, a
header as JSON (what confines it, or the problem), and then the container of `packed_columns`.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from koersvast.connectors.confinement import confine
from koersvast.connectors.sheets import FileRefused
from koersvast.connectors.survey_limits import FoundSurvey, SurveyLimits

TakeApart = Callable[[dict[str, Any], list[bytes], SurveyLimits], FoundSurvey]


def run(take_apart: TakeApart) -> None:
    """Confine this process, read one request, answer; the process then ends."""
    source = sys.stdin.buffer
    request = json.loads(source.read(int.from_bytes(source.read(4), "big")))
    limits = SurveyLimits(**{f.name: request["limits"][f.name] for f in fields(SurveyLimits)})
    held = confine(limits)
    pieces = [source.read(size) for size in request["sizes"]]
    sys.stdout.buffer.write(answer(take_apart, request, pieces, limits, held))


def answer(
    take_apart: TakeApart, request: dict[str, Any], pieces: list[bytes], limits: SurveyLimits, held: list[str]
) -> bytes:
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
