"""Short codes for addresses, made from a name. Pure: no database."""

from collections.abc import Collection

from django.utils.text import slugify


def free_code(name: str, *, taken: Collection[str], longest: int = 60, otherwise: str = "x") -> str:
    """Return a code of at most `longest` characters that is not `taken`; `otherwise` for a name without letters.

    >>> free_code("Politie Vechtdal", taken={"politie-vechtdal"})
    'politie-vechtdal-2'
    """
    start = slugify(name)[:longest].strip("-") or otherwise
    code, number = start, 1
    while code in taken:
        number += 1
        ending = f"-{number}"
        code = start[: longest - len(ending)].rstrip("-") + ending
    return code
