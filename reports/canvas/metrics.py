"""Widths of text in DejaVu Sans, the widest of the fonts that viewers fall back to."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

FONTS = "'DejaVu Sans', Verdana, 'Noto Sans', 'Noto Sans CJK SC', sans-serif"
"""The family list that drawings ask for; what is measured here fits each of them."""

_FIRST = 32
# Thousandths of the font size for the characters from space to tilde.
_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
    1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
    603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
    500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
    635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)  # fmt: skip
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365,
    696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580,
    1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850,
    733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500,
    500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687,
    716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
)  # fmt: skip
_KNOWN_OTHERS = {
    "·": 380,
    "×": 838,
    "–": 500,
    "…": 1000,
    "⟦": 495,
    "⟧": 495,
    "→": 838,
    "↵": 838,
    "µ": 736,
    "“": 657,
    "”": 657,
    "\u2018": 380,
    "\u2019": 380,
    "—": 1000,
}
_WIDEST = 1450
_BREAKS_AFTER = frozenset(" ./_-:,?&=>)")
_NEVER_FIRST = frozenset(
    "\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff1f\uff01\uff09\u300b\u300d\u300f\u3011\u2019\u201d"
)
_NEVER_LAST = frozenset("\uff08\u300a\u300c\u300e\u3010\u2018\u201c")
"""Marks that Chinese typesetting keeps with what stands before, or behind, them."""


@lru_cache(maxsize=65536)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line of ``text`` in pixels at font ``size``; beyond ASCII an upper estimate."""
    table = _BOLD if bold else _REGULAR
    total = 0
    for char in text:
        if " " <= char <= "~":
            total += table[ord(char) - _FIRST]
        elif char in _KNOWN_OTHERS:
            total += _KNOWN_OTHERS[char]
        elif unicodedata.combining(char):
            continue
        else:
            total += 1000 if unicodedata.east_asian_width(char) in "WF" else _WIDEST
    return total * size / 1000


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """``text`` in lines at most ``width`` wide, broken after spaces and punctuation where possible."""
    lines: list[str] = []
    line, used, good = "", 0.0, 0
    for char in text:
        wide = text_width(char, size, bold=bold)
        if line and _may_break(line[-1], char):
            good = len(line)
        if line and used + wide > width:
            cut = good or len(line)
            lines.append(line[:cut].rstrip(" "))
            line = line[cut:].lstrip(" ")
            used, good = text_width(line, size, bold=bold), 0
            if char == " " and not line:
                continue
        line += char
        used += wide
    lines.append(line.rstrip(" "))
    return [line for line in lines if line] or [""]


def _may_break(before: str, after: str) -> bool:
    """Whether a line may end with ``before`` and the next begin with ``after``."""
    if after in _NEVER_FIRST or before in _NEVER_LAST or before == after == "_":
        return False
    if before in ".," and after.isdigit():
        return False
    return before in _BREAKS_AFTER or unicodedata.east_asian_width(before) in "WF"


def shortened_lines(text: str, width: float, size: float, most: int) -> tuple[list[str], bool]:
    """`wrapped` text in ``most`` lines, the last ending in ``…`` if there are more; whether it was cut."""
    lines = wrapped(text, width, size)
    if len(lines) <= most:
        return lines, False
    last = lines[most - 1]
    while last and text_width(last + "…", size) > width:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"], True
