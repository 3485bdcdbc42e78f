"""Colour where it is wanted, and text that cannot steer the terminal."""

from __future__ import annotations

import io

import pytest

from tracer.terminal.paint import Paint, printable, wants_colour


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Screen(), {"TERM": "xterm"}, True),
        (Screen(), {"TERM": "dumb"}, False),
        (Screen(), {"NO_COLOR": "1"}, False),
        (Screen(), {"NO_COLOR": ""}, True),
        (Screen(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
    ],
)
def test_colour_is_wanted_on_terminals_unless_refused(
    stream: io.StringIO, environment: dict[str, str], wanted: bool
) -> None:
    assert wants_colour(stream, environment) is wanted


def test_paint_wraps_text_or_leaves_it() -> None:
    assert Paint(True)("x", "1", "31") == "\x1b[1;31mx\x1b[0m"
    assert Paint(True)("x") == "x"
    assert Paint(False)("x", "1") == "x"


def test_control_characters_are_escaped_and_other_text_is_not() -> None:
    assert printable("grün → ok") == "grün → ok"
    assert printable("a\x1b[31m\r\n\t\x00\u202e") == "a\\x1b[31m\\r\\n\\t\\x00\\u202e"
