"""Which columns of a table differ beyond chance: letters within a banner, and each column against all others.

Two columns of a banner share no respondents, but they share strata, clusters and the fit to margins: the variance of a
difference is made with their covariance, as R's `svycontrast` does. Student's t, with the degrees of freedom of the two
columns together. A share of 0 or 100 % has no scatter to test with and takes no part; neither does a column with fewer
respondents than the rule says. Bonferroni counts the pairs of one row of one banner that do take part.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from koersvast.engine.tabulation_sums import Floats

type Flags = NDArray[np.bool_]
type Texts = NDArray[np.object_]


def surely_apart(
    estimate: Floats, covariance: Floats, freedom: Floats, taking_part: Flags, *, significance: float, bonferroni: bool
) -> Flags:
    """Tell for each row which column of a group is higher than which, (J, K, K): [j, a, b] says a is higher than b.

    estimate (J, K), covariance (J, K, K), freedom (K, K), taking_part (J, K).
    """
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    spread = variance[:, :, None] + variance[:, None, :] - 2 * covariance
    apart = estimate[:, :, None] - estimate[:, None, :]
    both = taking_part[:, :, None] & taking_part[:, None, :] & (freedom > 0) & (spread > 0)
    many = taking_part.sum(axis=1)
    pairs = np.maximum(many * (many - 1) // 2, 1) if bonferroni else np.ones(len(many))
    limits = _limits(freedom, pairs, significance)
    return np.asarray(both & (apart > 0) & (apart > limits * np.sqrt(np.where(both, spread, 0.0))))


def _limits(freedom: Floats, pairs: Floats, significance: float) -> Floats:
    """How many standard errors a difference must be, (J, K, K); few numbers of pairs occur, so few are worked out."""
    numbers, which = np.unique(pairs, return_inverse=True)
    degrees = np.where(freedom > 0, freedom, 1.0)
    return np.stack([special.stdtrit(degrees, 1 - significance / (2 * number)) for number in numbers])[which]


def write_letters(letters: Texts, higher: Flags, names: Sequence[str]) -> None:
    """Write in `letters` (J, K) the names of the columns that each cell is higher than."""
    for row, column, other in np.argwhere(higher).tolist():
        before = letters[row, column]
        letters[row, column] = f"{before} {names[other]}" if before else names[other]
