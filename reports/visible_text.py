"""Text from a recording, made visible: characters that a reader cannot see are spelled out."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
_LINE_BREAKS = re.compile(r"\r\n|\r")
LONGEST = 20_000
"""Characters of one value that a page holds; what is beyond is counted and said."""
MORE = " … and {n} more characters"


def visible(text: str) -> str:
    """``text`` with control, bidirectional and zero-width characters spelled as ``⟦U+202E⟧``.

    Tabs and newlines stay; a carriage return that ends a line becomes a newline.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(_spell, _LINE_BREAKS.sub("\n", text))


def visible_line(text: str) -> str:
    """Like `visible`, on one line: newlines and tabs are shown as ``↵`` and a space."""
    return visible(text).replace("\n", "↵").replace("\t", " ")


def shortened(text: str, longest: int = LONGEST, more: str = MORE) -> str:
    """``text``, or its beginning and how many characters follow when it is longer than ``longest``.

    Args:
        text: any text.
        longest: characters that are kept.
        more: says in the reader's language that ``{n}`` characters follow.
    """
    if len(text) <= longest:
        return text
    return text[:longest] + more.format(n=f"{len(text) - longest:,}")


def width(text: str) -> int:
    """Columns that ``text`` takes in a fixed-width font (East Asian wide characters take two)."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def fitted(text: str, columns: int) -> str:
    """``text`` on one line, its end replaced by ``…`` when it is wider than ``columns``."""
    line = visible_line(text)
    if width(line) <= columns:
        return line
    while line and width(line) > columns - 1:
        line = line[:-1] if width(line) - columns < 40 else line[: columns + 20]
    return line + "…"


def _spell(match: re.Match[str]) -> str:
    return f"⟦U+{ord(match[0]):04X}⟧"
