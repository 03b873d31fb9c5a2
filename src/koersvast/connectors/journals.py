"""What a capture has fetched so far, one line per page, so that it goes on where it was killed.

JSON lines; each line is on disk (fsync) before the next page counts. The first line says what the journal is about:
when that is something else, or the metadata have changed since, what follows is worth nothing and is thrown away.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from koersvast.connectors.problems import FetchProblem, problem


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page that is kept: its rows, the rows that the source announces for the whole chain, and what follows it."""

    url: str
    sha256: str
    size_bytes: int
    rows: int
    announced: int | None = None
    next_url: str | None = None


class Journal:
    """A file that is held by one process at a time; use it in a `with`. Raises FetchProblem when another holds it."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        self._path = path
        self._first = _line({"about": dict(about)})
        self.pages: dict[str, Page] = {}

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._held()
        try:
            self._take_up()
        except BaseException:
            os.close(self._file)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)

    def note(self, page: Page) -> None:
        """Write down one page."""
        self._append(_line(asdict(page)))
        self.pages[page.url] = page

    def forget(self) -> None:
        """The capture is finished, or may not be gone on with: remove the file."""
        self._path.unlink(missing_ok=True)

    def _held(self) -> int:
        """Open the file and lock it. Who held it may have removed it just before: then it is another file by now."""
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                raise FetchProblem(problem("already_fetching", journal=self._path.name)) from None
            with suppress(FileNotFoundError):
                if os.path.samestat(self._path.stat(), os.fstat(file)):
                    return file
            os.close(file)

    def _take_up(self) -> None:
        with os.fdopen(os.dup(self._file), "rb") as written:
            first = written.readline()
            end = len(first)
            if first != self._first:
                self._start_anew()
                return
            for line in written:
                page = _page(line)
                if page is None:
                    break
                self.pages[page.url] = page
                end += len(line)
        # A line that was being written at the end is cut off.
        os.ftruncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)

    def _start_anew(self) -> None:
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        self._append(self._first)

    def _append(self, line: bytes) -> None:
        left = memoryview(line)
        while left:
            left = left[os.write(self._file, left) :]
        os.fsync(self._file)


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _page(line: bytes) -> Page | None:
    """Read a line back; None for one that was not written whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        return Page(**json.loads(line))
    except (ValueError, TypeError):
        return None
