"""Compile every .po catalogue to the .mo that Django reads; GNU gettext is not needed."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

for catalogue in sorted(Path("src").glob("**/locale/*/LC_MESSAGES/*.po")):
    with catalogue.open("rb") as readable:
        messages = read_po(readable, locale=catalogue.parts[-3])
    with catalogue.with_suffix(".mo").open("wb") as writable:
        write_mo(writable, messages)
