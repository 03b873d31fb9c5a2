"""Packages out: a municipality as files in a directory."""

from pathlib import Path

from koersvast.cli.installation import municipality_of
from koersvast.cli.language import _
from koersvast.cli.ready import Refusal
from koersvast.connectors.whole_files import write_whole
from koersvast.policy.queries.packages import export_package


def export(directory: Path, municipality: str) -> None:
    """Write the files; each appears whole. Plans and deliveries of an earlier export that are no longer there go."""
    place = municipality_of(municipality)
    if directory.exists() and any(directory.iterdir()) and not (directory / "package.toml").exists():
        raise Refusal(
            _("{directory} is not empty and holds no package.").format(directory=directory),
            _("Choose an empty directory, or one with an earlier package."),
        )
    files = export_package(place)
    for name, data in files.items():
        write_whole(directory / name, data)
    for old in [*directory.glob("plans/*.toml"), *directory.glob("deliveries/*")]:
        if old.relative_to(directory).as_posix() not in files:
            old.unlink()
    print(
        _("{place} is written to {directory}: {count} files.").format(
            place=place, directory=directory, count=len(files)
        )
    )
