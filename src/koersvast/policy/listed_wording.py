"""Sentences for what a listing of objectives says and a package cannot hold as it stands."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koersvast.policy.listed_objectives import Remark

SENTENCES: dict[str, str | Promise] = {
    "X01": _(
        "The unit changes in {on}. An indicator has one unit, so it became two: {first}, followed by {later}. They are "
        "not compared."
    ),
    "X02": _("The document gives no direction. Lower is better is an assumption, and its definition says so."),
    "X03": _("{count} figures of {series} are left out: that is no area with a CBS code."),
    "X04": _("The baseline is of {period}, not of one year. It is left out; fill it in with the draft."),
    "X05": _("The target {amount} has no year. It stands in the draft as a remark; choose the years."),
    "X06": _("The target is for {period} as a whole. It was taken as the same value for each year."),
    "X07": _("This is a performance ({kind}), not an effect. Koersvast follows it like any indicator."),
    "X08": _("No theme fits its name; it was placed under 1.3."),
    "X09": _("{amount} is not a number and is left out."),
    "X10": _("The unit {unit} cannot be expressed; the indicator is left out."),
    "X11": _("{count} questions beside the indicators are left out."),
    "X12": _("The document names several sources for one series: {source}. They are kept as one source."),
    "X13": _("{period} has two values. The first is kept."),
}


def remark_sentence(remark: Remark) -> str:
    """Say one remark in the language of the reader."""
    return str(SENTENCES[remark.code]).format(**remark.values)
