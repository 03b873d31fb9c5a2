"""Write a file so that another process sees all of it or none of it, also after a loss of power.

Not for files of gigabytes, which are not first held in memory: see `registers.store` for a folder that appears whole.
"""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file beside its place and give it its name when all of it is on disk; makes the folder where needed."""
    write_whole_in_pieces(path, (data,), mode=mode)


def write_whole_in_pieces(path: Path, pieces: Iterable[bytes], *, mode: int = 0o644) -> None:
    """Write a file as `write_whole` does, of pieces that are made one after another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.writelines(pieces)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a loss of power: a rename is on disk only after this."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
