"""Degrees of freedom of columns and of pairs of columns: clusters minus strata that have respondents in them."""

from dataclasses import dataclass

import numpy as np

from koersvast.engine.designs import Design
from koersvast.engine.tabulation_sums import Columns, Floats, Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Freedom:
    """of_columns (c,); of_pairs: per banner (K, K), of the two columns together."""

    of_columns: Floats
    of_pairs: tuple[Floats, ...]

    @classmethod
    def of(cls, design: Design, columns: Columns) -> "Freedom":
        """Count them; respondents without a weight do not count, as in R's `degf`."""
        stage, counted = design.first_stage, design.weights > 0
        pairs, clustered = list[Floats](), stage.group.size < design.size
        for codes, categories in zip(columns.codes, columns.categories, strict=True):
            inside = counted & (codes >= 0)
            where = codes[inside].astype(np.int64)
            strata = _in_either(design.stratum[inside], where, stage.sizes.size, categories)
            if not clustered:
                # Everybody is a cluster alone, so no cluster is in two categories.
                alone = np.bincount(where, minlength=categories).astype(float)
                pairs.append(alone[:, None] + alone[None, :] - np.diag(alone) - strata)
                continue
            clusters = _in_either(stage.cluster[inside], where, stage.group.size, categories)
            pairs.append(clusters - strata)
        own = [np.array([float(design.degrees_of_freedom())]), *(np.diagonal(pair) for pair in pairs)]
        return cls(of_columns=np.concatenate(own), of_pairs=tuple(pairs))


def _in_either(groups: Ints, codes: Ints, count: int, categories: int) -> Floats:
    """How many groups have somebody in one category or the other, (K, K)."""
    present = (np.bincount(codes * count + groups, minlength=categories * count) > 0).reshape(categories, count)
    shared = present.astype(float) @ present.T.astype(float)
    alone = np.diagonal(shared)
    return np.asarray(alone[:, None] + alone[None, :] - shared)
