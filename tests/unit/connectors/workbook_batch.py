"""The workbook child of the product, made to take many workbooks one after another: a test's way to afford thousands.

It confines itself as the child does and takes each workbook apart with the child's own function. A workbook on which
the real child would have ended without an answer is answered with the name of the exception.
"""

import json
import sys
from dataclasses import fields
from typing import Any

from koersvast.connectors.confinement import confine
from koersvast.connectors.sheets import FileRefused, Limits
from koersvast.connectors.workbook_child import take_apart

_MOST_CPU_SECONDS = 600


def main() -> None:
    """Answer requests (length, limits as JSON, length, workbook) until standard input ends."""
    first = json.loads(_piece() or b"{}")
    limits = Limits(**{field.name: first[field.name] for field in fields(Limits)})
    confine(Limits(**{**first, "cpu_seconds": _MOST_CPU_SECONDS}))
    while data := _piece():
        answer = json.dumps(_answer(data, limits)).encode()
        sys.stdout.buffer.write(len(answer).to_bytes(4, "big") + answer)
        sys.stdout.buffer.flush()


def _piece() -> bytes:
    size = int.from_bytes(sys.stdin.buffer.read(4), "big")
    return sys.stdin.buffer.read(size)


def _answer(data: bytes, limits: Limits) -> dict[str, Any]:
    try:
        return take_apart(data, wanted="", limits=limits) | {"confinement": []}
    except FileRefused as refusal:
        found = refusal.problem
        return {"problem": [found.name, found.line, found.column, dict(found.values)]}
    except MemoryError:
        return {"problem": ["unreadable_file", None, None, {"reason": "memory"}]}
    except BaseException as error:  # noqa: BLE001 (a panic of a Rust library is no Exception, and ends the real child)
        return {"ended_by": type(error).__name__}


if __name__ == "__main__":
    main()
