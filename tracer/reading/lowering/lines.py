"""Lines of names, without libcst's position metadata (which costs several times the parse).

The names of a file are found once by a regular expression; while a tree is walked in source order, each
`Name`
met is looked up from where the previous one was found.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_QUOTED = (
    r"""(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
)
_TOKEN = re.compile(
    r"\#[^\n]*"
    rf"|(?P<formatted>(?:[fF][rR]?|[rR][fF]|[tT][rR]?|[rR][tT]){_QUOTED})"
    rf"|[rRbBuU]{{0,2}}{_QUOTED}"
    r"|(?P<name>[^\W\d]\w*)",
    re.DOTALL,
)
_NAME = re.compile(r"[^\W\d]\w*")
_WINDOW = 4000


class NameLines:
    """A cursor over the names of ``source``, in source order.

    Questions for a line are answered with the number of a place, and `places` tells its line: so moving code
    up or down changes the lines of places and nothing else that is known of a file.
    """

    def __init__(self, source: str) -> None:
        self._names: list[str] = []
        self._offsets: list[int] = []
        for match in _TOKEN.finditer(source):
            kind = match.lastgroup
            if kind == "name":
                self._names.append(match.group())
                self._offsets.append(match.start())
            elif kind == "formatted":
                for inner in _NAME.finditer(match.group()):
                    self._names.append(inner.group())
                    self._offsets.append(match.start() + inner.start())
        self._starts = [0]
        self._starts.extend(match.end() for match in re.finditer("\n", source))
        self.position = 0
        """Index of the next name; may be saved and set again."""
        self.places = [1]
        """The 1-based line of each place that was asked for; the first is the file's beginning."""

    def pass_name(self, name: str) -> None:
        """Move behind the next occurrence of ``name``."""
        try:
            self.position = self._names.index(name, self.position, self.position + _WINDOW) + 1
        except ValueError:
            return

    def line(self) -> int:
        """The place of the name passed last (on line 1 before any)."""
        if self.position == 0:
            return self._place(1)
        return self._place(bisect_right(self._starts, self._offsets[self.position - 1]))

    def next_line(self) -> int:
        """The place of the name that comes next (of the last one at the end)."""
        if self.position >= len(self._offsets):
            return self.line()
        return self._place(bisect_right(self._starts, self._offsets[self.position]))

    def _place(self, line: int) -> int:
        self.places.append(line)
        return len(self.places) - 1

    @property
    def count(self) -> int:
        """How many lines the source has."""
        return len(self._starts)
