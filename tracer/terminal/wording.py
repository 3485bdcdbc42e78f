"""Words that depend on numbers."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """A number, with its thousands set apart, and what it counts.

    Args:
        number: how many there are.
        one: what one of them is called.
        many: what several are called; left out where that is ``one`` with an s.
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
