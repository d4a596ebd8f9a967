"""Runs the application under uvicorn."""

import gc
import logging
import signal
import socket
import sys
from multiprocessing import active_children

import uvicorn

from recommender.errors import UsageError
from recommender.presentation.web.app import create_app
from recommender.presentation.web.site import Site
from recommender.presentation.web.wire import bounded
from recommender.workspace import Workspace

BACKLOG = 2048
SWITCH = 0.001  # seconds after which a thread that computes lets another run


def run(workspace: Workspace, site: Site, *, host: str, port: int, root_path: str = "") -> None:
    """Serve until the process is told to stop; requests that have begun are finished.

    Raises:
        UsageError: The address cannot be listened on.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    sys.setswitchinterval(SWITCH)
    listening = listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    logging.getLogger(__name__).info(
        "listening on http://%s:%d%s/", shown, listening.getsockname()[1], root_path
    )
    signal.signal(signal.SIGTERM, _end)
    try:
        uvicorn.Server(configured(workspace, site, root_path)).run(sockets=[listening])
    finally:
        for process in active_children():
            process.terminate()  # uvicorn, told twice to end, has not closed the application


def _end(*_: object) -> None:
    """End in the usual way: Uvicorn, once it is done, raises the signal that ended it again."""
    sys.exit(0)


def configured(workspace: Workspace, site: Site, root_path: str = "") -> uvicorn.Config:
    """Return how the server is set up."""
    return uvicorn.Config(
        create_app(workspace, site, after_opening=freeze),
        http=bounded(site.limits.seconds),
        log_config=None,
        access_log=False,  # what people ask is nobody else's matter
        server_header=False,
        root_path=root_path.rstrip("/"),
        timeout_graceful_shutdown=int(site.limits.seconds) + 5,
        backlog=BACKLOG,
        ws="none",
    )


def freeze() -> None:
    """Have the garbage collector look no more at what is there now: the program, the model, the build.

    A full pass over them stops every thread for a tenth of a second, again and again. What was frozen
    before is looked at once more, so that nothing of a build that went stays.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UsageError: There is no such address, or it is taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as problem:
        raise UsageError(
            f"cannot listen on {host}:{port} ({problem.strerror}); choose another with --host and --port"
        ) from problem
