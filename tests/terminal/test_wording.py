"""Numbers and what they count."""

from __future__ import annotations

import pytest

from tracer.terminal.wording import counted


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("call",), "0 calls"),
        (1, ("call",), "1 call"),
        (43_266, ("call",), "43,266 calls"),
        (1, ("process", "processes"), "1 process"),
        (2, ("process", "processes"), "2 processes"),
    ],
)
def test_one_is_told_from_several(number: int, words: tuple[str, ...], said: str) -> None:
    assert counted(number, *words) == said
