"""The two ways of connecting to libvirt, read out of the recording: the service's and the observer's."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.hypervisor_view import xml_lines
from reports.source_data import HighlightedLine
from reports.visible_text import fitted, visible_line
from reports.walkthrough.call_index import CallIndex
from reports.way import BINDINGS
from tracer.model.kinds import Link
from tracer.model.recording_folder import Recording

OPENERS = frozenset({"open", "openAuth", "openReadOnly"})
"""The functions of libvirt's binding that connect: https://libvirt.org/html/libvirt-libvirt-host.html."""
_WRITES = frozenset(
    {"defineXML", "createXML", "create", "createWithFlags", "resume", "destroy", "undefine", "undefineFlags"}
)
"""Functions of booting and deleting that a read-only connection refuses (the same reference)."""
_MOST_CALLS = 3


@dataclass(frozen=True)
class Connections:
    """How the service opens its connection, what it changed with it, and what the observer's was answered."""

    calls: list[tuple[str, int, str]]
    writes: list[str]
    uri: str
    observer_flags: str
    tried: str
    answer: str


@dataclass(frozen=True)
class HandedDocument:
    """A domain's description that a call gave to libvirt, and which call that was."""

    call: str
    argument: str
    service: str
    span: int
    lines: Sequence[HighlightedLine]


def handed_documents(index: CallIndex, more: str) -> list[HandedDocument]:
    """The domain XML that the services handed to the hypervisor's binding, as far as its text was recorded.

    Args:
        index: the request.
        more: says that ``{n}`` characters follow.
    """
    functions = index.tree.functions
    native = {number for number, function in enumerate(functions) if function.id.split(":")[0] in BINDINGS}
    found: dict[str, HandedDocument] = {}
    for span in index.tree.spans:
        if span.function not in native or span.values is None:
            continue
        for name, value in span.values.arguments.items():
            if value.text.lstrip().startswith("<domain") and value.text not in found:
                call = visible_line(functions[span.function].qualname)
                lines = xml_lines(value.text, more)
                found[value.text] = HandedDocument(
                    call, visible_line(name), visible_line(span.service), span.id, lines
                )
    return list(found.values())[:_MOST_CALLS]


def connections(recording: Recording, index: CallIndex) -> Connections:
    """What the recording says of both connections; each part may be empty."""
    stated = {name: visible_line(str(value)) for name, value in recording.hypervisor.connection.items()}
    return Connections(
        list(_opening_calls(recording, index))[:_MOST_CALLS],
        _writes(index),
        stated.get("uri", ""),
        stated.get("flags", ""),
        stated.get("write_tried", ""),
        stated.get("write_answer", "") if stated.get("write_refused") == "True" else "",
    )


def _writes(index: CallIndex) -> list[str]:
    names: list[str] = []
    for hop in index.way.crossings:
        name = hop.what.rpartition(".")[2]
        if hop.link is Link.NATIVE and name in _WRITES and hop.what not in names:
            names.append(hop.what)
    return names


def _opening_calls(recording: Recording, index: CallIndex) -> Iterator[tuple[str, int, str]]:
    """Where the services' recorded source connects to the hypervisor: file, line, the line's text."""
    files = sorted({function.file for function in index.tree.functions if function.file})
    for file in files:
        text = recording.source(file)
        if (
            text is None
            or not any(name in text for name in OPENERS)
            or not any(name in text for name in BINDINGS)
        ):
            continue
        lines = text.split("\n")
        module = file.rpartition("/")[2].removesuffix(".py")
        if module in BINDINGS:
            continue
        for line in _lines_that_open(text):
            yield visible_line(file), line, fitted(lines[line - 1].strip(), 90)


def _lines_that_open(text: str) -> list[int]:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return sorted(
        {node.lineno for node in ast.walk(module) if isinstance(node, ast.Attribute) and _opens(node)}
    )


def _opens(node: ast.Attribute) -> bool:
    """Whether ``node`` is a function that connects: the binding's ``open``, the others of any proxy of it."""
    if node.attr == "open":
        return isinstance(node.value, ast.Name) and node.value.id in BINDINGS
    return node.attr in OPENERS
