"""An installation to walk the survey in: the practice municipality with its plan and one of its two waves.

`make` runs in a process of its own, with the settings of that installation; `fill` starts it.
"""

import subprocess
import sys

from koersvast.cli import demo, practice_survey
from koersvast.cli.installation import bring_up_to_date
from koersvast.surveys.practice_stories import WAVE_2017
from tests.conftest import ROOT, Installation

MAKE = "import django; django.setup(); from tests.journeys import practice_home; practice_home.make()"


def make() -> None:
    """Lay the tables, load the plan and the first wave up to its figures, and let a visitor in."""
    bring_up_to_date()
    municipality = practice_survey.load_practice_plan(demo.demo_directory())
    for wave in practice_survey.load_waves(municipality, [WAVE_2017]):
        practice_survey.publish(wave)
    demo.welcome(municipality)


def fill(installation: Installation) -> None:
    """Make all that in an empty installation."""
    environment = installation.environment | {"DJANGO_SETTINGS_MODULE": "koersvast.project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", MAKE],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
