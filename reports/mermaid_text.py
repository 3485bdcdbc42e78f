"""Text as Mermaid wants it."""

from __future__ import annotations

import re

from reports.visible_text import visible_line

LONGEST_TEXT = 50_000
"""Characters that Mermaid draws unless it is told otherwise."""

_PLAIN = re.compile(r"[^\w .,:/()\[\]*+=?!|@$'’→×·–-]")


def escaped(text: str) -> str:
    """``text`` on one line, with what means something to Mermaid spelled as an entity."""
    return _PLAIN.sub(lambda match: f"#{ord(match[0])};", visible_line(text))


def quoted(text: str) -> str:
    """``text`` as a string in a diagram's front matter."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def comment(text: str) -> str:
    """``text`` without what would end a comment or begin a directive."""
    return text.replace("{", "(").replace("}", ")").replace("%", "percent")
