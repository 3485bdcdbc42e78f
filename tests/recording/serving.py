"""A small probed HTTP server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.recording.probed import Engine, environment

SERVER = """
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

class Handler(WSGIRequestHandler):
    def log_message(self, *arguments): pass

def helper(environ): return b"yes"

def lazily(environ):
    yield helper(environ)

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/lazy":
        return lazily(environ)
    return [helper(environ)]

server = make_server("127.0.0.1", 0, application, server_class=Server, handler_class=Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


@contextmanager
def served(
    spool_dir: Path, engine: Engine, *packages: str, before: Sequence[str] = (), **variables: str
) -> Iterator[str]:
    """A probed server; gives its port. ``before`` are words of a command that starts it."""
    process = subprocess.Popen(
        [*before, engine.python, "-c", SERVER],
        env=environment(spool_dir, packages, engine, **{"STACKWALK_SERVICE": "server", **variables}),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()
