"""Cell-key perturbation: noise on counts that is the same every time the same respondents are counted.

Each respondent has a key; the keys of who is counted in a cell add up to the key of the cell, and that picks the noise
from a fixed table. Asking again, in another table or in another order, gives the same number, so noise cannot be
averaged away. The noise has mean nought at every count, never makes a count negative and leaves nobody at nobody.
Sources: Fraser and Wooton (2005), A proposed method for confidentialising tabular output, UNECE work session on
statistical data confidentiality; Giessing (2016), Computational issues in the design of transition probabilities and
disclosure risk estimation for additive noise, Privacy in Statistical Databases 237-251 (largest entropy with given
mean and variance). An option beside hiding, not in place of it. Method: docs/methods/disclosure.md.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from koersvast.engine.disclosure_tables import Flags, Floats, Ints
from koersvast.engine.quantities import BadValue

type Keys = NDArray[np.uint32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Noise:
    """How likely each change is at each count. Shape of `cumulative`: (counts up to `largest`, 2 × `largest` + 1).

    Row c is for count c; the last row is for all larger counts. Column j is for a change of j - `largest`.
    """

    largest: int
    cumulative: Floats


def noise(*, largest: int = 5, variance: float = 2.0) -> Noise:
    """Make the table of changes: at most `largest` up or down, mean 0, the given variance, as even as can be.

    Raises:
        BadValue: no such changes exist, as for a variance that a count of one cannot have.
    """
    if largest < 1 or not 0 < variance <= largest:
        raise BadValue(f"A variance of {variance} with changes of at most {largest}.")
    changes = np.arange(-largest, largest + 1, dtype=np.float64)
    chances = np.zeros((largest + 1, len(changes)))
    chances[0, largest] = 1
    for count in range(1, largest + 1):
        possible = changes >= -count
        chances[count, possible] = _most_even(changes[possible], variance)
    return Noise(largest=largest, cumulative=np.cumsum(chances, axis=1))


def _most_even(changes: Floats, variance: float) -> Floats:
    """The distribution of largest entropy with mean 0 and this variance: exp(a·change + b·(change² - variance))."""
    moments = np.vstack([changes, changes**2 - variance])

    def unevenness(weights: Floats) -> tuple[float, Floats]:
        powers = weights @ moments
        highest = powers.max()
        parts = np.exp(powers - highest)
        return float(np.log(parts.sum()) + highest), moments @ parts / parts.sum()

    found = optimize.minimize(unevenness, np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-12})
    powers = found.x @ moments
    chances = np.exp(powers - powers.max())
    chances /= chances.sum()
    if np.abs(moments @ chances).max() > 1e-6:
        raise BadValue(f"No changes from {changes[0]:.0f} have a variance of {variance}.")
    return np.asarray(chances)


def record_keys(secret: bytes, respondents: int) -> Keys:
    """A key for each respondent, by the place in the file; without the secret nobody can make them. Shape: (n,)."""
    if len(secret) < 16:
        raise BadValue("The secret of the keys is shorter than 16 bytes.")
    digests = (blake2b(place.to_bytes(8), key=secret, digest_size=4).digest() for place in range(respondents))
    return np.frombuffer(b"".join(digests), dtype=np.uint32)


def cell_keys(keys: Keys, members: Flags) -> Keys:
    """The key of each cell. Shapes: `members` (cells, respondents), result (cells,)."""
    return np.array([keys[inside].sum(dtype=np.uint32) for inside in members], dtype=np.uint32)


def perturb(counts: Ints, keys: Keys, table: Noise) -> Ints:
    """The counts with noise, the same for the same cell. Shapes: any, the same for both."""
    row = np.minimum(counts, table.largest)
    # Multiplying spreads keys that lie close together, such as those of cells that differ by one respondent.
    drawn = ((keys * np.uint32(2654435761)).astype(np.float64) + 0.5) / 2.0**32
    change = (drawn[..., None] > table.cumulative[row]).sum(axis=-1) - table.largest
    return np.asarray(counts + change, dtype=np.int64)
