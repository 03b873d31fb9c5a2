"""Processes that write one action at the same moment, on the real database: one wins, the others are told."""

import json
import subprocess
import sys

from tests.conftest import ROOT, Installation

ROUNDS, WRITERS = 8, 3

RACE = """
import json, multiprocessing, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "koersvast.project.settings"
import django
django.setup()
from django.db import connections
from django_scopes import scope
from koersvast.access.audit import verify
from koersvast.access.conflicts import Changed
from koersvast.programme.changes.actions import ActionDraft, write_action
from koersvast.programme.models import Action
from tests import cast
from tests.unit.programme.action_town import acting

rounds, writers = int(sys.argv[1]), int(sys.argv[2])
fork = multiprocessing.get_context("fork")
dalfsen = cast.municipality("Dalfsen")
with scope(municipality=dalfsen):
    here = acting(dalfsen)
    action = here.write("Ronde 0")
connections.close_all()


def race(writer, barrier, told):
    with scope(municipality=dalfsen):
        for number in range(rounds):
            seen = Action.objects.get(pk=action.pk)
            barrier.wait()  # all have seen the same version
            draft = ActionDraft(title=f"Ronde {number}, schrijver {writer}")
            try:
                write_action(programme=here.programme, draft=draft, by=cast.OPERATOR, action=seen, version=seen.version)
                told.put((number, writer, "wrote"))
            except Changed as changed:
                told.put((number, writer, "told: " + changed.row.title))
            other = here.write(f"Van {writer}")  # numbers are given at the same moment too
            told.put((number, writer, other.number))
            barrier.wait()
        told.close()
    connections.close_all()


barrier, told = fork.Barrier(writers), fork.Queue()
processes = [fork.Process(target=race, args=(writer, barrier, told)) for writer in range(writers)]
for process in processes:
    process.start()
said = [told.get(timeout=120) for _ in range(rounds * writers * 2)]
for process in processes:
    process.join()
with scope(municipality=dalfsen):
    standing = Action.objects.get(pk=action.pk)
    numbers = sorted(Action.objects.values_list("number", flat=True))
print(json.dumps([said, standing.title, standing.version, numbers, list(verify().broken)]))
"""


def test_of_writers_at_the_same_moment_one_wins_and_the_others_see_what_it_wrote(installation: Installation) -> None:
    done = installation.run("migrate")
    assert done.returncode == 0, done.stderr
    command = [sys.executable, "-c", RACE, str(ROUNDS), str(WRITERS)]
    raced = subprocess.run(
        command, env=installation.environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert raced.returncode == 0, raced.stderr
    said, title, version, numbers, broken = json.loads(raced.stdout.splitlines()[-1])
    for number in range(ROUNDS):
        outcomes = {writer: what for at, writer, what in said if at == number and isinstance(what, str)}
        winners = [writer for writer, what in outcomes.items() if what == "wrote"]
        assert len(winners) == 1, outcomes
        last = f"Ronde {number}, schrijver {winners[0]}"
        assert {what for what in outcomes.values() if what != "wrote"} == {f"told: {last}"}
    assert (title, version) == (last, ROUNDS + 1)
    assert numbers == list(range(1, ROUNDS * WRITERS + 2))
    assert broken == []
