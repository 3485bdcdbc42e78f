"""Serves WSGI applications on sockets that were made before this process."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from runtime.embedded.inside.variables import LISTENERS_VARIABLE


def listener(name: str) -> socket.socket:
    """The listening socket that was inherited for ``name``."""
    descriptors = dict(pair.split("=") for pair in os.environ[LISTENERS_VARIABLE].split(","))
    return socket.socket(fileno=int(descriptors[name]))


def serve(name: str, application: Callable[..., Any]) -> None:
    """Serve for as long as the process lives."""
    # Only now: what is imported before nova has chosen its concurrency would not follow it.
    import waitress

    waitress.serve(
        application, sockets=[listener(name)], threads=6, ident=None, channel_timeout=3600, _quiet=True
    )


def serve_beside(name: str, application: Callable[..., Any]) -> None:
    """Serve on a thread of its own."""
    threading.Thread(target=serve, args=(name, application), name=name, daemon=True).start()
