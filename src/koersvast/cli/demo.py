"""The demo: the plan of Dalfsen 2019-2022, with invented people who can use it, on this machine only."""

import os
import sys
from datetime import date
from pathlib import Path

from django.conf import settings

import koersvast
from koersvast.access.changes import grant, register_user
from koersvast.access.models import Municipality, User
from koersvast.cli import practice_survey
from koersvast.cli.installation import OPERATOR, bring_up_to_date
from koersvast.cli.language import LANGUAGE, _
from koersvast.cli.practice import load_practice
from koersvast.cli.ready import Refusal
from koersvast.policy.changes.packages import import_package
from koersvast.programme.changes.packages import files_of, import_programme
from koersvast.registers.practice import PRACTICE

CODE = "GM0148"
# Invented people; .example is a domain that never exists.
PERSONAS = (
    ("anouk.veldkamp@dalfsen.example", "Anouk Veldkamp", "policy_officer"),
    ("marijke.hofstra@dalfsen.example", "Marijke Hofstra", "executive"),
    ("joost.tenhave@dalfsen.example", "Joost ten Have", "council_member"),
    ("samira.elamrani@dalfsen.example", "Samira El Amrani", "researcher"),
    ("ruben.kuiper@dalfsen.example", "Ruben Kuiper", "administrator"),
)
SINCE = date(2018, 1, 1)


def demo_directory() -> Path:
    """Where the demo's files lie: in the installed package, else beside the source."""
    package = Path(koersvast.__file__).parent
    places = (package / "demo", package.parents[1] / "demo")
    found = next((place for place in places if (place / "package.toml").exists()), None)
    if found is None:
        raise Refusal(_("The files of the demo are missing: {place}.").format(place=places[0]))
    return found


def load() -> bool:
    """Load the demo into the home directory; return False when it was there already."""
    bring_up_to_date()
    marker = _marker()
    if marker.exists() and Municipality.objects.filter(code=CODE).exists():
        return False
    _refuse_real_data(marker)
    import_package(demo_directory(), by=OPERATOR)
    town = Municipality.objects.get(code=CODE)
    import_programme(files_of(demo_directory() / "uitvoering"), municipality=town, by=OPERATOR)
    invented = (load_practice(), practice_survey.load_practice_survey(demo_directory()))
    welcome(town, *invented)
    return True


def welcome(*municipalities: Municipality) -> None:
    """Give the invented people their roles, and sign in a visitor on this machine without a password from now on."""
    for municipality in municipalities:
        for email, name, role in PERSONAS:
            user = User.objects.filter(email=email).first()
            user = user or register_user(email=email, name=name, by=OPERATOR, is_demo_persona=True)
            if not user.memberships.filter(municipality=municipality).exists():
                grant(user, role, municipality, since=SINCE, by=OPERATOR)
    # Last: with this marker there is no sign-in.
    _marker().write_text("koersvast demo\n", encoding="utf-8")


def _marker() -> Path:
    return Path(settings.HOME) / "demo"


def _refuse_real_data(marker: Path) -> None:
    """The demo has no sign-in; it must never come to stand beside somebody's own figures."""
    others = Municipality.objects.exclude(code__in=(CODE, PRACTICE, practice_survey.CODE))
    own = User.objects.filter(is_demo_persona=False).exists() or others.exists()
    if not marker.exists() and own:
        raise Refusal(
            _("This directory holds data of your own: {home}.").format(home=settings.HOME),
            _("Give the demo a directory of its own: KOERSVAST_HOME=DIRECTORY koersvast demo"),
        )


def start(serve: bool, port: int, browser: bool) -> None:
    """Load the demo and, if asked, serve it: in a fresh process, whose settings see the marker."""
    is_new = load()
    print(_("The demo of Dalfsen is loaded.") if is_new else _("The demo of Dalfsen was loaded already."))
    print(_("Directory: {home}").format(home=settings.HOME))
    if not serve:
        return
    sys.stdout.flush()
    options = ["serve", "--port", str(port), "--next-free", *(["--browser"] if browser else [])]
    os.execv(sys.executable, [sys.executable, "-m", "koersvast.cli.main", "--lang", LANGUAGE, *options])  # noqa: S606
