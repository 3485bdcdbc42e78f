"""A flow diagram as Mermaid text."""

from __future__ import annotations

from reports.flow.labels import figures
from reports.flow.model import BROKER, Flow, Kind, Mark, Step
from reports.mermaid_text import comment, escaped, quoted

_ARROWS = {Kind.CAST: "-)", Kind.FANOUT: "-)", Kind.SPAWN: "-)", Kind.EVENT: "--)"}
_WORDS = {
    Kind.HTTP: "HTTP",
    Kind.CALL: "call",
    Kind.CAST: "cast",
    Kind.FANOUT: "fanout",
    Kind.SPAWN: "spawn",
    Kind.PRIVSEP: "privsep",
    Kind.NATIVE: "native",
    Kind.DATABASE: "data",
    Kind.EVENT: "event",
    Kind.START: "start",
    Kind.LOCAL: "",
}


class MermaidRenderer:
    """A sequence diagram in Mermaid's language; the kind of an arrow is a word before its label."""

    suffix = "mmd"

    def render(self, flow: Flow) -> bytes:
        """See `reports.flow.renderer.FlowRenderer.render`."""
        lines = [
            f"---\ntitle: {quoted(flow.title)}\n---",
            "sequenceDiagram",
            f"  %% {comment(flow.version)}",
        ]
        lines += [f"  %% {comment(text)}" for text in flow.statements]
        lines += [
            f"  participant {_name(number)} as {escaped(lane.name)}" for number, lane in enumerate(flow.lanes)
        ]
        broker = flow.lane_of(BROKER)
        open_steps: set[int] = set()
        for mark in flow.marks:
            lines += [f"  {line}" for line in self._lines(mark, broker, open_steps)]
        if flow.lanes and flow.statements:
            lines.append(f"  Note over {_name(0)}: {escaped(' '.join(flow.statements))}")
        return ("\n".join(lines) + "\n").encode()

    @staticmethod
    def _lines(mark: Mark, broker: int | None, open_steps: set[int]) -> list[str]:
        step = mark.step
        target = _name(step.lane)
        origin = target if step.origin is None else _name(step.origin)
        through = _name(broker) if broker is not None and step.brokered else ""
        if mark.is_end:
            return [f"deactivate {target}"] if id(step) in open_steps else []
        if mark.is_answer:
            words = escaped(" · ".join(figures(step)))
            if through:
                return [f"{target}-->>{through}: {words}", f"{through}-->>{origin}: {words}"]
            return [f"{target}-->>{origin}: {words}"]
        arrow = _ARROWS.get(step.kind, "->>")
        words = escaped(
            " ".join(part for part in (f"{step.number}.", _WORDS[step.kind], words_of(step)) if part)
        )
        lines = (
            [f"{origin}{arrow}{through}: {words}", f"{through}{arrow}{target}: {words}"] if through else []
        )
        lines = lines or [f"{origin}{arrow}{target}: {words}"]
        if step.kind is not Kind.EVENT:
            open_steps.add(id(step))
            lines.append(f"activate {target}")
        if step.note:
            lines.append(f"Note right of {target}: {escaped(step.note)}")
        return lines


def words_of(step: Step) -> str:
    """The label of ``step`` with what SVG says in small letters."""
    times = f" ×{step.count:,}" if step.count > 1 else ""
    small = figures(step) if not step.answered else []
    return step.label + times + (f" ({' · '.join(small)})" if small else "")


def _name(lane: int) -> str:
    return f"L{lane}"
