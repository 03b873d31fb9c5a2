"""In which language the command line speaks: Dutch, unless `--lang en` or KOERSVAST_LANG says English.

The machine's own LANG does not count: many Dutch town halls run English machines.

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
    return ENGLISH if environment.get("KOERSVAST_LANG", "").startswith(ENGLISH) else DUTCH


LANGUAGE = chosen(sys.argv[1:], os.environ)
os.environ["LANGUAGE"] = LANGUAGE
gettext.bindtextdomain("messages", LOCALE)
gettext.textdomain("messages")
_ = gettext.gettext
ngettext = gettext.ngettext
