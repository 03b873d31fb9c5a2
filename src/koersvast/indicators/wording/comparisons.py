"""A municipality beside others in plain sentences: the verdict, why, and what could not be said.

A difference is called a difference only when it is more than chance and more than municipalities usually differ. A
rank never stands alone, and nothing here says why a difference is there.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.benchmark import PlaceComparison, PlaceVerdict, RankInterval
from koersvast.engine.counts import CountChange
from koersvast.engine.quantities import Direction, Reason
from koersvast.engine.regional import RegionTrend, RegionVerdict
from koersvast.indicators.wording.numbers import format_number

type Values = Mapping[str, float | int | str]


def in_a_sentence(name: str) -> str:
    """A name as it stands within a sentence: without its capital, unless it begins with an abbreviation."""
    return name if len(name) > 1 and name[1].isupper() else name[:1].lower() + name[1:]


def group_phrase(kind: str, name: str) -> str:
    """The others as a sentence calls them: "vergelijkbare gemeenten", "de andere gemeenten in Drenthe"."""
    phrases = {
        "peers": _("comparable municipalities"),
        "size_class": _("municipalities of the same size"),
        "basisteam": _("the other municipalities of police team {name}"),
        "police_unit": _("the other municipalities of police unit {name}"),
        "province": _("the other municipalities in {name}"),
        "country": _("the other municipalities of the country"),
    }
    return phrases[kind].format(name=name)


def group_name(kind: str, name: str) -> str:
    """The group as a list or a table calls it."""
    if kind == "size_class":
        return _size_name(name)
    names = {
        "peers": _("Comparable municipalities"),
        "basisteam": _("Police team {name}"),
        "police_unit": _("Police unit {name}"),
        "province": _("Province of {name}"),
        "country": _("All municipalities"),
    }
    return names[kind].format(name=name)


def _size_name(edges: str) -> str:
    """A class of inhabitants, given as "20000-50000" or "250000-"."""
    least, _dash, most = edges.partition("-")
    if not most:
        return _("From {least} inhabitants").format(least=format_number(int(least or 0), 0))
    if not int(least or 0):
        return _("Under {most} inhabitants").format(most=format_number(int(most), 0))
    return _("{least} to {most} inhabitants").format(
        least=format_number(int(least), 0), most=format_number(int(most), 0)
    )


def verdict_sentence(result: PlaceComparison, *, indicator: str, area: str, period: str, group: str) -> str:
    """The verdict in one sentence or two: who, when, what, beside whom, and whether it is more than chance."""
    named = {"area": area, "period": period, "group": group, "name": in_a_sentence(indicator)}
    sentences = {
        PlaceVerdict.LOWER: _(
            "{area} had fewer {name} per 1,000 inhabitants in {period} than {group}. That difference is more than "
            "chance."
        ),
        PlaceVerdict.HIGHER: _(
            "{area} had more {name} per 1,000 inhabitants in {period} than {group}. That difference is more than "
            "chance."
        ),
        PlaceVerdict.NO_DEMONSTRABLE_DIFFERENCE: _(
            "In {period} {area} did not differ demonstrably from {group}: the number of {name} per 1,000 inhabitants "
            "lies within what chance explains."
        ),
        PlaceVerdict.CANNOT_SAY: _("Whether {area} differed from {group} in {period} cannot be said for {name}."),
    }
    sentence = sentences[result.verdict]
    if any(reason.code == "within_spread_of_places" for reason in result.reasons):
        sentence = _(
            "In {period} {area} did not differ demonstrably from {group}. The difference in {name} per 1,000 "
            "inhabitants is more than chance alone, but municipalities often differ this much."
        )
    return sentence.format(**named)


def better_or_worse(result: PlaceComparison, direction: Direction) -> str:
    """The tone of a verdict: "positive", "negative", "neutral" where there is no difference, "info" where unknown."""
    if result.verdict is PlaceVerdict.CANNOT_SAY:
        return "info"
    if result.verdict is PlaceVerdict.NO_DEMONSTRABLE_DIFFERENCE:
        return "neutral"
    lower_is_good = direction is Direction.LOWER_IS_BETTER
    return "positive" if (result.verdict is PlaceVerdict.LOWER) == lower_is_good else "negative"


def rank_sentence(rank: RankInterval, *, area: str) -> str:
    """The place in the row with its uncertainty, never a bare rank."""
    if rank.rank is None or rank.low is None or rank.high is None:
        return ""
    numbers = {"area": area, "rank": rank.rank, "places": rank.places, "low": rank.low, "high": rank.high}
    if rank.low == rank.high:
        sentence = _(
            "Counted from the lowest figure {area} is number {rank} of {places}, also when chance is counted in."
        )
        if rank.highest_first:
            sentence = _(
                "Counted from the highest figure {area} is number {rank} of {places}, also when chance is counted in."
            )
    elif rank.highest_first:
        sentence = _(
            "Counted from the highest figure {area} is number {rank} of {places}. By chance it could as well have been "
            "number {low} to {high}."
        )
    else:
        sentence = _(
            "Counted from the lowest figure {area} is number {rank} of {places}. By chance it could as well have been "
            "number {low} to {high}."
        )
    return sentence.format(**numbers)


def region_sentence(trend: RegionTrend, *, direction: Direction, area: str, group: str) -> str:
    """The own change beside that of the others, so that nobody credits an action with what happened everywhere."""
    if trend.own is None or trend.region is None:
        refused = _("The change in {area} cannot be set beside that of {group}.").format(area=area, group=group)
        return " ".join([refused, *(place_reason(one) for one in trend.reasons[:1] if knows_reason(one))])
    facts = _("From {earlier} to {later} the figure per inhabitant {own} in {area} and {others} in {group}.").format(
        earlier=trend.earlier.code,
        later=trend.later.code,
        own=_moved(trend.own),
        others=_moved(trend.region),
        area=area,
        group=group,
    )
    return f"{facts} {_beside(trend, direction).format(area=area)}".strip()


def _beside(trend: RegionTrend, direction: Direction) -> str:
    """Better, behind, or nothing that shows; which way is better belongs to the indicator."""
    if trend.verdict is RegionVerdict.CANNOT_SAY:
        return " ".join(place_reason(one) for one in trend.reasons if one.code == "too_few_events_to_compare_change")
    if trend.verdict is RegionVerdict.NO_DEMONSTRABLE_DIFFERENCE:
        return _(
            "The two do not differ demonstrably: on these figures the change cannot be credited to something that only "
            "{area} did."
        )
    fell_more = trend.verdict is RegionVerdict.FELL_MORE
    if fell_more == (direction is Direction.LOWER_IS_BETTER):
        said = _("{area} did better than that: the difference is more than chance.")
    else:
        said = _("{area} stayed behind: the difference is more than chance.")
    return f"{said} {_SENTENCES['a_difference_is_no_cause']({})}"


def _moved(change: CountChange) -> str:
    if change.earlier <= 0:
        later = format_number(change.later, 0)
        return _("rose from none to {number}").format(number=later) if change.later > 0 else _("stayed the same")
    ratio = change.ratio
    percent = format_number(abs(100 * (ratio - 1)), 0)
    if ratio < 0.995:
        return _("fell by {percent}%").format(percent=percent)
    if ratio > 1.005:
        return _("rose by {percent}%").format(percent=percent)
    return _("stayed the same")


def criterion_name(code: str) -> str:
    """What peers are chosen by."""
    names = {
        "inhabitants": _("inhabitants"),
        "density": _("inhabitants per km²"),
        "young": _("share of people of 15 to 25"),
    }
    return names.get(code, code)


# ── Reasons ──────────────────────────────────────────────────────────────────────────────────────────────────────


def place_reason(reason: Reason) -> str:
    """One sentence for a reason of a comparison, a map or a group of peers. An unknown code raises KeyError."""
    return _SENTENCES[reason.code](reason.values)


def knows_reason(reason: Reason) -> bool:
    """Whether this module words a reason; those of series and margins are worded in `reasons`."""
    return reason.code in _SENTENCES


def _shown(key: str, value: float | int | str) -> str:
    """A value within a sentence; years have no thousands sign."""
    if isinstance(value, str) or key in {"year", "edition"}:
        return str(value)
    return format_number(value, 0 if float(value).is_integer() else 1)


def _plain(sentence: Callable[[], str]) -> Callable[[Values], str]:
    def worded(values: Values) -> str:
        return sentence().format(**{key: _shown(key, value) for key, value in values.items()})

    return worded


def _criterion(sentence: Callable[[], str]) -> Callable[[Values], str]:
    def worded(values: Values) -> str:
        return _plain(sentence)({**values, "criterion": criterion_name(str(values["criterion"]))})

    return worded


def _left_out(values: Values) -> str:
    number = int(values["left_out"])
    return ngettext(
        "{number} municipality is left out, because its rate is not known.",
        "{number} municipalities are left out, because their rates are not known.",
        number,
    ).format(number=number)


def _differ(values: Values) -> str:
    return _(
        "Municipalities differ from one another by more than chance: for two thirds of them by up to about {percent}%. "
        "That is counted in."
    ).format(percent=format_number(100 * float(values["tau"]), 0))


def _events_unknown(values: Values) -> str:
    words = {
        "withheld": _("The source withholds this number."),
        "not_measured": _("This was not measured."),
    }
    return words.get(str(values.get("missing", "")), _("The number is not known."))


_SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "events_unknown": _events_unknown,
    "inhabitants_unknown": _plain(lambda: _("The number of inhabitants is not known.")),
    "no_inhabitants": _plain(lambda: _("Nobody lives here, so there is no rate per inhabitant.")),
    "no_other_places": _plain(lambda: _("There are no other municipalities to compare with.")),
    "no_events": _plain(lambda: _("Nothing was registered anywhere in this group.")),
    "places_left_out": _left_out,
    "too_few_events_expected": _plain(
        lambda: _("So few are expected here ({expected}) that being lower than others cannot be shown.")
    ),
    "too_few_events_elsewhere": _plain(lambda: _("The others together have too few to compare with ({events}).")),
    "place_spread_not_estimable": _plain(
        lambda: _(
            "With {places} municipalities nobody can tell how much they usually differ (that takes {needed}), so only "
            "chance is counted in."
        )
    ),
    "places_differ": _differ,
    "spread_borrowed": _plain(
        lambda: _(
            "These are too few municipalities to show how much they usually differ; that of {places} municipalities "
            "was used instead."
        )
    ),
    "within_spread_of_places": _plain(lambda: _("Municipalities often differ this much.")),
    "criterion_unknown_for_own": _criterion(
        lambda: _("Your own {criterion} is not in the registers, so it was not used to choose municipalities.")
    ),
    "criterion_hardly_known": _criterion(
        lambda: _("The {criterion} is known of {known} of {places} municipalities only, so it was not used.")
    ),
    "criterion_same_everywhere": _criterion(lambda: _("The {criterion} is the same everywhere, so it was not used.")),
    "no_criteria_left": _plain(lambda: _("None of the criteria is known, so no municipalities could be chosen.")),
    "candidates_left_out": _plain(
        lambda: _("{left_out} municipalities were not considered, because a criterion is not known of them.")
    ),
    "fewer_peers_than_asked": _plain(lambda: _("There are only {found} municipalities to choose from.")),
    "peers_far_away": _plain(
        lambda: _("{peers} of the chosen municipalities look little like yours; choose fewer of them.")
    ),
    "too_few_places_to_shrink": _plain(lambda: _("With {places} areas nothing can be smoothed (that takes {needed}).")),
    "places_do_not_differ": _plain(
        lambda: _("The areas do not differ by more than chance, so all of them get the same smoothed rate.")
    ),
    "shrunk_by_moments": _plain(lambda: _("The smoothing was estimated in the simpler way.")),
    "borders_differ": _plain(
        lambda: _("The count is on the borders of {edition} and the inhabitants of {year} cannot be put on those.")
    ),
    "inhabitants_added_up": _plain(
        lambda: _("The inhabitants of {year} are those of {parts} together, as the borders of {edition} are.")
    ),
    "inhabitants_by_shares": _plain(
        lambda: _("The inhabitants of {year} were divided over the borders of {edition} by known shares: {parts}.")
    ),
    "borders_taken_as_known": _plain(
        lambda: _("The newest list of municipalities here is of {edition}; changes after it are not known.")
    ),
    "borders_not_known": _plain(lambda: _("Whether the borders of {year} and {edition} are the same is not known.")),
    "no_inhabitants_known": _plain(
        lambda: _("The inhabitants of these areas are not here, so the numbers themselves are shown.")
    ),
    "inhabitants_of_another_year": _plain(
        lambda: _("The rates of {period} are with the inhabitants of {year}, because those are on the same borders.")
    ),
    "shapes_of_another_year": _plain(
        lambda: _("The borders drawn are those of {year}; the figures are on the borders of {edition}.")
    ),
    "too_small_to_colour": _plain(
        lambda: _("Too small for a colour: a few events would decide it ({inhabitants} inhabitants).")
    ),
    "period_absent": _plain(lambda: _("There is no figure for {period}.")),
    "own_larger_than_region": _plain(lambda: _("The figures of the group are smaller than those of the place itself.")),
    "too_few_events_in_region": _plain(lambda: _("The others have too few to compare with ({events}).")),
    "too_few_events_to_compare_change": _plain(lambda: _("There are too few to compare the changes ({events}).")),
    "region_moved_likewise": _plain(lambda: _("Elsewhere the figure moved in the same direction.")),
    "a_difference_is_no_cause": _plain(lambda: _("A difference does not say what caused it.")),
}
