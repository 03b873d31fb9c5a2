"""Do what was put in the queue, and what the schedule says: fetching national tables."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django_tasks_db.management.commands.db_worker import Worker

from koersvast.cli.language import LANGUAGE, _

PAUSE_SECONDS = 2.0
# By its name: the command line is a face and does not import the wiring.
CLOCKWORK = "koersvast.project.schedule.Clockwork"


class Shift:
    """A working process: until somebody stops it, or until the process that started it is gone."""

    def __init__(self, beside: int) -> None:
        self.beside, self.stopped = beside, False
        self.worker: Worker | None = None

    def stop(self, _number: int, _frame: Any) -> None:
        """Finish the task that runs, and begin no other."""
        self.stopped = True
        if self.worker:
            self.worker.running = False

    @property
    def is_over(self) -> bool:
        return self.stopped or (self.beside > 0 and os.getppid() != self.beside)

    def empty_queue(self) -> None:
        """Do every task that waits, one after the other."""
        self.worker = Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self.worker.run()

    def rest(self) -> None:
        """Wait a little before looking at the queue again."""
        ends = time.monotonic() + PAUSE_SECONDS
        while time.monotonic() < ends and not self.is_over:
            time.sleep(0.1)


def work(once: bool, beside: int) -> None:
    """Work until interrupted; with `once` until the queue is empty; with `beside` as long as that process lives."""
    shift, clockwork = Shift(beside), import_string(CLOCKWORK)()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, shift.stop)
    if not beside:
        print(_("Koersvast works through the queue (stop with Ctrl+C)"), flush=True)
    while not shift.is_over:
        clockwork.run(timezone.now())
        shift.empty_queue()
        if once:
            return
        shift.rest()


def start_beside() -> "subprocess.Popen[bytes]":
    """Start a worker that lives as long as this process."""
    options = ["work", "--beside", str(os.getpid())]
    command = [sys.executable, "-m", "koersvast.cli.main", "--lang", LANGUAGE, *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 our own command
