"""Why the national registers do not give a margin, or what to know of one, and what to do."""

from django.utils.translation import gettext as _

from koersvast.engine.quantities import Reason
from koersvast.indicators.wording import format_number


def population_reason(reason: Reason) -> str:
    """Return the sentence for a reason of a proposed margin."""
    texts = ("year", "vintage")
    values = {
        name: str(value) if isinstance(value, str) or name in texts else format_number(value, 0)
        for name, value in reason.values.items()
    }
    return _sentence(reason.code).format(**values)


def _sentence(code: str) -> str:
    said = {
        "background_not_in_registers": _(
            "CBS tables give sex, ages, wijk and buurt. For this background, give the numbers by hand with their "
            "source."
        ),
        "area_not_in_table": _("The table has no number for {area}. Check the codes of the areas in the codebook."),
        "population_not_loaded": _("The population of that year has not been fetched from CBS yet."),
        "areas_not_loaded": _(
            "The numbers of wijken and buurten of that year are not here. They come with the key figures: follow one "
            "of those under Open figures, or give the numbers by hand."
        ),
        "parts_not_fetched": _("Only the total of the municipality was fetched. Fetch the population by sex and age."),
        "ages_not_divisible": _("The table of wijken and buurten does not have the ages {group}."),
        "not_divided_by": _("The table does not divide the people of {area} in this way."),
        "year_not_in_table": _("There is no table with wijken and buurten of {year}. Give the numbers by hand."),
        "count_not_known": _("The number of {category} is not known at CBS. Give the numbers by hand."),
        "parts_differ_from_total": _("The parts add up to {parts}, and CBS gives a total of {total}."),
        "rounded_to_five": _("CBS rounds the numbers of wijken and buurten to five. They count people of every age."),
        "capture_unreadable": _("What was fetched cannot be read any more. Fetch it again."),
    }
    return said[code]
