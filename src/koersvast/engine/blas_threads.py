"""Hold the matrix products of NumPy to one thread for a while, so that threads of our own can share the work.

Many products of small matrices lose more by waiting for each other than they gain by threads inside each product, the
more so on a machine that is busy. NumPy has no switch for this; its own copy of OpenBLAS has. Where NumPy was built
with another library nothing is changed, and only speed is different.
"""

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

_PREFIXES, _SUFFIXES = ("scipy_openblas", "openblas"), ("64_", "_64", "")
_lock = threading.Lock()
_holders: list[int] = []


class _Switch:
    """The two functions of OpenBLAS that tell and set the number of threads."""

    def __init__(self, library: ctypes.CDLL, prefix: str, suffix: str) -> None:
        self.tell = getattr(library, f"{prefix}_get_num_threads{suffix}")
        self.set = getattr(library, f"{prefix}_set_num_threads{suffix}")
        self.tell.restype = ctypes.c_int
        self.set.argtypes, self.set.restype = [ctypes.c_int], None


@cache
def _switch() -> _Switch | None:
    # The library is found through the compiled module that is linked with it, under whatever name it was installed.
    core = sys.modules.get(f"{np.__name__}._core._multiarray_umath")
    if core is None or core.__file__ is None:
        return None
    library = ctypes.CDLL(core.__file__)
    for prefix in _PREFIXES:
        for suffix in _SUFFIXES:
            try:
                return _Switch(library, prefix, suffix)
            except AttributeError:
                continue
    return None


def blas_threads() -> int | None:
    """How many threads a matrix product may use now; None where it cannot be told."""
    switch = _switch()
    return None if switch is None else int(switch.tell())


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """One thread per matrix product, in the whole process, until the last who asked for it is ready."""
    switch = _switch()
    if switch is None:
        yield
        return
    with _lock:
        _holders.append(int(switch.tell()))
        switch.set(1)
    try:
        yield
    finally:
        with _lock:
            # The first who came saw the number that the process had; it returns when nobody is left.
            before = _holders[0]
            _holders.pop()
            if not _holders:
                switch.set(before)
