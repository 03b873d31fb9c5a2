"""What the rules about the programme found, in a sentence, and what to do about it."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from koersvast.policy.checks.findings import Found, Place
from koersvast.policy.wording import findings as of_plan
from koersvast.reference.queries import safety_chain

type Text = Callable[[], str]


def message(found: Found) -> str:
    """What was found. A code without a sentence raises KeyError."""
    return MESSAGES[found.code, found.variant]().format(**_texts(found))


def remedy(found: Found) -> str:
    """What to do about it."""
    return REMEDIES[found.code]().format(**_texts(found))


def place(where: Place) -> str:
    """Where it is, for people."""
    known: Mapping[str, Text] = {
        "programme": lambda: _("Programme: {name}"),
        "action": lambda: _("Action {code}: {name}"),
        "organisation": lambda: _("Partner: {name}"),
        "agreement": lambda: _("Agreement with partners: {name}"),
    }
    if where.kind not in known:
        return of_plan.place(where)
    return known[where.kind]().format(name=where.name, code=where.code)


def _texts(found: Found) -> dict[str, str]:
    said = of_plan.texts(found)
    if "link" in said:
        said["link"] = _link(said["link"])
    return said


LINKS = ("proaction", "prevention", "preparation", "repression", "aftercare")


def _link(code: str) -> str:
    """The name of a link; the model names them in English, the shared words in the language of the reader."""
    return {code: link.name for code, link in zip(LINKS, safety_chain(), strict=True)}.get(code, code).lower()


MESSAGES: Mapping[tuple[str, str], Text] = {
    ("U01", ""): lambda: _("There is no programme under this plan, so nobody can say who does what, and when."),
    ("U02", "over"): lambda: _("{programme} ended on {on} and no programme follows it."),
    ("U02", "ahead"): lambda: _("{programme} ends on {on}, before the plan does, and no programme follows it yet."),
    ("U03", ""): lambda: _("{programme} began on {on} and is still a draft."),
    ("U04", ""): lambda: _("What the action does not say: {lacking}."),
    ("U05", ""): lambda: _("{number} of {total} actions do not say why they should work: {numbers}."),
    ("U06", ""): lambda: _("{number} of {total} actions have no place on the safety chain: {numbers}."),
    ("U07", ""): lambda: _("No action of {programme} serves this objective."),
    ("U08", ""): lambda: _("All {number} actions for this priority are {link}; the other links stay empty."),
    ("U09", ""): lambda: _("There is no day on which the contribution was agreed. Actions: {numbers}."),
    ("U10", ""): lambda: _("Of {uncovered_amount} it is not said out of what it is paid. Actions: {numbers}."),
    ("U11", ""): lambda: _("No check moment was planned in {years}."),
    ("U12", ""): lambda: _("The agreement ended on {on}. Actions that rest on it: {numbers}."),
    ("U13", ""): lambda: _("{number} of {total} actions say what is counted and not how many: {numbers}."),
}

REMEDIES: Mapping[str, Text] = {
    "U01": lambda: _("Make a programme; paste the table that you have, and fill in the rest later."),
    "U02": lambda: _("Make the next programme; actions that go on can be copied."),
    "U03": lambda: _("Put it before the college and record the decision."),
    "U04": lambda: _("Add to the action: {lacking}."),
    "U05": lambda: _("Write in one sentence why the action should help."),
    "U06": lambda: _("Choose a link of the chain for these actions; that can be done for many at once."),
    "U07": lambda: _("Link an action to it, add one, or say why nothing is done."),
    "U08": lambda: _("See whether an action on another link helps too, such as prevention beside repression."),
    "U09": lambda: _("Agree it with the partner and fill in the day."),
    "U10": lambda: _("Find a cover, or lower the amount."),
    "U11": lambda: _("Plan a look back in that year."),
    "U12": lambda: _("Renew the agreement, or agree the contribution anew."),
    "U13": lambda: _("Fill in how many you plan."),
}
