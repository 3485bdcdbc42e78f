"""Colour where it is wanted: on a terminal, unless the person said otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

RESET = "\x1b[0m"
BOLD = "1"
DIM = "2"
RED = "31"
GREEN = "32"
YELLOW = "33"


def wants_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to write colours to ``stream``.

    ``NO_COLOR`` (any value but the empty one) says no, ``FORCE_COLOR`` says yes; else a terminal that is not
    ``dumb`` gets them.
    """
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


class Paint:
    """Wraps text in colours, or leaves it as it is.

    Args:
        coloured: whether to write colours at all.
    """

    def __init__(self, coloured: bool) -> None:
        self.coloured = coloured

    def __call__(self, text: str, *codes: str) -> str:
        """``text`` in the given SGR ``codes`` (``"1"``, ``"38;5;39"``)."""
        if not self.coloured or not codes or not text:
            return text
        return f"\x1b[{';'.join(codes)}m{text}{RESET}"


def printable(text: str) -> str:
    """``text`` with control characters as escapes, so that recorded values cannot steer the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
