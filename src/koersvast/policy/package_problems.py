"""What can be wrong with a package: one table of codes. Pure; `package_wording` makes sentences of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The code, and the keys that `PackageProblem.values` then has.
CODES: Mapping[str, tuple[str, ...]] = {
    # The files.
    "K01": (),  # there is no package.toml
    "K02": ("reason",),  # a file cannot be read as TOML or CSV text
    "K03": ("rule", "wanted", "found"),  # a value does not fit the published schema
    "K04": ("found", "wanted"),  # another format or version
    "K05": ("wanted", "found"),  # the columns of observations.csv
    "K06": ("limit",),  # a file is too large
    "K07": ("wanted", "found"),  # a delivered file is not the one that was delivered
    # The parts among one another.
    "K10": ("kind", "code"),  # twice the same code
    "K11": ("kind", "code"),  # refers to something that is not there
    "K12": ("amount", "unit"),  # an impossible amount
    "K13": (),  # an amount and a reason why there is none, or neither
    "K14": ("first", "last"),  # ends before it begins
    "K15": ("respondents", "invited"),  # more respondents than invited
    "K16": (),  # a withdrawal without day or reason
    "K17": (),  # a revision without reason
    "K18": ("period",),  # not a period
    "K19": (),  # thresholds in the wrong order
    "K20": (),  # a conversion factor without its uncertainty, or the other way round
    "K21": ("objective",),  # two drafts for one objective
    "K22": (),  # a delivery with a national table and without its vintage, or the other way round
    # Against what is already there.
    "K30": ("field", "now", "offered"),  # an adopted value would change
    "K31": ("now", "offered"),  # another value for a vintage that is already known
    "K32": ("field", "now", "offered"),  # a definition with figures would get another meaning
    "K33": ("kind", "code"),  # the installation does not know this taxonomy, theme or feed
    "K34": ("field", "reason"),  # the database refuses a value
    "K35": ("slug", "code"),  # the short name belongs to another municipality
}


@dataclass(frozen=True, kw_only=True)
class PackageProblem:
    """One refusal: `file`, `line` (of a CSV file) and `place` (such as `indicators[3].unit`) say where."""

    code: str
    file: str
    line: int | None = None
    place: str = ""
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if set(self.values) != set(CODES[self.code]):
            raise ValueError(f"{self.code} wants the values {CODES[self.code]}, not {tuple(self.values)}.")


class PackageRefused(Exception):
    """The package cannot be taken in; nothing was written."""

    def __init__(self, problems: tuple[PackageProblem, ...]) -> None:
        super().__init__(", ".join(f"{problem.code} {problem.file} {problem.place}" for problem in problems))
        self.problems = problems
