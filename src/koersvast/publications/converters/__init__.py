"""Foreign programs (Typst, Vega, pandoc) in one-shot children: no network, no environment, limited time and file size.

Memory is not limited: what they get is a document of our own, never a foreign file. A child reads one request from
standard input, writes one answer to standard output and ends. Its working directory is an empty folder that is removed
afterwards.
"""

import functools
import resource
import shutil
import subprocess
import sys
import tempfile

SECONDS = 60
MEGABYTES_WRITTEN = 200


class ConversionFailed(RuntimeError):
    """A converter ended without a result. `block` names the block if it is known, `detail` is the converter's word."""

    def __init__(self, detail: str, *, block: str = "") -> None:
        super().__init__(f"{block}: {detail}" if block else detail)
        self.detail, self.block = detail, block


def convert(child: str, request: bytes, *, seconds: int = SECONDS) -> bytes:
    """Run the child module of that name on a request and return its answer; raise ConversionFailed if it fails."""
    command = [*without_network(), sys.executable, "-I", "-m", f"{__name__}.{child}"]
    with tempfile.TemporaryDirectory(prefix="koersvast-") as folder:
        try:
            done = subprocess.run(  # noqa: S603 - our own modules only; the request is data on standard input
                command,
                input=request,
                capture_output=True,
                timeout=seconds,
                cwd=folder,
                env={"LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder},
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise ConversionFailed(f"{child} did not finish within {seconds} seconds.") from late
    if done.returncode != 0:
        raise ConversionFailed(
            done.stderr.decode(errors="replace").strip()[-2000:] or f"{child} ended with {done.returncode}."
        )
    return done.stdout


def limit(*, seconds: int = SECONDS) -> None:
    """Bind this process to its limits. For children only: it cannot be undone."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTES_WRITTEN * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@functools.cache
def without_network() -> tuple[str, ...]:
    """Return the words before a command that take its network away, or none where the system does not allow that."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    words = (unshare, "--user", "--map-root-user", "--net")
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)  # noqa: S603 - fixed words
    return words if tried.returncode == 0 else ()
