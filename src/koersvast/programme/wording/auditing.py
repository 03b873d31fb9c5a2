"""What the software counted beside a question of the self-test, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

COUNTED: Mapping[str, str | Promise] = {
    "indicators": gettext_lazy("Objectives with an indicator"),
    "measurable": gettext_lazy("Objectives with an adopted target"),
    "motivated": gettext_lazy("Priorities with a motivation"),
    "mechanisms": gettext_lazy("Actions that say why they should work"),
    "reviews": gettext_lazy("Check moments that were held, of those that were due"),
    "heard": gettext_lazy("Running actions of which something was heard in time"),
    "owners": gettext_lazy("Actions with an owner"),
    "agreements": gettext_lazy("Agreements that still hold"),
    "costs": gettext_lazy("Actions of which the costs are known"),
    "evaluated": gettext_lazy("Finished actions with an evaluation"),
    "council": gettext_lazy("Items of the council that are not past their term"),
}


def counted(kind: str, *, met: int, total: int) -> str:
    """Return what was counted as a short sentence. Nothing to count is said, never shown as nought."""
    if kind == "check":
        return _("Open findings of the plan check: {number}").format(number=met)
    if kind == "priorities":
        return _("Priorities: {number}; you set that {most} can be carried").format(number=met, most=total)
    if kind == "adopted":
        return _("Adopted, by the ledger") if met else _("Not adopted yet, by the ledger")
    label = str(COUNTED[kind])
    if total == 0:
        return _("{what}: there is nothing to count yet").format(what=label)
    return _("{what}: {met} of {total}").format(what=label, met=met, total=total)
