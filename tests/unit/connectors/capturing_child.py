"""A process that captures the fault server's table, to be killed while it does: port, folder and door as arguments."""

import sys
from pathlib import Path

from tests.unit.connectors.fault_client import Place, fetcher_to, gate_to
from tests.unit.connectors.faults import Door

if __name__ == "__main__":
    port, folder, door = int(sys.argv[1]), Path(sys.argv[2]), Door(sys.argv[3])
    with fetcher_to(None, gate=gate_to(port)) as fetcher:
        sys.stdout.write(Place(folder).capture(door, fetcher).sha256)
