"""Short codes for addresses, made from a name. Pure: no database."""

from collections.abc import Collection

from django.utils.text import slugify

# Words that the pages use themselves: a page at `partners/nieuw/` would hide the organisation with that code.
RESERVED = frozenset({"nieuw", "export", "plakken"})
LONGEST = 60


def free_code(name: str, *, taken: Collection[str]) -> str:
    """Return a code that nobody has yet.

    >>> free_code("Politie Vechtdal", taken={"politie-vechtdal"})
    'politie-vechtdal-2'
    """
    start = slugify(name)[:LONGEST].strip("-") or "x"
    code, number = start, 1
    while code in taken or code in RESERVED:
        number += 1
        ending = f"-{number}"
        code = start[: LONGEST - len(ending)].rstrip("-") + ending
    return code
