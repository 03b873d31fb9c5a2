"""A random sample and a citizen panel side by side: each weighted to the population by itself, and what differs.

Nobody drew the members of a panel, so its estimates are never mixed with those of the sample unasked. Pooling asks for
a statement that goes along with every number made of it. *Not* here: samples that partly overlap, and models of who
joins a panel. See docs/methods/weighting.md. Shapes: n respondents of a frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from koersvast.engine.designs import Bools, Design
from koersvast.engine.dispersion import Floats
from koersvast.engine.estimates import Estimate, share
from koersvast.engine.quantities import BadValue, Correction, Method, Missing
from koersvast.engine.survey import Difference
from koersvast.engine.survey_tests import Overlap, adjusted, compare_waves
from koersvast.engine.weight_diagnostics import kish_design_effect

METHOD = Method(name="frames-apart", version="1")


@dataclass(frozen=True, kw_only=True, eq=False)
class AskedInBoth:
    """A share that both frames can give: who said yes, and who is in the base (None: everybody), per frame (n,)."""

    code: str
    first_yes: Bools
    second_yes: Bools
    first_rows: Bools | None = None
    second_rows: Bools | None = None


@dataclass(frozen=True, kw_only=True)
class FrameDifference:
    """One share in both frames. difference: second minus first in points, with its test; None without either share.

    adjusted_p_value: after Holm, over all shares that were compared at once. differs: whether it is below the
    significance that was asked.
    """

    code: str
    first: Estimate | Missing
    second: Estimate | Missing
    difference: Difference | None
    adjusted_p_value: float | None
    differs: bool
    method: Method = METHOD


@dataclass(frozen=True, kw_only=True)
class PoolingStatement:
    """Why two frames are taken together all the same: a sentence of a person, printed with every number made of it."""

    statement: str

    def __post_init__(self) -> None:
        if not self.statement.strip():
            raise BadValue("Frames are pooled with a statement only.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Pooled:
    """Weights of both frames together: those of the first (n,) followed by those of the second.

    first_share: the part of the whole that the first frame speaks for. statement goes wherever the weights go.
    """

    weights: Floats
    first_share: float
    statement: PoolingStatement


def compare_frames(
    first: Design, second: Design, asked: Sequence[AskedInBoth], *, significance: float = 0.05
) -> tuple[FrameDifference, ...]:
    """Hold shares of one frame against those of the other; each design has the weights of its own frame.

    The frames have no respondents in common. Raises what
    `estimates.share` and `survey_tests.compare_waves` raise.
    """
    pairs = [
        (share(first, one.first_yes, rows=one.first_rows), share(second, one.second_yes, rows=one.second_rows))
        for one in asked
    ]
    found = [_difference(*pair) for pair in pairs]
    told = [number for number, one in enumerate(found) if one is not None]
    p_values = adjusted([one.p_value for one in found if one is not None], Correction.HOLM)
    p_value_of = dict(zip(told, p_values.tolist(), strict=True))
    return tuple(
        FrameDifference(
            code=one.code,
            first=pair[0],
            second=pair[1],
            difference=difference,
            adjusted_p_value=p_value_of.get(number),
            differs=p_value_of.get(number, 1.0) < significance,
        )
        for number, (one, pair, difference) in enumerate(zip(asked, pairs, found, strict=True))
    )


def pool(first: Floats, second: Floats, *, statement: PoolingStatement, first_share: float | None = None) -> Pooled:
    """Weights of both frames that together add up to the population, each frame's own having done so already.

    first_share: None gives each frame its part of the effective respondents (Kish). Raises BadValue.
    """
    totals = float(first.sum()), float(second.sum())
    if min(totals) <= 0 or abs(totals[0] - totals[1]) > 1e-6 * max(totals):
        raise BadValue(f"One frame adds up to {totals[0]} and the other to {totals[1]}.")
    sizes = [weights.size / kish_design_effect(weights) for weights in (first, second)]
    part = sizes[0] / sum(sizes) if first_share is None else first_share
    if not 0 < part < 1:
        raise BadValue(f"A share of {part} for the first frame.")
    return Pooled(weights=np.concatenate([first * part, second * (1 - part)]), first_share=part, statement=statement)


def _difference(first: Estimate | Missing, second: Estimate | Missing) -> Difference | None:
    if isinstance(first, Missing) or isinstance(second, Missing):
        return None
    # Frames without people in common are to each other as two waves are.
    return compare_waves(first, second, overlap=Overlap.NONE, shares=True)
