"""Made-up municipalities with a survey, for tests of what may be published."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from koersvast.engine.disclosure import LinkedTable, Protected, Why, attack, nested_columns
from koersvast.engine.disclosure_tables import Flags, Floats, Ints

RESPONDENTS = 1244
# Kernen, sex, age, household, education, tenure: as many groups as a local report usually has.
GROUPS = (6, 2, 5, 4, 3, 5)


def town(seed: int, *, questions: int = 2, groups: Sequence[int] = GROUPS, sensitive: bool = True) -> list[LinkedTable]:
    """Tables of one municipality: small kernen, rare answers, and here and there a background that is not known."""
    chance = np.random.default_rng(seed)
    backgrounds = [_background(chance, size) for size in groups]
    members = np.vstack([np.ones(RESPONDENTS, dtype=np.bool_), *(_membership(*each) for each in backgrounds)])
    edges = np.cumsum([1, *groups])
    spans = tuple(slice(int(start), int(end)) for start, end in pairwise(edges))
    tables = []
    for question in range(questions):
        answers = int(chance.integers(2, 6))
        given = chance.choice(answers, RESPONDENTS, p=chance.dirichlet(np.full(answers, 0.8)))
        counts = np.array([(members & (given == answer)).sum(axis=1) for answer in range(answers)])
        tables.append(
            LinkedTable(
                code=f"question-{question}",
                counts=counts,
                respondents=members.sum(axis=1),
                spans=spans,
                sensitive=sensitive,
            )
        )
    return tables


def _background(chance: np.random.Generator, size: int) -> tuple[Ints, int]:
    group = chance.choice(size, RESPONDENTS, p=chance.dirichlet(np.full(size, 1.5)))
    unknown = chance.random(RESPONDENTS) < 0.03 if chance.random() < 0.4 else np.zeros(RESPONDENTS, dtype=np.bool_)
    return np.where(unknown, -1, group), size


def _membership(group: Ints, size: int) -> Flags:
    return np.equal(group, np.arange(size)[:, None])


def one_table(counts: Sequence[Sequence[int]], **more: Any) -> LinkedTable:
    """A table of exclusive answers whose first column is everybody, and whose others are one background."""
    rows = np.array(counts)
    settings: dict[str, Any] = {
        "code": "question",
        "spans": (slice(1, rows.shape[1]),),
        "respondents": rows.sum(axis=0),
        **more,
    }
    return LinkedTable(counts=rows, **settings)


def nothing_hidden_but(table: LinkedTable, cells: Flags) -> Protected:
    """What a design shows that hides these cells and nothing to protect them."""
    columns = np.zeros(len(table.respondents), dtype=np.bool_)
    why = np.where(cells, int(Why.SMALL_GROUP), int(Why.SHOWN)).astype(np.uint8)
    return Protected(code=table.code, hidden=cells, why=why, hidden_columns=columns, hidden_means=columns)


def widths(tables: Sequence[LinkedTable], protected: Sequence[Protected]) -> Floats:
    """How wide the intervals are that an attacker finds for all that is hidden, in respondents.

    The hidden shares, the hidden bases (but of a further question: how many were asked it is an answer itself), and the
    answers of those without a known group.
    """
    found = []
    for table, cover, known in zip(tables, protected, attack(tables, protected), strict=True):
        secret = cover.hidden & ((table.printed > 0) | table.sensitive)
        found.append(known.width[secret])
        if not table.asked_of:
            found.append((known.base_high - known.base_low)[cover.hidden_columns])
        for number, partition in enumerate(table.partitions()):
            left = table.counts[:, partition.parent] - table.counts[:, list(partition.parts)].sum(axis=1)
            size = table.respondents[partition.parent] - table.respondents[list(partition.parts)].sum()
            if size and (table.unknown_is_group or partition.parent):
                small = (left > 0) | table.sensitive
                found.append((known.other_high - known.other_low)[small, number])
    return np.concatenate(found)


def linked_town(seed: int, *, respondents: int = RESPONDENTS) -> list[LinkedTable]:
    """Tables that are linked in many ways: buurten in wijken, cuts of cuts, a mean, a question to some of them."""
    chance = np.random.default_rng(seed)
    buurt = chance.choice(8, respondents, p=chance.dirichlet(np.full(8, 2.0)))
    wijk, age = buurt // 3, chance.choice(4, respondents, p=(0.1, 0.3, 0.35, 0.25))
    memberships, spans = [wijk, buurt, age], [slice(1, 4), slice(4, 12), slice(12, 16)]
    members = np.vstack([np.ones(respondents, dtype=np.bool_), *map(_membership, memberships, (3, 8, 4))])
    nuisance = chance.choice(4, respondents, p=(0.45, 0.3, 0.15, 0.1))
    settings: dict[str, Any] = {"spans": tuple(spans), "nested": nested_columns(memberships[:2], spans[:2])}
    asked, mark = nuisance >= 2, chance.binomial(3, 0.7, respondents)
    reported = np.vstack([chance.random(respondents) < share for share in (0.3, 0.1, 0.05)])
    return [
        _of(members, nuisance, 4, code="nuisance", cuts=((1, 2, 3), (2, 3)), **settings),
        _of(members, mark, 4, code="mark", scores=(1.0, 4.0, 7.0, 10.0), **settings),
        LinkedTable(
            code="reported",
            counts=np.array([(members & yes & asked).sum(axis=1) for yes in reported]),
            respondents=(members & asked).sum(axis=1),
            exclusive=False,
            base="nuisance",
            asked_of=("nuisance", (2, 3)),
            **settings,
        ),
    ]


def _of(members: Flags, given: Ints, answers: int, **settings: Any) -> LinkedTable:
    counts = np.array([(members & (given == answer)).sum(axis=1) for answer in range(answers)])
    return LinkedTable(counts=counts, respondents=members.sum(axis=1), **settings)
