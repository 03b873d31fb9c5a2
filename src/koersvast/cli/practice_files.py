"""The files of the two invented waves, to practise with from the very first step."""

import csv
from pathlib import Path

from koersvast.connectors.survey_writing import write_sav
from koersvast.surveys.practice_stories import STORIES
from koersvast.surveys.practice_waves import Story, group_names, population_margins, practice_wave


def write_practice_files(directory: Path) -> list[Path]:
    """Write the two waves as .sav files, and the invented population of each as a CSV file; return their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for story in STORIES:
        answers = directory / f"oefenmeting-{story.period}.sav"
        write_sav(practice_wave(story), answers)
        written += [answers, *_write_population(story, directory)]
    return written


def _write_population(story: Story, directory: Path) -> list[Path]:
    """One file for each background: the names of its groups, as the page shows them, and how many people there are."""
    written = []
    for margin, counts in population_margins(story).items():
        path = directory / f"oefenbevolking-{story.period}-{margin.replace('*', '-')}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, delimiter=";")
            rows.writerow(["groep", "mensen"])
            rows.writerows(zip(group_names(margin), counts.values(), strict=True))
        written.append(path)
    return written
