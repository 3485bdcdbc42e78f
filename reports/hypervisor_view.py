"""The hypervisor's side of a recording, made ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pygments.lexers.html import XmlLexer

from reports.source_data import HighlightedLine, highlighted
from reports.visible_text import MORE, shortened, visible, visible_line
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


def hypervisor_view(
    hypervisor: Hypervisor, more: str = MORE, left_out: str = "{n} characters before these are left out …"
) -> HypervisorView:
    """Make ``hypervisor`` ready to be shown.

    Args:
        hypervisor: what was seen.
        more: says that ``{n}`` characters follow.
        left_out: says that ``{n}`` characters came before.
    """
    return HypervisorView(
        seen=bool(
            hypervisor.events or hypervisor.domain_xml or hypervisor.qemu_command_line or hypervisor.console
        ),
        domain_xml=xml_lines(hypervisor.domain_xml, more),
        qemu_command_line=_options(hypervisor.qemu_command_line, more),
        console=visible(_end(hypervisor.console, left_out)),
        connection=[
            (visible_line(name).replace("_", " "), visible_line(str(text)))
            for name, text in hypervisor.connection.items()
        ],
    )


def xml_lines(xml: str, more: str = MORE) -> list[HighlightedLine]:
    """An XML document with its highlighting; none of an empty one."""
    text = visible(shortened(xml.strip(), LONGEST_DOCUMENT, more))
    return highlighted(text, XmlLexer(), more) if text else []


def _options(command_line: str, more: str) -> list[str]:
    lines: list[str] = []
    for word in visible(shortened(command_line.strip(), LONGEST_DOCUMENT, more)).split():
        if not lines or word.startswith("-"):
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return lines


def _end(console: str, left_out: str) -> str:
    count = len(console) - LONGEST_DOCUMENT
    return console if count <= 0 else f"{left_out.format(n=f'{count:,}')}\n{console[-LONGEST_DOCUMENT:]}"
