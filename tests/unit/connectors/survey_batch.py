"""The survey children of the product, made to take thousands of files: a test's way to afford them.

One process imports what the child imports, and forks for each file: the fork confines itself as the child does, answers
with the child's own function, and ends. So each file has a process of its own, and costs a fork and no start.
"""

import json
import os
import sys
from dataclasses import fields
from typing import Any

from koersvast.connectors import spss_child, survey_table_child
from koersvast.connectors.confinement import confine
from koersvast.connectors.survey_child import answer
from koersvast.connectors.survey_limits import SurveyLimits


def main() -> None:
    """Answer requests (length, request as JSON, the files) until standard input ends."""
    source, out = sys.stdin.buffer, sys.stdout.buffer
    while size := source.read(4):
        request = json.loads(source.read(int.from_bytes(size, "big")))
        pieces = [source.read(each) for each in request["sizes"]]
        found, ended = _in_a_fork(request, pieces)
        out.write(len(found).to_bytes(4, "big") + ended.to_bytes(4, "big") + found)
        out.flush()


def _in_a_fork(request: dict[str, Any], pieces: list[bytes]) -> tuple[bytes, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            limits = SurveyLimits(**{f.name: request["limits"][f.name] for f in fields(SurveyLimits)})
            held = confine(limits)
            is_spss = request["kind"] in {"sav", "zsav", "por"}
            take_apart = spss_child.take_apart if is_spss else survey_table_child.take_apart
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(answer(take_apart, request, pieces, limits, held))
        except BaseException:  # noqa: BLE001 (the real child would end with a traceback that nobody sees)
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = pipe.read()
    status = os.waitpid(child, 0)[1]
    return found, abs(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
