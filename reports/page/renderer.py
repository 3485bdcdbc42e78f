"""Writes the page: its HTML, its own scripts and styles, and the recording's data as scripts."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import jinja2
from markupsafe import Markup
from pygments.lexers.html import XmlLexer

from reports.page.lanes import LOOKS, lanes_picture
from reports.page.scripts import write_data
from reports.page.service_map import service_map
from reports.page.source_data import Extent, HighlightedLine, SourceFile, highlighted
from reports.page.summary import summarize
from reports.page.tree_data import tree_columns, value_pieces
from reports.page.way import Way
from reports.visible_text import shortened, visible, visible_line
from tracer.model.recording_folder import Recording
from tracer.terminal.progress import Steps

_OWN_FILES = resources.files(__package__)
LONGEST_DOCUMENT = 400_000
"""Characters of a guest console, domain XML or command line that the page holds."""


class PageRenderer:
    """A folder with an ``index.html`` that opens from ``file://`` without network."""

    name = "page"

    def render(self, recording: Recording, folder: Path, steps: Steps) -> Path:
        """See `reports.renderer.Renderer.render`."""
        with steps.step("Read the recording"):
            tree, hypervisor = recording.tree, recording.hypervisor
            way = Way(tree)
            summary = summarize(recording, way)
        with steps.step("Draw the pictures"):
            picture = lanes_picture(way, hypervisor.events, recording.header.epoch_ns)
            services = service_map(way, {line.name: line.calls for line in summary.services})
        assets, data = folder / "assets", folder / "data"
        assets.mkdir()
        data.mkdir()
        with steps.step("Highlight the sources", total=len(tree.functions)) as step:
            files, extents = _write_sources(recording, data, step.advance)
        with steps.step("Write the tree", total=len(tree.spans)) as step:
            numbers = {hop.span.id: hop.number for hop in way.crossings}
            write_data(data / "tree.js", "tree", 0, tree_columns(tree, files, extents, numbers))
            for number, piece in enumerate(value_pieces(tree.spans)):
                write_data(data / f"values-{number}.js", "values", number, piece)
                step.advance(len(tree.spans) / (number + 1))
        with steps.step("Write the page"):
            own = sorted(
                entry.name for entry in _OWN_FILES.joinpath("assets").iterdir() if entry.name.endswith((".js", ".css", ".svg"))
            )
            for name in own:
                (assets / name).write_bytes(_OWN_FILES.joinpath("assets", name).read_bytes())
            page = folder / "index.html"
            html = _environment().get_template("page.html.j2").render(
                summary=summary,
                lanes=picture,
                lanes_head=Markup(picture.head),  # noqa: S704  graphviz escapes every text it draws
                lanes_body=Markup(picture.body),  # noqa: S704
                service_map=Markup(services),  # noqa: S704
                link_kinds=[link.value for link in LOOKS if link],
                domain_xml=highlighted(visible(shortened(hypervisor.domain_xml, LONGEST_DOCUMENT)), XmlLexer()),
                qemu_command_line=_arguments(hypervisor.qemu_command_line),
                console=visible(_end(hypervisor.console)),
                connection=hypervisor.connection,
                has_hypervisor=bool(
                    hypervisor.events or hypervisor.domain_xml or hypervisor.qemu_command_line or hypervisor.console
                ),
            )
            page.write_text(html, "utf-8")
        return page


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["runs"] = _runs
    environment.filters["visible"] = visible_line
    return environment


def _runs(line: HighlightedLine) -> list[tuple[str, str]]:
    """A line's pieces with their classes, for the template."""
    pieces, start, digits, name = [], 0, "", "."
    for char in line.runs + ".":
        if char.isdigit():
            digits += char
            continue
        if digits:
            pieces.append((name, line.text[start : start + int(digits)]))
            start += int(digits)
        name, digits = char, ""
    return [*pieces, (".", line.text[start:])]


def _write_sources(recording: Recording, folder: Path, advance: object) -> tuple[list[str], list[Extent | None]]:
    tree = recording.tree
    by_file: dict[str, list[int]] = {}
    for number, function in enumerate(tree.functions):
        if function.file:
            by_file.setdefault(function.file, []).append(number)
    extents: list[Extent | None] = [None] * len(tree.functions)
    files: list[str] = []
    for file in sorted(by_file):
        text = recording.source(file)
        if text is not None:
            source = SourceFile(text)
            for number in by_file[file]:
                extents[number] = source.extent(tree.functions[number])
            found = [extent for number in by_file[file] if (extent := extents[number]) is not None]
            if found:
                write_data(folder / f"source-{len(files)}.js", "source", len(files), source.blocks(found))
                files.append(file)
        advance(len(by_file[file]))
    return files, extents


def _arguments(command_line: str) -> list[str]:
    """A command line with each option on a line of its own, as people read it."""
    lines: list[str] = []
    for word in visible(shortened(command_line.strip(), LONGEST_DOCUMENT)).split(" "):
        if not lines or word.startswith("-"):
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return lines


def _end(console: str) -> str:
    if len(console) <= LONGEST_DOCUMENT:
        return console
    return f"{len(console) - LONGEST_DOCUMENT:,} characters before these are left out …\n{console[-LONGEST_DOCUMENT:]}"
