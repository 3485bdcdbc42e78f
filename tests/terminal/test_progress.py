"""Steps as a person at a terminal and as a log sees them."""

from __future__ import annotations

import io
import re
import threading

import pytest
from rich.console import Console

from tracer.terminal.bars import BarSteps
from tracer.terminal.progress import PlainSteps, Steps, steps


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def plain_text(stream: io.StringIO) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())


def lasting_lines(stream: io.StringIO) -> list[str]:
    """The lines that stay: those of ended steps."""
    return re.findall(r"([✓✗] [^\r\n]*?) \d+\.\d s$", plain_text(stream), re.MULTILINE)


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def bars(screen: Screen) -> Steps:
    return BarSteps(Console(file=screen, force_terminal=True, width=100))


def test_plain_steps_are_one_line_each_in_order() -> None:
    stream = io.StringIO()
    told = steps(stream)
    with told.step("Install [all]", total=2) as step:
        step.note("unpacking")
        step.advance()
    with told.step("Start"):
        told.say("port 1234")
    assert re.fullmatch(r"Install \[all\]: \d\.\d s\nport 1234\nStart: \d\.\d s\n", stream.getvalue())


def test_plain_steps_inside_each_other_are_indented() -> None:
    stream = io.StringIO()
    told = PlainSteps(stream)
    with told.step("outer"), told.step("inner"):
        pass
    with told.step("next"):
        pass
    assert re.fullmatch(r"  inner: \d\.\d s\nouter: \d\.\d s\nnext: \d\.\d s\n", stream.getvalue())


def test_a_failing_step_says_so_and_the_error_passes() -> None:
    stream = io.StringIO()
    with pytest.raises(ValueError, match="broken"), PlainSteps(stream).step("Start"):
        raise ValueError("broken")
    assert re.fullmatch(r"Start: failed after \d\.\d s\n", stream.getvalue())


def test_bars_leave_one_line_for_each_step(bars: Steps, screen: Screen) -> None:
    with bars.step("first [x]"):
        pass
    with bars.step("second", total=3) as step:
        step.note("unpacking [y]\nand more")
        step.advance(3)
        with bars.step("inner"):
            pass
    assert lasting_lines(screen) == ["✓ first [x]", "✓   inner", "✓ second"]
    assert "unpacking [y]" in plain_text(screen) and "and more" not in plain_text(screen)


def test_bars_of_a_failing_step_are_cleared_and_the_next_step_works(bars: Steps, screen: Screen) -> None:
    with pytest.raises(KeyboardInterrupt), bars.step("first"):
        raise KeyboardInterrupt
    with bars.step("second"):
        pass
    assert lasting_lines(screen) == ["✗ first failed", "✓ second"]


def test_what_is_said_stays_as_it_is(bars: Steps, screen: Screen) -> None:
    with bars.step("first"):
        bars.say("see [log]")
    assert "see [log]" in plain_text(screen)


def test_steps_may_run_at_the_same_time(bars: Steps, screen: Screen) -> None:
    meeting = threading.Barrier(4)

    def work(name: str) -> None:
        with bars.step(name) as step:
            meeting.wait(30)
            step.note("met")

    workers = [threading.Thread(target=work, args=(f"service-{number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(lasting_lines(screen)) == [f"✓ service-{number}" for number in range(4)]


def test_bars_only_where_there_is_a_terminal_that_can_draw(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(steps(io.StringIO()), PlainSteps)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(steps(screen), BarSteps)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(steps(screen), PlainSteps)
