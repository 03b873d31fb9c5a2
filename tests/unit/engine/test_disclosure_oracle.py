"""Tau-Argus, the program of statistical offices, hides about as much in plain tables; both withstand the attacker."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koersvast.engine.disclosure import LinkedTable, protect
from koersvast.engine.disclosure_tables import Flags, Ints
from tests.unit.engine.towns import nothing_hidden_but, one_table, widths

RESPONDENTS, GROUPS, ANSWERS = 600, 6, 4


@pytest.fixture(scope="module")
def tau_argus() -> Any:
    try:
        return import_module("pytauargus")
    except (ImportError, OSError) as problem:
        pytest.skip(f"Tau-Argus does not run here: {problem}")


def _respondents(seed: int) -> tuple[Ints, Ints, LinkedTable] | None:
    """Group and answer of each respondent, and their table; None when a group or an answer would make it not plain."""
    chance = np.random.default_rng(seed)
    group = chance.choice(GROUPS, RESPONDENTS, p=chance.dirichlet(np.full(GROUPS, 4.0)))
    answer = chance.choice(ANSWERS, RESPONDENTS, p=(0.5, 0.3, 0.15, 0.05))
    counts = np.zeros((ANSWERS, GROUPS), dtype=np.int64)
    np.add.at(counts, (answer, group), 1)
    if counts.sum(axis=0).min() < 30 or counts.sum(axis=1).min() < 10 or counts.min() == 0:
        return None
    return group, answer, one_table(np.column_stack([counts.sum(axis=1), counts]).tolist())


def _hidden_by_tau_argus(tau_argus: Any, group: Ints, answer: Ints, folder: Path) -> Flags:
    rows = {"group": [f"g{g}" for g in group], "answer": [f"a{a}" for a in answer], "one": [1.0] * RESPONDENTS}
    found = tau_argus.protect(
        rows, ["answer", "group"], response="one", safety_rules="FREQ(10,100)", suppress="OPT(1)", workdir=str(folder)
    )
    hidden = np.zeros((ANSWERS, GROUPS + 1), dtype=np.bool_)
    for row in found.tables[0].rows:
        answer_code, group_code = str(row["answer"]).strip(), str(row["group"]).strip()
        if answer_code.startswith("a"):
            column = int(group_code[1:]) + 1 if group_code.startswith("g") else 0
            hidden[int(answer_code[1:]), column] = not str(row["status"]).startswith("S")
    return hidden


def test_plain_tables_when_protected_by_tau_argus_and_by_us_both_hold_and_cost_about_as_much(
    tau_argus: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # its engine writes logs where it stands
    ours = theirs = tables = 0
    for seed in range(30):
        made = _respondents(seed)
        if made is None:
            continue
        group, answer, table = made
        oracle = _hidden_by_tau_argus(tau_argus, group, answer, tmp_path / str(seed))
        assert oracle[table.printed < 10].all()
        # Its protection level is a share of the count, so that a count of two may stay within four.
        assert widths([table], [nothing_hidden_but(table, oracle)]).min(initial=np.inf) > 1
        [cover] = protect([table])
        assert widths([table], [cover]).min(initial=np.inf) >= 10 - 1e-6
        ours, theirs, tables = ours + int(cover.hidden.sum()), theirs + int(oracle.sum()), tables + 1
    assert tables >= 10
    assert theirs > 0
    assert ours <= 1.1 * theirs
