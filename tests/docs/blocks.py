"""Fenced blocks of a documentation page, and whether what a command said is what the page shows."""

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<kind>\w*)[ ]?(?P<name>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
CLICK = re.compile(r"^<!-- klik: (?P<what>.+?) -->$", re.MULTILINE)
ELLIPSIS = "…"
# A no-break space in a file looks like any other, and editors lose it.
BREAKABLE = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "})


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block, or a click: `kind` is console, csv, sh … or klik."""

    kind: str
    name: str
    body: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command of a console block, with the output that the page shows and the line where it stands."""

    command: str
    output: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Return the blocks and clicks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = [
        (match.start(), Block(kind=match["kind"], name=match["name"].strip(), body=match["body"], line=0))
        for match in FENCE.finditer(text)
    ]
    found += [
        (match.start(), Block(kind="klik", name="", body=match["what"], line=0)) for match in CLICK.finditer(text)
    ]
    return [
        Block(kind=block.kind, name=block.name, body=block.body, line=text.count("\n", 0, start) + 1)
        for start, block in sorted(found, key=lambda one: one[0])
    ]


def steps(block: Block) -> list[Step]:
    """Return the commands of a console block: each `$ …` line with the lines up to the next."""
    found: list[Step] = []
    for number, line in enumerate(block.body.splitlines(), start=block.line + 1):
        if line.startswith("$ "):
            found.append(Step(command=line[2:], output="", line=number))
        else:
            last = found.pop()
            found.append(Step(command=last.command, output=f"{last.output}{line}\n", line=last.line))
    return found


def agrees(shown: str, said: str) -> bool:
    """Hold what a command said against what a page shows.

    A line that is only `…` stands for any number of lines, `…` within a line for any text. Blank lines at the end,
    spaces at the end of a line, and whether a space may break do not count.
    """
    shown, said = shown.translate(BREAKABLE), said.translate(BREAKABLE)
    pattern = "".join(_pattern(line) for line in shown.rstrip().splitlines())
    plain = "\n".join(line.rstrip() for line in said.rstrip().splitlines()) + "\n"
    return re.fullmatch(pattern, plain) is not None


def _pattern(line: str) -> str:
    if line.strip() == ELLIPSIS:
        return r"(?:.*\n)*?"
    return "[^\n]*".join(re.escape(part) for part in line.rstrip().split(ELLIPSIS)) + r"\n"
