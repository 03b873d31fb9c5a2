"""National tables kept as columns: load once, keep every vintage, ask the same question of one area or of all.

A *register* is a table of the police or of CBS as this installation holds it. A *vintage* is the table as it stood on
the day that it was fetched. Not for judging figures (`engine`), nor for what a municipality follows (`indicators`).
Knows no Django: a data analyst uses this package and `engine` in a notebook (docs/guides/notebook.md).
"""

from koersvast.registers.notebook import Home, fetch
from koersvast.registers.notebook import open_home as open  # noqa: A004 -- registers.open reads as it is meant
from koersvast.registers.tables import TABLES

__all__ = ["TABLES", "Home", "fetch", "open"]
