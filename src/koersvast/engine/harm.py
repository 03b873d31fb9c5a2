"""An index of harm: counts of kinds of crime weighted by how serious they are, per 1,000 inhabitants, as an option.

Weights are data that somebody else published (`Weights` names source and year): a judgement, never ours. The interval
is that of Fay and Feuer (1997, Statistics in Medicine 16, 791-801) for weighted sums of counts, widened by the
dispersion of each kind. A few heavy crimes carry most of such an index, so it always says how many equally heavy events
it really rests on. Idea and limits: Sherman, Neyroud and Neyroud (2016), Policing 10, 171-183; see
docs/methods/harm-index.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from scipy import special

from koersvast.engine.benchmark import RankInterval, rank_interval
from koersvast.engine.places import Place
from koersvast.engine.quantities import BadValue, Method, Reason

METHOD = Method(name="harm-index", version="1")
_FEWEST_EVENTS = 10.0
_LARGE_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Published weights per kind: whose, of which year, and in what unit (days of imprisonment, points)."""

    source: str
    year: int
    unit: str
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise BadValue("Weights without a source.")
        for kind, weight in self.weights.items():
            if not isfinite(weight) or weight < 0:
                raise BadValue(f"A weight of {weight} for {kind}.")


@dataclass(frozen=True, kw_only=True)
class PlaceKinds:
    """The counts of each kind in one place, and its inhabitants (person-years); None where not known."""

    code: str
    name: str
    inhabitants: float | None
    events: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class KindShare:
    """What one kind adds: its events, weight, harm (weight x events) and part of the whole (0 to 1)."""

    kind: str
    events: float
    weight: float
    harm: float
    share: float


@dataclass(frozen=True, kw_only=True)
class HarmIndex:
    """Weighted events per 1,000 inhabitants with its interval; None, with a reason, when it cannot be made.

    `shares` has the heaviest first. `effective_events` is the number of equally heavy events with the same relative
    margin. Reasons: `no_inhabitants`, `inhabitants_unknown`, `no_weighted_kinds`, `kinds_unknown` (kinds: figure
    absent), `kinds_without_weight` (kinds), `index_rests_on_few` (events, needed), `one_kind_dominates` (kind, share),
    `weights_are_a_judgement` (source, year), `only_registered_crime`.
    """

    index: float | None
    low: float | None
    high: float | None
    per: float
    total: float | None
    variance: float | None
    effective_events: float | None
    shares: tuple[KindShare, ...]
    unknown: tuple[str, ...]
    without_weight: tuple[str, ...]
    weights: Weights
    reasons: tuple[Reason, ...]
    method: Method = METHOD


def harm_index(
    events: Mapping[str, float | None],
    *,
    inhabitants: float | None,
    weights: Weights,
    phis: Mapping[str, float] | None = None,
    per: float = 1000.0,
    confidence: float = 0.95,
) -> HarmIndex:
    """Index = sum of weight x events per `per` inhabitants (person-years), variance = sum of weight² x phi x events.

    `events` is the count of each kind, None when not known; `phis` the dispersion of a kind over time (1 when absent).
    Kinds without a weight or without a figure are left out and named: two indices of other kinds cannot be compared.
    """
    unknown = tuple(sorted(k for k in weights.weights if events.get(k) is None))
    without = tuple(sorted(k for k in events if k not in weights.weights))
    counted = {k: x for k, x in events.items() if x is not None and k in weights.weights}
    if any(not isfinite(x) or x < 0 for x in counted.values()):
        raise BadValue("A count under nought.")
    refused = _refusal(inhabitants, counted)
    if refused is not None or inhabitants is None:
        return _no_index(per, unknown, without, weights, refused)
    widening = {kind: max(1.0, (phis or {}).get(kind, 1.0)) for kind in counted}
    total = sum(weights.weights[k] * x for k, x in counted.items())
    variance = sum(weights.weights[k] ** 2 * widening[k] * x for k, x in counted.items())
    heaviest = max(weights.weights[k] * widening[k] for k in counted)
    low, high = weighted_interval(total, variance=variance, heaviest=heaviest, confidence=confidence)
    shares = _shares(counted, weights, total)
    effective = total**2 / variance if variance > 0 else 0.0
    return HarmIndex(
        index=total / inhabitants * per,
        low=low / inhabitants * per,
        high=high / inhabitants * per,
        per=per,
        total=total,
        variance=variance,
        effective_events=effective,
        shares=shares,
        unknown=unknown,
        without_weight=without,
        weights=weights,
        reasons=(*_left_out(unknown, without), *_cautions(effective, shares), *_always(weights)),
    )


def weighted_interval(
    total: float, *, variance: float, heaviest: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Limits of a weighted sum of Poisson counts by the gamma distribution of Fay and Feuer (1997).

    `heaviest` is the largest weight that occurs: the next event might be one of that kind. With equal weights of 1 and
    chance alone these are the exact limits of a count.
    """
    tail = (1 - confidence) / 2
    low = 0.0
    if total > 0:
        low = float(special.gammaincinv(total**2 / variance, tail)) * variance / total
    more, spread = total + heaviest, variance + heaviest**2
    high = float(special.gammaincinv(more**2 / spread, 1 - tail)) * spread / more if more > 0 else 0.0
    return low, high


def _refusal(inhabitants: float | None, counted: Mapping[str, float]) -> Reason | None:
    if inhabitants is None:
        return Reason(code="inhabitants_unknown")
    if inhabitants <= 0:
        return Reason(code="no_inhabitants")
    return None if counted else Reason(code="no_weighted_kinds")


def _shares(counted: Mapping[str, float], weights: Weights, total: float) -> tuple[KindShare, ...]:
    found = [
        KindShare(
            kind=kind,
            events=x,
            weight=weights.weights[kind],
            harm=weights.weights[kind] * x,
            share=weights.weights[kind] * x / total if total > 0 else 0.0,
        )
        for kind, x in counted.items()
    ]
    return tuple(sorted(found, key=lambda part: (-part.harm, part.kind)))


def _left_out(unknown: tuple[str, ...], without: tuple[str, ...]) -> tuple[Reason, ...]:
    found = list[Reason]()
    if unknown:
        found.append(Reason(code="kinds_unknown", values={"kinds": ", ".join(unknown)}))
    if without:
        found.append(Reason(code="kinds_without_weight", values={"kinds": ", ".join(without)}))
    return tuple(found)


def _cautions(effective: float, shares: tuple[KindShare, ...]) -> tuple[Reason, ...]:
    found = list[Reason]()
    if effective < _FEWEST_EVENTS:
        found.append(Reason(code="index_rests_on_few", values={"events": effective, "needed": _FEWEST_EVENTS}))
    if shares and shares[0].share > _LARGE_SHARE:
        found.append(Reason(code="one_kind_dominates", values={"kind": shares[0].kind, "share": shares[0].share}))
    return tuple(found)


def _always(weights: Weights) -> tuple[Reason, ...]:
    judged = Reason(code="weights_are_a_judgement", values={"source": weights.source, "year": weights.year})
    return judged, Reason(code="only_registered_crime")


def press_ranking_limits() -> tuple[Reason, ...]:
    """What has to stand beside a ranking of municipalities by ten weighted offences, as newspapers publish them.

    Small places jump from year to year (Renswoude went from 364 to 253), an institution within the borders counts in
    full, visitors and shops are not counted as inhabitants: context, never a verdict.
    """
    codes = ("ranking_is_context", "small_places_jump", "institutions_count_in_full", "visitors_are_not_counted")
    return tuple(Reason(code=code) for code in codes)


def rank_by_harm(own: PlaceKinds, places: Sequence[PlaceKinds], *, weights: Weights) -> RankInterval:
    """Rank of a place by its index, highest first, with the ranks that it could as well have had.

    Each index counts as the number of equally heavy events that it is as uncertain as. A place of which one of the
    weighted kinds is not known has no rank: without that kind it would look safer. Goes with `press_ranking_limits`.
    """
    others = [place for place in places if place.code != own.code]
    indices = [harm_index(p.events, inhabitants=p.inhabitants, weights=weights) for p in (own, *others)]
    totals, variances = (
        sum(part) for part in zip(*((i.total or 0.0, i.variance or 0.0) for i in indices), strict=True)
    )
    usual = variances / totals if totals > 0 else 1.0
    equal = [_equal(place, index, usual) for place, index in zip((own, *others), indices, strict=True)]
    return rank_interval(equal[0], equal[1:])


def _equal(place: PlaceKinds, index: HarmIndex, usual: float) -> Place:
    """The place with as many equally heavy events as its index is worth; `usual` is how heavy they are without any."""
    if index.total is None or index.variance is None or place.inhabitants is None or index.unknown:
        return Place(code=place.code, name=place.name, events=None, inhabitants=place.inhabitants)
    heavy = index.variance / index.total if index.total > 0 else usual
    return Place(code=place.code, name=place.name, events=index.effective_events, inhabitants=place.inhabitants / heavy)


def _no_index(
    per: float, unknown: tuple[str, ...], without: tuple[str, ...], weights: Weights, refused: Reason | None
) -> HarmIndex:
    reasons = (*([refused] if refused is not None else []), *_left_out(unknown, without))
    return HarmIndex(
        index=None,
        low=None,
        high=None,
        per=per,
        total=None,
        variance=None,
        effective_events=None,
        shares=(),
        unknown=unknown,
        without_weight=without,
        weights=weights,
        reasons=reasons,
    )
