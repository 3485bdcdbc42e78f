"""From what a person asked for to the file with the picture, and what is said about it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from reports.canvas.fonts import missing_letters
from reports.graph.build import Href, build_view
from reports.graph.choice import Wish
from reports.graph.inputs import Opened, open_inputs
from reports.graph.links import template_links
from reports.graph.renderer import DATA, FORMATS
from reports.graph.source_pages import page_links, write_pages
from reports.graph.view import View
from reports.mermaid_text import LONGEST_TEXT
from reports.output_file import write_whole
from reports.output_folder import fresh_folder
from tracer.notes.shipped import language_for, load_notes
from tracer.terminal.progress import Steps, steps
from tracer.terminal.wording import counted

MOST_BOXES = 200
"""Boxes in a picture, unless another number is asked for."""


@dataclass(frozen=True)
class Request:
    """What a person asked for; see `reports.graph.command.graph`."""

    sources: tuple[Path, ...]
    wish: Wish
    format: str
    out: Path | None = None
    wrappers: bool = False
    notes: bool = False
    language: str | None = None
    template: str | None = None
    source_folders: tuple[Path, ...] = ()
    pages: bool = False
    most: int | None = None


def draw(request: Request) -> None:
    """Make the file that ``request`` asks for, and say what is in it and what not.

    Raises:
        UserError: when it cannot be done.
        RecordingError: when a recording cannot be read.
    """
    said = steps()
    default = 0 if request.format in DATA else MOST_BOXES
    wish = replace(request.wish, most=default if request.most is None else request.most)
    notes = load_notes() if request.notes else None
    language = language_for(notes, request.language)
    with said.step("Read what is to be drawn"):
        opened = open_inputs(request.sources, request.source_folders, wish, wrappers=request.wrappers)
    with said.step("Choose"):
        view = build_view(
            opened.material,
            wish,
            notes=notes,
            language=language,
            href=_links(request, opened),
        )
    with said.step("Draw"):
        content = FORMATS[request.format].render(view)
    if request.format == "mermaid" and len(content.decode()) > LONGEST_TEXT:
        said.say(
            f"This text has {len(content.decode()):,} characters. Mermaid draws at most {LONGEST_TEXT:,} "
            "unless its setting maxTextSize is raised; ask for fewer boxes with --nodes."
        )
    if request.format in ("png", "pdf"):
        lacking = missing_letters(
            [*(remark.text for remark in view.remarks), *(node.name for node in view.nodes)]
        )
        if lacking:
            said.say(lacking)
    if request.out is None:
        sys.stdout.buffer.write(content)
        return
    if _wants_pages(request):
        _write_pages(request.out, view, opened, said)
    write_whole(request.out, content)
    for statement in view.statements:
        click.echo(statement)
    size = f"{counted(len(view.nodes), 'box', 'boxes')}, {counted(len(view.edges), 'arrow')}"
    click.echo(f"{size}; the graph is {request.out.resolve()}")


def _wants_pages(request: Request) -> bool:
    return request.pages or bool(request.source_folders)


def _links(request: Request, opened: Opened) -> Href | None:
    if request.template:
        return template_links(request.template, opened.material.versions)
    if request.out is not None and _wants_pages(request):
        return page_links(_folder_beside(request.out).name, opened.texts)
    return None


def _folder_beside(out: Path) -> Path:
    return out.with_name(f"{out.stem}-source")


def _write_pages(out: Path, view: View, opened: Opened, said: Steps) -> None:
    shown = {identity for node in view.nodes if not node.folded for identity in node.functions}
    functions = [station.function for station in opened.material.stations if station.function.id in shown]
    with said.step("Write the source"), fresh_folder(_folder_beside(out), "source", out) as folder:
        write_pages(functions, opened.texts, folder)
