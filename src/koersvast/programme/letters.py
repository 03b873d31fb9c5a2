"""The one mail of a week in words. It names actions of the own organisation only, and nobody by name."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import ngettext

from koersvast.programme.queries.weekly_mail import Letter
from koersvast.programme.wording.standing import facts

AT_MOST = 8


def subject(letter: Letter) -> str:
    """The subject: which town, and how much waits."""
    return ngettext(
        "{town}: {number} action waits for a line from you", "{town}: {number} actions wait for a line from you",
        letter.actions_count,
    ).format(town=" ".join(letter.municipality.name.split()), number=letter.actions_count)  # fmt: skip


def text(letter: Letter, links: dict[int, str]) -> str:
    """The mail as plain text."""
    return render_to_string("programme_mail/weekly.txt", context(letter, links))


def html(letter: Letter, links: dict[int, str]) -> str:
    """The mail as HTML: the same words, with a button."""
    return render_to_string("programme_mail/weekly.html", context(letter, links))


def context(letter: Letter, links: dict[int, str]) -> dict[str, Any]:
    """Everything that the templates show; `links` gives the address to report at by the number of a contact."""
    return {
        "town": letter.municipality.name,
        "subject": subject(letter),
        "parts": [
            {
                "organisation": str(asked.contact.organisation),
                "lines": [
                    {"number": one.number, "title": one.action.title, "facts": ", ".join(facts(one))}
                    for one in asked.actions[:AT_MOST]
                ],
                "more": _more(len(asked.actions) - AT_MOST),
                "link": links[asked.contact.pk],
                "has_account": asked.contact.user_id is not None,
            }
            for asked in letter.asked
        ],
    }


def _more(number: int) -> str:
    if number < 1:
        return ""
    return ngettext("and {number} more action", "and {number} more actions", number).format(number=number)
