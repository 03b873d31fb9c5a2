"""Serve the web application with gunicorn, in this process and its workers."""

import errno
import os
import socket
import subprocess
import threading
import webbrowser
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

from koersvast.access.models import Municipality
from koersvast.cli.language import _
from koersvast.cli.ready import Refusal
from koersvast.cli.working import start_beside

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WORKERS, THREADS = 2, 8
PORTS_TO_TRY = 50


class Server(BaseApplication):
    """Gunicorn without a command line and without configuration files."""

    def __init__(self, *, host: str, port: int, ready: Any) -> None:
        self.address, self.ready = f"[{host}]:{port}" if ":" in host else f"{host}:{port}", ready
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": self.address,
            "workers": WORKERS,
            # A browser opens connections that it may never use: they must keep no worker from the others.
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 120,
            "loglevel": "warning",
            "proc_name": "koersvast",
            "when_ready": self.ready,
            "control_socket_disable": True,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()


def serve(host: str, port: int, next_free: bool, browser: bool, work: bool) -> None:
    """Serve until interrupted. With `next_free` a port in use makes way for the next one; with `work` a worker runs
    beside it, which ends with this process."""
    if settings.DEMO and host not in LOOPBACK:
        raise Refusal(
            _("The demo has no sign-in, so it is served on this machine only."),
            _("Use --host 127.0.0.1, or load your own data in another KOERSVAST_HOME."),
        )
    if not Municipality.objects.exists():
        print(_("There is no municipality here yet. Load the demo with: koersvast demo --no-serve"))
    beside, owner = list[subprocess.Popen[bytes]](), os.getpid()
    port = free_port(host, port, tries=PORTS_TO_TRY if next_free else 1)
    address = f"http://{host}:{port}/"

    def ready(_server: Any) -> None:
        print(_("Koersvast runs at {address} (stop with Ctrl+C)").format(address=address), flush=True)
        if work:
            beside.append(start_beside())
        if browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    try:
        Server(host=host, port=port, ready=ready).run()
    finally:
        # The server's own processes come through here too, on their way out.
        for worker in beside if os.getpid() == owner else ():
            worker.terminate()


def free_port(host: str, port: int, *, tries: int) -> int:
    """Return the first port from `port` on that nobody listens at."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for offer in range(port, min(port + tries, 65_536)):
        with socket.socket(family) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((host, offer))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise Refusal(_("Cannot listen at {host}: {reason}").format(host=host, reason=error)) from None
                continue
            return offer
    raise Refusal(_("Port {port} is in use. Choose another with --port.").format(port=port))
