"""The hypervisor's side of a recording, made ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pygments.lexers.html import XmlLexer

from reports.source_data import HighlightedLine, highlighted
from reports.visible_text import shortened, visible, visible_line
from tracer.model.hypervisor import Hypervisor

LONGEST_DOCUMENT = 400_000
"""Characters of a guest console, domain XML or command line that the page holds."""


@dataclass(frozen=True)
class HypervisorView:
    """What a read-only connection saw; each part may be empty."""

    seen: bool
    domain_xml: Sequence[HighlightedLine]
    qemu_command_line: Sequence[str]
    """An option with its value a line."""
    console: str
    connection: Sequence[tuple[str, str]]


def hypervisor_view(hypervisor: Hypervisor) -> HypervisorView:
    """Make ``hypervisor`` ready to be shown."""
    xml = visible(shortened(hypervisor.domain_xml.strip(), LONGEST_DOCUMENT))
    return HypervisorView(
        seen=bool(
            hypervisor.events or hypervisor.domain_xml or hypervisor.qemu_command_line or hypervisor.console
        ),
        domain_xml=highlighted(xml, XmlLexer()) if xml else [],
        qemu_command_line=_options(hypervisor.qemu_command_line),
        console=visible(_end(hypervisor.console)),
        connection=[
            (visible_line(name).replace("_", " "), visible_line(str(text)))
            for name, text in hypervisor.connection.items()
        ],
    )


def _options(command_line: str) -> list[str]:
    lines: list[str] = []
    for word in visible(shortened(command_line.strip(), LONGEST_DOCUMENT)).split():
        if not lines or word.startswith("-"):
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return lines


def _end(console: str) -> str:
    left_out = len(console) - LONGEST_DOCUMENT
    if left_out <= 0:
        return console
    return f"{left_out:,} characters before these are left out …\n{console[-LONGEST_DOCUMENT:]}"
