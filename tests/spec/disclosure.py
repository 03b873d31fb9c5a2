"""The table of docs/methods/disclosure.md, with its small cell hidden alone and with what protects it."""

from collections.abc import Callable, Mapping, Sequence

from koersvast.engine.disclosure import attack, protect
from tests.unit.engine.towns import nothing_hidden_but, one_table

type Answer = Sequence[float | str | None]

_ANSWERS, _KERNEN = ("a lot", "a little", "no"), ("everybody", "north", "south")
_TABLE = one_table([[60, 3, 57], [140, 87, 53], [100, 40, 60]])


def _hidden_cell(answer: str, kern: str) -> Answer:
    place = _ANSWERS.index(answer), _KERNEN.index(kern)
    [alone] = attack([_TABLE], [nothing_hidden_but(_TABLE, _TABLE.printed < 10)])
    [cover] = protect([_TABLE])
    [known] = attack([_TABLE], [cover])
    hidden = "yes" if cover.hidden[place] else "no"
    return alone.low[place], alone.high[place], hidden, known.low[place], known.high[place]


DISCLOSURE: Mapping[str, Callable[..., Answer]] = {"hidden-cells": _hidden_cell}
