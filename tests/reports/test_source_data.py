"""Where functions end, and highlighting that never changes the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers.python import PythonLexer

from reports.source_data import Extent, SourceFile, highlighted
from reports.visible_text import fitted, shortened, visible, width
from tracer.model.function import Function

SOURCE = """\
import os


@first
@second(
    1)
def decorated(a):
    def inner():
        return a

    return inner


pick = lambda x: (
    x + 1
)


class Thing:
    async def wait(self):
        return [one
                for one in self]
"""


@pytest.mark.parametrize(
    ("qualname", "line", "extent"),
    [
        ("decorated", 4, Extent(4, 11)),
        ("decorated.<locals>.inner", 8, Extent(8, 9)),
        ("<lambda>", 14, Extent(14, 16)),
        ("Thing.wait", 20, Extent(20, 22)),
        ("Thing.wait.<locals>.<listcomp>", 21, Extent(21, 22)),
        ("<module>", 1, Extent(1, 23)),
    ],
)
def test_a_function_ends_where_python_says(qualname: str, line: int, extent: Extent) -> None:
    assert SourceFile(SOURCE).extent(Function(f"m:{qualname}", "m.py", line)) == extent


def test_a_function_of_a_file_that_does_not_parse_ends_with_its_indentation() -> None:
    source = SourceFile("def f(:\n    one\n\n    two\nthree\n")
    assert source.extent(Function("m:f", "m.py", 1)) == Extent(1, 4)


def test_a_line_beyond_the_file_has_no_source() -> None:
    assert SourceFile("x = 1\n").extent(Function("m:f", "m.py", 70)) is None


def test_lines_shared_by_nested_functions_are_held_once() -> None:
    blocks = SourceFile(SOURCE).blocks([Extent(4, 11), Extent(8, 9), Extent(20, 22)])
    assert [(block[0], str(block[1]).count("\n") + 1) for block in blocks] == [(4, 8), (20, 3)]


@given(st.text())
def test_highlighting_keeps_every_character(text: str) -> None:
    source = visible(text)
    assert "\n".join(line.text for line in highlighted(source, PythonLexer())) == source


@given(st.text())
def test_what_cannot_be_seen_is_spelled_out(text: str) -> None:
    shown = visible(text)
    assert not any(ord(char) < 32 and char not in "\n\t" for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u200b\u200f\ufeff")


@given(st.text(), st.integers(min_value=3, max_value=60))
def test_fitted_text_fits(text: str, columns: int) -> None:
    assert width(fitted(text, columns)) <= columns


def test_a_shortened_text_says_how_much_is_missing() -> None:
    assert shortened("x" * 25_000).endswith("… and 5,000 more characters")
