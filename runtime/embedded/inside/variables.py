"""Environment variables by which the light variant's processes get what must not be on a command line."""

from __future__ import annotations

TOKEN_VARIABLE = "STACKWALK_EMBEDDED_TOKEN"  # noqa: S105 - a variable's name, not a token
"""The one token that all services accept."""

LISTENERS_VARIABLE = "STACKWALK_EMBEDDED_LISTENERS"
"""The listening sockets that a process inherits: ``name=descriptor,...``."""
