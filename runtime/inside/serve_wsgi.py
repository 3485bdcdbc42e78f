"""Serves a WSGI application to the machine's loopback and to the stack's own.

Run by the services' Python interpreter, never imported: ``serve_wsgi.py NAME MODULE PORT``. The machine's
side is a listening socket inherited as the descriptor in ``STACKWALK_LISTENER``; the stack's side is the same
port of the network it runs in.
"""

import importlib
import os
import socket
import sys


def main() -> None:
    """Serve until the process is told to end."""
    name, module, port = sys.argv[1:]
    # The services read their own options from the command line while they are imported.
    sys.argv = [name]
    application = importlib.import_module(module).application
    # Only now: what is imported or made before nova has chosen its concurrency would not follow it.
    import waitress

    outer = socket.socket(fileno=int(os.environ.pop("STACKWALK_LISTENER")))
    inner = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    inner.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    inner.bind(("127.0.0.1", int(port)))
    waitress.serve(
        application, sockets=[outer, inner], threads=6, ident=None, channel_timeout=3600, _quiet=True
    )


if __name__ == "__main__":
    main()
