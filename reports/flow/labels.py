"""The words beside each arrow, wrapped and measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.canvas.metrics import shortened_lines, text_width, wrapped
from reports.flow.model import Flow, Mark, Step
from tracer.terminal.wording import counted

LABEL_SIZE, SMALL_SIZE = 11.0, 9.5
LABEL_LEADING, SMALL_LEADING = 13.0, 11.5
LABEL_WIDTH = 158.0
_MOST_LINES = 4


@dataclass(frozen=True)
class Label:
    """Lines of a step's name, and small lines beneath them with figures."""

    lines: list[str]
    small: list[str]
    cut: bool

    @property
    def width(self) -> float:
        """Width of the widest line."""
        return max(
            [text_width(line, LABEL_SIZE) for line in self.lines]
            + [text_width(line, SMALL_SIZE) for line in self.small],
            default=0.0,
        )

    @property
    def height(self) -> float:
        """Height of all lines."""
        return len(self.lines) * LABEL_LEADING + len(self.small) * SMALL_LEADING


def label_of(mark: Mark) -> Label:
    """The words for the row of ``mark``."""
    step = mark.step
    if mark.is_answer:
        return Label([], _joined(figures(step)), False)
    times = f" ×{step.count:,}" if step.count > 1 else ""
    lines, cut = shortened_lines(step.label + times, LABEL_WIDTH, LABEL_SIZE, _MOST_LINES)
    if cut and times:
        lines, _ = shortened_lines(step.label, LABEL_WIDTH, LABEL_SIZE, _MOST_LINES)
        lines = [*lines, times.strip()]
    return Label(lines, [] if step.answered else _joined(figures(step)), cut)


def figures(step: Step) -> list[str]:
    """How a step failed, how long it took, and what is folded into it."""
    parts = []
    if step.failure:
        parts.append(step.failure)
    if step.duration_ns >= 100_000 or step.answered:
        parts.append(duration(step.duration_ns))
    if step.folded_calls:
        parts.append(f"{counted(step.folded_calls, 'call')} inside")
    if step.folded_messages:
        parts.append(f"{counted(step.folded_messages, 'message')} folded")
    return parts


def _joined(parts: list[str]) -> list[str]:
    """``parts`` on as few lines as they need, each whole on its line if it fits."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and text_width(longer, SMALL_SIZE) <= LABEL_WIDTH:
            lines[-1] = longer
        else:
            lines += wrapped(part, LABEL_WIDTH, SMALL_SIZE)
    return lines


def duration(nanoseconds: int) -> str:
    """A duration as people read it."""
    if nanoseconds >= 1_000_000_000:
        return f"{nanoseconds / 1e9:,.2f} s"
    if nanoseconds >= 10_000_000:
        return f"{nanoseconds / 1e6:,.0f} ms"
    if nanoseconds >= 100_000:
        return f"{nanoseconds / 1e6:.1f} ms"
    return f"{nanoseconds / 1e3:.0f} µs"


def clock(nanoseconds: int) -> str:
    """A time since the request began, as in the left margin."""
    return f"{nanoseconds / 1e6:,.1f} ms"


def gap_of(step: Step, broker: int | None) -> tuple[int, bool]:
    """The gap in which the words of ``step`` and its answer stand; whether that is right of their lane.

    Words stand beside the lane that the step's arrow leaves, on the side to which it goes; so they
    never cross a lane. Gap n is left of lane n.
    """
    leaves, arrives = step.origin, step.lane
    if leaves is None:
        return arrives + 1, True
    if passes_broker(step, broker):
        assert broker is not None
        arrives = broker
    return (leaves + 1, True) if arrives >= leaves else (leaves, False)


def ends_of(mark: Mark) -> tuple[int | None, int]:
    """The lanes that the arrow of ``mark`` leaves and reaches."""
    step = mark.step
    if mark.is_answer:
        return step.lane, step.lane if step.origin is None else step.origin
    return step.origin, step.lane


def passes_broker(step: Step, broker: int | None) -> bool:
    """Whether the arrow of ``step`` goes through the broker's lane."""
    return broker is not None and step.origin is not None and step.brokered


def footnotes(flow: Flow, labels: Mapping[int, Label]) -> list[str]:
    """The full text of the labels that had to be cut, by the number of their step."""
    return [f"{step.number}: {step.label}" for step in flow.steps if labels[id(step)].cut]
