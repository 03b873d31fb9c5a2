"""Set Django up, run one command, and make a plain sentence of what stands in its way."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import DatabaseError
from django.utils import translation

from koersvast.cli.language import LANGUAGE, _

SETTINGS = "koersvast.project.settings"
DONE, REFUSED, USAGE = 0, 1, 2


class Refusal(Exception):
    """What was asked cannot be done: lines that say what, where and what to do."""

    def __init__(self, *lines: str, exit_code: int = REFUSED) -> None:
        super().__init__("\n".join(lines))
        self.lines, self.exit_code = lines, exit_code


def nothing_fetched_here() -> Refusal:
    """In the demo all figures are invented; real ones never come to stand beside them."""
    return Refusal(
        _("This is the demo: its figures are invented, so nothing is fetched or read in beside them."),
        _("Real figures go in a directory of their own: KOERSVAST_HOME=DIRECTORY koersvast fetch --table TABLE"),
    )


def run_command(module: str, function: str, **options: Any) -> int:
    """Run `function` of `koersvast.cli.<module>` with Django set up; return its exit code (0 for none)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    try:
        django.setup()
        translation.activate(LANGUAGE)
        command: Callable[..., int | None] = getattr(import_module(f"koersvast.cli.{module}"), function)
        code = command(**options) or DONE
        sys.stdout.flush()
        return code
    except Refusal as refusal:
        return _say(*refusal.lines, exit_code=refusal.exit_code)
    except PermissionDenied as denied:
        return _say(_("You may not do this here: {what}.").format(what=denied))
    except DatabaseError as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        return _say(
            _("The database says no: {reason}").format(reason=first),
            _("Is it up to date? Run: koersvast migrate"),
        )
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (ImproperlyConfigured, OSError) as error:
        return _say(_("It does not work: {reason}").format(reason=error))
    except RuntimeError as error:  # settings that refuse to start
        if type(error).__module__.startswith("koersvast."):
            return _say(str(error))
        raise


def _say(*lines: str, exit_code: int = REFUSED) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return exit_code
