"""Sentences for what is wrong with a package: what, where, what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from koersvast.policy.package_problems import PackageProblem

type Lazy = str | Promise

SENTENCES: dict[str, tuple[Lazy, Lazy]] = {
    "K01": (_("There is no package.toml."), _("Give the directory that koersvast export wrote.")),
    "K02": (_("The file cannot be read: {reason}."), _("Correct the place named, or export again.")),
    "K03": (_("The value {found} does not fit: {rule}."), _("Look at the published schema and correct the value.")),
    "K04": (_("The format is {found}; this program reads {wanted}."), _("Export with this version.")),
    "K05": (_("The columns are not the right ones: {found}."), _("Use these columns, in this order: {wanted}.")),
    "K06": (_("The file is larger than {limit} bytes."), _("Split the package, or check whether this is the file.")),
    "K07": (
        _("The bytes are not the ones that were delivered: {found} and not {wanted}."),
        _("Put the delivered file back as it was, or leave it out."),
    ),
    "K10": (_("{code} stands twice in {kind}."), _("Leave one, or give the other another code.")),
    "K11": (_("There is no {kind} {code} in the package."), _("Add it, or correct the name.")),
    "K12": (_("{amount} is not possible in the unit {unit}."), _("Correct the amount or the unit of the indicator.")),
    "K13": (
        _("A number has either an amount or a reason why there is none."),
        _("Fill in amount, or missing: not_measured, not_known or withheld."),
    ),
    "K14": (_("It ends in {last}, before it begins in {first}."), _("Correct one of the two.")),
    "K15": (_("{respondents} respondents of {invited} invited is not possible."), _("Correct one of the numbers.")),
    "K16": (_("A withdrawn number has a day and a reason."), _("Fill in both, or neither.")),
    "K17": (_("A revision has no reason."), _("Fill in why agreed values were revised.")),
    "K18": (_("{period} is not a year, quarter or month."), _("Write 2019, 2019-Q3 or 2019-07.")),
    "K19": (_("The lower threshold is not below the upper one."), _("Correct one of the two.")),
    "K20": (_("A conversion factor goes with its standard error."), _("Fill in both, or neither.")),
    "K21": (_("Objective {objective} has more than one draft."), _("Leave one draft; the others need a decision.")),
    "K22": (_("A national table goes with the number of its vintage."), _("Fill in both, or neither.")),
    "K30": (
        _("This was adopted as {now} and would become {offered} ({field})."),
        _("Adopted values never change. Record a new decision that revises them."),
    ),
    "K31": (
        _("For the same day there is another number already: {now}, and not {offered}."),
        _("Give the new number the day on which it was known (as_of), or withdraw the old one first."),
    ),
    "K32": (
        _("There are figures under it, so it keeps its meaning: {field} is {now} and not {offered}."),
        _("Add a definition with a new number, or another indicator."),
    ),
    "K33": (_("This installation does not know {kind} {code}."), _("Run koersvast migrate, or correct the code.")),
    "K34": (_("The value of {field} is refused: {reason}"), _("Correct the value.")),
    "K35": (
        _("The short name {slug} belongs to another municipality than {code}."),
        _("Choose another slug in package.toml."),
    ),
}

RULES: dict[str, Lazy] = {
    "required": _("{wanted} is missing"),
    "additionalProperties": _("{wanted} is not known here"),
    "enum": _("choose one of {wanted}"),
    "const": _("it must be {wanted}"),
    "type": _("it must be of the kind {wanted}"),
    "pattern": _("it must look like {wanted}"),
    "minimum": _("it must be at least {wanted}"),
    "maximum": _("it may be at most {wanted}"),
    "exclusiveMinimum": _("it must be more than {wanted}"),
    "minLength": _("it may not be empty"),
    "maxLength": _("it may have at most {wanted} characters"),
    "format": _("it is no existing day, moment or number"),
}


def worded(problem: PackageProblem) -> str:
    """Say one problem in a line: code, file and place, what is the matter, what to do."""
    text, remedy = SENTENCES[problem.code]
    values = dict(problem.values)
    if problem.code == "K03":
        rule = str(values["rule"])
        said = RULES.get(rule)
        values["rule"] = str(said).format(wanted=values["wanted"]) if said else rule
        values["found"] = values["found"] or gettext("(nothing)")
    sentence = f"{text} {remedy}".format(**values)
    return f"{problem.code} {_where(problem)}: {sentence}"


def _where(problem: PackageProblem) -> str:
    line = gettext("line {line}").format(line=problem.line) if problem.line is not None else ""
    return ", ".join(part for part in (problem.file, line, problem.place) if part)
