"""National tables kept as columns: load once, keep every vintage, ask the same question of one area or of all.

A *register* is a table of the police or of CBS as this installation holds it. A *vintage* is the table as it stood on
the day that it was fetched. Not for judging figures (`engine`), nor for what a municipality follows (`indicators`).
Knows no Django: a data analyst uses this package and `engine` in a notebook (docs/guides/notebook.md).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from koersvast.registers.notebook import Home, fetch
    from koersvast.registers.notebook import open_home as open  # noqa: A004 -- registers.open reads as it is meant
    from koersvast.registers.tables import TABLES

__all__ = ["TABLES", "Home", "fetch", "open"]

# The engines behind these take a second to load, and every command and page passes through this package.
_PLACES = {
    "TABLES": ("tables", "TABLES"),
    "Home": ("notebook", "Home"),
    "fetch": ("notebook", "fetch"),
    "open": ("notebook", "open_home"),
}


def __getattr__(name: str) -> Any:
    """Load what a notebook asks for at the moment that it does."""
    if name not in _PLACES:
        raise AttributeError(name)
    module, thing = _PLACES[name]
    return getattr(import_module(f"{__name__}.{module}"), thing)
