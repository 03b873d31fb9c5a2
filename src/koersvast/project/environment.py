"""Reading settings from the environment: three readers and one refusal.

Every variable that is read here is described in docs/reference/settings.md; a test compares the two.
"""

import os
from pathlib import Path


class UnsafeSettings(RuntimeError):
    """The installation would run with a setting that can leak or lose data; it refuses to start."""


def text(name: str, default: str = "") -> str:
    """Return variable `name`, or the contents of the file that `name`_FILE points to (for secrets)."""
    from_file = os.environ.get(f"{name}_FILE")
    if from_file:
        try:
            return Path(from_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise UnsafeSettings(f"{name}_FILE points to a file that cannot be read.") from None
    return os.environ.get(name, default).strip()


def flag(name: str) -> bool:
    """Return True for 1, true, yes, ja; False when absent or 0, false, no, nee."""
    value = text(name, "0").lower()
    if value in {"1", "true", "yes", "ja"}:
        return True
    if value in {"", "0", "false", "no", "nee"}:
        return False
    raise UnsafeSettings(f"{name} is neither yes nor no: {value!r}.")


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty parts."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]
