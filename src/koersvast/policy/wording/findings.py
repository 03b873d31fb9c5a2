"""What the plan check found, in a sentence with the numbers in it, and what to do about it."""

from collections.abc import Callable, Mapping
from datetime import date

from django.utils.translation import gettext as _

from koersvast.engine.quantities import Unit
from koersvast.policy.checks.findings import YEARS, Found, Place, Value
from koersvast.policy.wording import amounts

type Text = Callable[[], str]


def message(found: Found) -> str:
    """What was found. A code without a sentence raises KeyError."""
    return MESSAGES[found.code, found.variant]().format(**texts(found))


def remedy(found: Found) -> str:
    """What to do about it."""
    return REMEDIES[found.code]().format(**texts(found))


def place(where: Place) -> str:
    """Where it is, for people."""
    known: Mapping[str, Text] = {
        "plan": lambda: _("The plan as a whole"),
        "objective": lambda: _("Objective: {name}"),
        "claim": lambda: "{name}",
        "priority": lambda: _("Priority: {name}"),
        "approach-line": lambda: _("Approach, line {code}: {name}"),
        "source": lambda: _("Source: {name}"),
        "indicator": lambda: _("Indicator: {name}"),
    }
    return known[where.kind]().format(name=where.name, code=where.code)


def texts(found: Found) -> dict[str, str]:
    """The values of a finding as text; the end of a name says how it is written."""
    return {name: _text(name, value, found.unit) for name, value in found.values.items()}


def _text(name: str, value: Value, unit: Unit) -> str:
    if name == "on":
        return amounts.day(date.fromisoformat(str(value)))
    if name == "lacking":
        return amounts.listing([_LACKING[word]() for word in str(value).split(",")])
    if isinstance(value, str):
        return value
    if name.endswith("_amount"):
        return amounts.amount(value, unit)
    if name.endswith("_estimate"):
        return amounts.estimate(value, unit)
    if name.endswith("_change"):
        return amounts.difference(round(value, 1), unit)
    if name.endswith("_chance"):
        return amounts.probability(value)
    if name.endswith("_percent"):
        return amounts.amount(value, Unit.PERCENT)
    if name.endswith("_share"):
        return amounts.signed_percentage(value)
    return str(value) if name in YEARS else amounts.number(value)


_LACKING: Mapping[str, Text] = {
    "owner": lambda: _("owner"),
    "term": lambda: _("term"),
    "cost": lambda: _("cost"),
    "objective": lambda: _("objective"),
}

MESSAGES: Mapping[tuple[str, str], Text] = {
    ("P01", ""): lambda: _(
        "A change of {said_percent} from {baseline_amount} can be {points_amount} (percentage points) or "
        "{relative_amount} (percent of the baseline)."
    ),
    ("P01", "table"): lambda: _(
        "A change of {said_percent} from {baseline_amount} can be {points_amount} (percentage points) or "
        "{relative_amount} (percent of the baseline). The agreed value is {agreed_amount}."
    ),
    ("P02", ""): lambda: _("There is an agreed value but no baseline, so nobody can say how much has to change."),
    ("P03", "value"): lambda: _(
        "{subject} in {period}: {first_place} says {first_amount}, {second_place} says {second_amount}."
    ),
    ("P03", "definition"): lambda: _(
        "{subject} in {period} is counted in two ways: {first_amount} in {first_place} and {second_amount} in "
        "{second_place}."
    ),
    ("P04", ""): lambda: _("{subject}: {document} says {said_amount} for {period}; the registry has {known_amount}."),
    ("P05", "noise"): lambda: _(
        "{subject}: from {earlier_amount} ({earlier_period}) to {later_amount} ({later_period}) is told as a "
        "change. By chance the difference can be anything from {low_change} to {high_change}."
    ),
    ("P05", "no_margin"): lambda: _(
        "{subject}: from {earlier_amount} ({earlier_period}) to {later_amount} ({later_period}) is told as a "
        "change, but the margin is not known."
    ),
    ("P05", "no_figure"): lambda: _("{subject}: “{label}” is claimed, but there is no figure for {period}."),
    ("P06", ""): lambda: _(
        "If {baseline_amount} really becomes {agreed_amount}, the survey shows it with a chance of only {power_chance}."
    ),
    ("P06", "smallest"): lambda: _(
        "If {baseline_amount} really becomes {agreed_amount}, the survey shows it with a chance of only "
        "{power_chance}. A change to {smallest_estimate} is seen four times out of five."
    ),
    ("P07", ""): lambda: _(
        "If the level stays {baseline_amount}, the target of {year} ({agreed_amount}) is still met with a chance of "
        "{met_chance}. And if the level really becomes {agreed_amount}, that year misses it with a chance of "
        "{missed_chance}."
    ),
    ("P08", "lowest"): lambda: _(
        "The baseline {baseline_amount} is the lowest of the last {periods} years; their mean is {mean_estimate}. "
        "Measured against that mean {agreed_amount} is a change of {against_mean_share}."
    ),
    ("P08", "highest"): lambda: _(
        "The baseline {baseline_amount} is the highest of the last {periods} years; their mean is {mean_estimate}. "
        "Measured against that mean {agreed_amount} is a change of {against_mean_share}."
    ),
    ("P08", "zero"): lambda: _("The baseline {baseline_amount} is an extreme of the last {periods} years."),
    ("P09", "against"): lambda: _("{subject}: “{label}” is claimed, but the figures also go the other way: {series}."),
    ("P09", "chance"): lambda: _("{subject}: “{label}” is claimed, but chance can explain these figures: {series}."),
    ("P09", "few"): lambda: _(
        "{subject}: “{label}” is claimed. A line needs at least three figures; known are: {points}."
    ),
    ("P10", "before"): lambda: _(
        "The last agreed year is {year} and the plan runs until {last_year}: after {year} nothing is agreed."
    ),
    ("P10", "after"): lambda: _("The last agreed year is {year}, after the plan has ended ({last_year})."),
    ("P11", ""): lambda: _(
        "On {on} the figures break, between the baseline ({baseline_period}) and the target ({year})."
    ),
    ("P11", "definition"): lambda: _(
        "On {on} the definition changes, between the baseline ({baseline_period}) and the target ({year})."
    ),
    ("P11", "registration"): lambda: _(
        "On {on} it is registered in another way, between the baseline ({baseline_period}) and the target ({year})."
    ),
    ("P11", "mode"): lambda: _(
        "From {on} on the survey is held in another way, between the baseline ({baseline_period}) and the "
        "target ({year})."
    ),
    ("P11", "boundary"): lambda: _(
        "On {on} the borders change, between the baseline ({baseline_period}) and the target ({year})."
    ),
    ("P12", ""): lambda: _(
        "The respondents were not all drawn by chance, so the real margins are at least as wide as they are shown. "
        "Number of objectives that are judged with it: {objectives}."
    ),
    ("P13", ""): lambda: _("Since {on} nobody keeps this indicator any more, and the plan still uses it: {used}."),
    ("P14", "no_objective"): lambda: _("This priority has no objective."),
    ("P14", "no_indicator"): lambda: _("No objective of this priority has an indicator."),
    ("P15", ""): lambda: _("This action lacks: {lacking}."),
    ("P16", ""): lambda: _(
        "{subject} is measured by “{label}”: that is a means or a stand-in, and it can move the other way."
    ),
    ("P17", "order"): lambda: _("The columns do not run in order: {columns}."),
    ("P17", "repeated"): lambda: _("A column stands there twice ({repeated}): {columns}."),
    ("P17", "both"): lambda: _("The columns do not run in order and {repeated} stands there twice: {columns}."),
    ("P18", ""): lambda: _(
        "“{cited}” is cited; the duty stands in article {article}, paragraph {paragraph}, of the {law}."
    ),
    ("P19", ""): lambda: _("{subject}: {first} ({first_place}) and {second} ({second_place})."),
    ("P20", "other"): lambda: _(
        "{document} names {claimed_amount} for {year}; {agreed_amount} was agreed for {title} ({gap_change}). "
        "No decision on that is known."
    ),
    ("P20", "other_shifted"): lambda: _(
        "{document} names {claimed_amount} for {year}; {agreed_amount} was agreed for {title} ({gap_change}). "
        "{claimed_amount} was the agreement for {elsewhere}, so the years have shifted. No decision on that is known."
    ),
    ("P20", "no_year"): lambda: _(
        "{document} names {claimed_amount} for {year}; for {title} nothing was agreed for that year."
    ),
    ("P20", "no_year_shifted"): lambda: _(
        "{document} names {claimed_amount} for {year}; for {title} nothing was agreed for that year. "
        "{claimed_amount} was the agreement for {elsewhere}, so the year has shifted. No decision on that is known."
    ),
    ("P21", ""): lambda: _("{document} calls “{indicator}” “{label}”; the registry says: {meaning}."),
    ("P22", "no_decision"): lambda: _("No decision on the goals of this plan is known."),
    ("P22", "not_council"): lambda: _("The goals were adopted by {body}, not by the council."),
    ("P22", "too_old"): lambda: _(
        "The council adopted these goals on {on}, more than four years ago, and there is no later plan."
    ),
    ("P23", ""): lambda: _("There are {number} priorities; the team can carry {at_most}."),
    ("P24", ""): lambda: _("{source} is neither held nor planned in {year}, so nobody will see whether it is met."),
    ("P24", "not_held"): lambda: _(
        "A measurement was planned for {year}, and there is no figure of that year. Number of objectives that "
        "depend on it: {objectives}."
    ),
    ("P25", "late"): lambda: _("{source} is measured in {measured}, after the target year {year}."),
    ("P25", "once"): lambda: _(
        "After the baseline it is measured only once in the term of the plan, so there is no steering on the way. "
        "Number of objectives that depend on it: {objectives}."
    ),
    ("P26", ""): lambda: _(
        "{label}: {first_amount} and {second_amount} of {respondents} respondents do not differ (margin {margin} "
        "percentage points)."
    ),
    ("P27", "ended"): lambda: _(
        "{programme} ended with {until} and no later one is known; the plan runs until {last_year}."
    ),
    ("P27", "will_end"): lambda: _(
        "{programme} ends with {until} and no later one is promised; the plan runs until {last_year}."
    ),
    ("P28", ""): lambda: _("{number} of the {total} actions have no place on the safety chain."),
    ("P29", ""): lambda: _("{subject} was promised without a date."),
    ("P30", ""): lambda: _("{subject}: the total is {total_amount}, the parts come to {sum_amount} ({parts})."),
    ("P31", "empty"): lambda: _("{subject}: the place of {period} is empty, without a reason."),
    ("P31", "years"): lambda: _("The series of {source} has no figure for {years}, without a reason."),
    ("P32", ""): lambda: _("No action serves this objective or its priority."),
    ("P33", ""): lambda: _(
        "{agreed_amount} for {year} asks less than what was measured in {last_period}: {last_amount}."
    ),
}

REMEDIES: Mapping[str, Text] = {
    "P01": lambda: _("Write “percentage points” or name the value that you want to reach."),
    "P02": lambda: _("Fill in the baseline: amount, year, source and definition."),
    "P03": lambda: _("Choose one source and one definition, and use it everywhere."),
    "P04": lambda: _("Choose one source and correct the text, or note in the registry why it differs."),
    "P05": lambda: _("Write that no change can be shown, or leave the word out."),
    "P06": lambda: _("Ask a larger change, question more people, or measure more often."),
    "P07": lambda: _("Judge over several years, or say beforehand which chance you accept."),
    "P08": lambda: _("Take the mean of several years as the baseline."),
    "P09": lambda: _("Give the figures of all years and leave the claim of a line out."),
    "P10": lambda: _("Agree on a value for the last year of the plan, or say why this year counts."),
    "P11": lambda: _("Agree beforehand how the break is bridged: a conversion factor or a new baseline."),
    "P12": lambda: _("Draw a random sample, keep the panel apart, and say it with every figure."),
    "P13": lambda: _("Choose an indicator that is still kept."),
    "P14": lambda: _("Name an objective with an indicator, or move it to the themes that are kept in view."),
    "P15": lambda: _("Fill in the {lacking} in the implementation programme."),
    "P16": lambda: _("Name the goal itself and look for a measure of it; keep this one beside it."),
    "P17": lambda: _("Put the years in order, once each."),
    "P18": lambda: _("Cite article {article}, paragraph {paragraph}, of the {law}."),
    "P19": lambda: _("Choose one rhythm and name it the same everywhere."),
    "P20": lambda: _("Correct the document, or put a revision with its reason before the council."),
    "P21": lambda: _("Use the name and definition of the registry, or register a new definition."),
    "P22": lambda: _("Put the goals before the council; it has to set them at least once in four years."),
    "P23": lambda: _("Choose fewer, or give the team more room."),
    "P24": lambda: _("Plan a measurement in that year, or agree on another year."),
    "P25": lambda: _("Plan a measurement halfway, or follow a registration beside it."),
    "P26": lambda: _("Call them equal."),
    "P27": lambda: _("Make a programme for the remaining years."),
    "P28": lambda: _("Say for each action what it is: proaction, prevention, preparation, repression or aftercare."),
    "P29": lambda: _("Agree on a date with the partner."),
    "P30": lambda: _("Correct the total or the parts."),
    "P31": lambda: _("Fill in the figure, or say why it is missing."),
    "P32": lambda: _("Name an action, or drop the objective."),
    "P33": lambda: _("Ask more, or say why keeping the level is already a result."),
}
