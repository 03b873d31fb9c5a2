"""Run a command with DATABASE_URL pointing at a PostgreSQL cluster that lasts as long as the command.

Usage: python ops/with_postgres.py COMMAND [ARGUMENT ...]. Exit code: the command's, or 3 when there is no PostgreSQL.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

NO_POSTGRESQL = 3
AT_LEAST = 15


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server of version 15 or later, from PATH or Debian's place."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    places += [Path(on_path).parent] if on_path else []
    for place in places:
        said = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
        if said and int(said.split()[2].split(".")[0]) >= AT_LEAST:
            return place
    return None


def as_server_user(*command: str | Path) -> list[str | Path]:
    """PostgreSQL refuses to run as root; then it runs as the user that its package made."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def main(command: list[str]) -> int:
    place = binaries()
    if place is None:
        print("Geen PostgreSQL 15 of nieuwer op deze machine gevonden.", file=sys.stderr)
        return NO_POSTGRESQL
    folder = Path(tempfile.mkdtemp(prefix="koersvast-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    port, data = free_port(), folder / "data"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=on -c max_connections=80"
    try:
        initdb: list[str | Path] = [
            place / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
            "--no-locale",
        ]
        subprocess.run(as_server_user(*initdb), check=True, stdout=subprocess.DEVNULL, cwd=folder)
        start: list[str | Path] = [place / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
        subprocess.run(as_server_user(*start), check=True, stdout=subprocess.DEVNULL, cwd=folder)
        # The role has no special powers, as in production; it may make databases for the tests.
        role = "CREATE ROLE koersvast LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS"
        administer = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        subprocess.run([place / "psql", "-q", "-d", administer, "-c", role], check=True)
        url = f"postgresql://koersvast@127.0.0.1:{port}/postgres"
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode
    finally:
        stop: list[str | Path] = [place / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run(as_server_user(*stop), check=False, stdout=subprocess.DEVNULL, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
