"""Noise that is the same every time, and nought on average."""

import numpy as np
import pytest

from koersvast.engine.disclosure_noise import cell_keys, noise, perturb, record_keys
from koersvast.engine.quantities import BadValue

SECRET = b"a secret of the municipality"


def test_same_cell_a_thousand_times_gives_one_number() -> None:
    chance, keys, table = np.random.default_rng(1), record_keys(SECRET, 1244), noise()
    members = chance.random((1, 1244)) < 0.03
    found = set()
    for _ in range(1000):
        order = chance.permutation(1244)
        shuffled = cell_keys(keys[order], members[:, order])
        found.add(int(perturb(members.sum(axis=1), shuffled, table)[0]))
    assert len(found) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
def test_noise_at_any_count_is_nought_on_average_and_has_its_variance(count: int) -> None:
    keys = np.random.default_rng(count).integers(0, 2**32, 200_000, dtype=np.uint32)
    counts = np.full(200_000, count)
    changes = perturb(counts, keys, noise(largest=5, variance=2.0)) - counts
    assert abs(changes.mean()) < 0.05
    assert abs(changes.var() - 2) < 0.05
    assert (changes >= -count).all()
    assert np.abs(changes).max() <= 5


def test_noise_of_cells_of_one_file_is_nought_on_average() -> None:
    chance, keys = np.random.default_rng(7), record_keys(SECRET, 1244)
    members = chance.random((8000, 1244)) < chance.uniform(0.005, 0.3, (8000, 1))
    counts = members.sum(axis=1)
    changes = perturb(counts, cell_keys(keys, members), noise()) - counts
    assert abs(changes.mean()) < 0.05


def test_nobody_stays_nobody() -> None:
    keys = np.random.default_rng(1).integers(0, 2**32, 1000, dtype=np.uint32)
    assert not perturb(np.zeros(1000, dtype=np.int64), keys, noise()).any()


def test_keys_without_the_secret_are_other_keys() -> None:
    assert not np.array_equal(record_keys(SECRET, 50), record_keys(b"another secret of sixteen", 50))
    with pytest.raises(BadValue, match="16 bytes"):
        record_keys(b"short", 50)


@pytest.mark.parametrize(("largest", "variance"), [(0, 1.0), (5, 0.0), (2, 3.0)])
def test_noise_that_cannot_be_is_refused(largest: int, variance: float) -> None:
    with pytest.raises(BadValue):
        noise(largest=largest, variance=variance)
