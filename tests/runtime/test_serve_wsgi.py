"""The API servers answer on the socket that was made before them, whatever the service runs its work on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from runtime.inside import serve_wsgi

APPLICATION = """
import time

def application(environ, start_response):
    time.sleep(0.001)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""


@pytest.mark.parametrize(
    "first", ["", "import eventlet; eventlet.monkey_patch()"], ids=["threads", "eventlet"]
)
def test_an_application_answers(first: str, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(first + APPLICATION)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = subprocess.Popen(
            [sys.executable, serve_wsgi.__file__, "shop", "shop", "0"],
            env={
                **os.environ,
                "PYTHONPATH": str(tmp_path),
                "STACKWALK_LISTENER": str(listener.fileno()),
                "PYTHONWARNINGS": "ignore",
            },
            pass_fds=[listener.fileno()],
        )
        try:
            with urlopen(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=60) as answer:
                assert answer.read() == b"hello"
        finally:
            server.terminate()
            server.wait()
