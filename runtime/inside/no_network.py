"""Answers for a network service of which there is none: no ports, no networks, nothing of anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one WSGI request: every collection is empty, and nothing can be made."""
    kind = environ["PATH_INFO"].rstrip("/").rpartition("/")[2].replace("-", "_")
    status, answer = "200 OK", dict[str, Any]({kind: []})
    if environ["REQUEST_METHOD"] != "GET":
        status = "404 Not Found"
        answer = {"NeutronError": {"type": "NotFound", "message": "this stack has no network", "detail": ""}}
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
