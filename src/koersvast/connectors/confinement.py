"""One-shot children in which foreign files are taken apart: how they are asked, and what they give up first.

The child reads a request and the file on standard input and answers on standard output. A child that dies, hangs or
talks too much is an unreadable file, and nothing more. What it answers is for the caller to check.
"""

import contextlib
import json
import os
import resource
import selectors
import subprocess
import sys
import tempfile
import time
from typing import IO, Any, Protocol, cast

from koersvast.connectors.sheets import refuse

_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.", "shutil.")
# Mathematics libraries reserve memory for each thread, and a child has one thing to do.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Costs(Protocol):
    """What a child may cost: sizes in bytes, times in seconds."""

    @property
    def memory_bytes(self) -> int: ...
    @property
    def cpu_seconds(self) -> int: ...
    @property
    def timeout_seconds(self) -> float: ...
    @property
    def answer_bytes(self) -> int: ...


def ask(module: str, request: dict[str, Any], pieces: tuple[bytes, ...], *, costs: Costs) -> tuple[bytes, int]:
    """Run a module of ours as a child on a request and the bytes of files; return its answer and how it ended.

    The end is 0, or the number of the signal or status with which it ended. The bytes wait for the child in a file
    that never had a name, in memory where the system can do that (Linux), so that no clear text is left behind.
    """
    asked = json.dumps(request).encode()
    with _nameless() as given:
        for piece in (len(asked).to_bytes(4, "big"), asked, *pieces):
            given.write(piece)
        given.flush()
        given.seek(0)
        with subprocess.Popen(  # noqa: S603 (our own interpreter and module; nothing of the file is an argument)
            [sys.executable, "-I", "-B", "-m", module],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            close_fds=True,
            start_new_session=True,
        ) as child:
            try:
                answer = read_all(cast(IO[bytes], child.stdout), costs)
            finally:
                child.kill()
        return answer, abs(child.returncode)


def _nameless() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return cast(IO[bytes], os.fdopen(os.memfd_create("given", os.MFD_CLOEXEC), "w+b"))
    return cast(IO[bytes], tempfile.TemporaryFile())


def read_all(pipe: IO[bytes], costs: Costs) -> bytes:
    """Read until the child closes its end; neither its silence nor its flood may hold this process."""
    deadline = time.monotonic() + costs.timeout_seconds
    pieces: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if not selector.select(max(deadline - time.monotonic(), 0)):
                raise refuse("took_too_long", limit=costs.timeout_seconds)
            piece = os.read(pipe.fileno(), 1 << 20)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            size += len(piece)
            if size > costs.answer_bytes:
                raise refuse("too_many_cells", limit=costs.answer_bytes, found=size)


def confine(costs: Costs) -> list[str]:
    """Give up rights, in the child; return the names of what held. What a system lacks is left out, not pretended."""
    held = []
    for name, kind, most in (
        ("memory", resource.RLIMIT_AS, costs.memory_bytes),
        ("cpu", resource.RLIMIT_CPU, costs.cpu_seconds),
        ("no_file_writes", resource.RLIMIT_FSIZE, 0),
        ("few_open_files", resource.RLIMIT_NOFILE, 64),
        ("no_core_dump", resource.RLIMIT_CORE, 0),
    ):
        # macOS knows RLIMIT_AS by name only.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
            held.append(name)
    if hasattr(os, "unshare"):
        with contextlib.suppress(OSError):
            os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
            held.append("no_network")
    sys.addaudithook(_refuse_reaching_out)
    return [*held, "no_sockets_or_children"]


def _refuse_reaching_out(event: str, _: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)
