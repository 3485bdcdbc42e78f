"""A flow diagram as PlantUML text."""

from __future__ import annotations

import re
from itertools import pairwise

from reports.flow.labels import figures
from reports.flow.looks import LOOKS
from reports.flow.mermaid import words_of
from reports.flow.model import BROKER, DATABASE, Flow, Kind, Mark
from reports.visible_text import visible

_ARROWS = {
    Kind.HTTP: "->",
    Kind.CALL: "->",
    Kind.CAST: "->>",
    Kind.FANOUT: "->>",
    Kind.SPAWN: "-/",
    Kind.PRIVSEP: "-\\\\",
    Kind.NATIVE: "->",
    Kind.DATABASE: "->",
    Kind.LOCAL: "->",
    Kind.START: "->",
    Kind.EVENT: "-->>",
}
_STYLES = {
    Kind.CAST: "[dashed]",
    Kind.FANOUT: "[dashed]",
    Kind.SPAWN: "[dotted]",
    Kind.NATIVE: "[bold]",
}
_SPECIAL = re.compile(r"[^\w .,:()=?!'’→×·–/-]|__|--|\.\.|''|::|//")


class PlantUmlRenderer:
    """A diagram in PlantUML's language for sequence diagrams."""

    suffix = "puml"

    def render(self, flow: Flow) -> bytes:
        """See `reports.flow.renderer.FlowRenderer.render`."""
        lines = [
            "@startuml",
            "hide footbox",
            f"title {escaped(flow.title)}",
            f"header {escaped(flow.version)}",
        ]
        for number, lane in enumerate(flow.lanes):
            shape = {BROKER: "queue", DATABASE: "database"}.get(lane.name, "participant")
            lines.append(f'{shape} "{escaped(lane.name)}" as L{number}')
        broker = flow.lane_of(BROKER)
        open_steps: set[int] = set()
        for mark in flow.marks:
            lines += self._lines(mark, broker, open_steps)
        lines += ["legend left", *(f"  {_ARROWS[kind]} {_legend(kind)}".rstrip() for kind in flow.kinds)]
        lines += [f"  {escaped(text)}" for text in flow.statements]
        lines += ["end legend", "@enduml"]
        return ("\n".join(lines) + "\n").encode()

    @staticmethod
    def _lines(mark: Mark, broker: int | None, open_steps: set[int]) -> list[str]:
        step = mark.step
        target = f"L{step.lane}"
        origin = target if step.origin is None else f"L{step.origin}"
        through = f"L{broker}" if broker is not None and step.brokered else ""
        if mark.is_end:
            return [f"deactivate {target}"] if id(step) in open_steps else []
        if mark.is_answer:
            words = escaped(" · ".join(figures(step)))
            way = [target, through, origin] if through else [target, origin]
            return [f"{a} --> {b} : {words}" for a, b in pairwise(way)]
        body = _ARROWS[step.kind]
        arrow = body[0] + _STYLES.get(step.kind, "") + body[1:]
        words = escaped(f"{step.number}. {step.kind}: {words_of(step)}")
        if step.kind is Kind.START:
            lines = [f"[-> {target} : {words}"]
        else:
            way = [origin, through, target] if through else [origin, target]
            lines = [f"{a} {arrow} {b} : {words}" for a, b in pairwise(way)]
        if step.kind is not Kind.EVENT:
            open_steps.add(id(step))
            lines.append(f"activate {target}")
        if step.note:
            note = "\\n".join(escaped(line) for line in visible(step.note).split("\n"))
            lines.append(f"note right of {target} : {note}")
        return lines


def escaped(text: str) -> str:
    """``text`` on one line, with what means something to PlantUML spelled as its number."""
    line = visible(text).replace("\n", "↵").replace("\t", " ")
    return _SPECIAL.sub(lambda match: "".join(f"<U+{ord(char):04X}>" for char in match[0]), line)


def _legend(kind: Kind) -> str:
    return escaped(f"{kind}: {LOOKS[kind].words}")
