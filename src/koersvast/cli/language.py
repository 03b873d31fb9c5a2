"""In which language the command line speaks: Dutch, unless `--lang en` or the LANG of the machine says English.

Settled when this module is imported, since the help texts are made at the same moment. The catalogue has the domain
`messages`, which the library that parses the options uses too: its words come out in the same language.
"""

import gettext
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DUTCH, ENGLISH = "nl", "en"


def chosen(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return nl or en: an option before a variable of the machine, Dutch without either."""
    for place, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return ENGLISH if argument == "--lang=en" else DUTCH
        if argument == "--lang" and place + 1 < len(arguments):
            return ENGLISH if arguments[place + 1] == ENGLISH else DUTCH
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return ENGLISH if said.startswith(ENGLISH) else DUTCH


LANGUAGE = chosen(sys.argv[1:], os.environ)
os.environ["LANGUAGE"] = LANGUAGE
gettext.bindtextdomain("messages", LOCALE)
gettext.textdomain("messages")
_ = gettext.gettext
ngettext = gettext.ngettext
