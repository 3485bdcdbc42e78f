"""Writes the page: its HTML, its own scripts and styles, and the recording's data as scripts."""

from __future__ import annotations

from pathlib import Path

import jinja2
from markupsafe import Markup

from reports.assets import copy_assets
from reports.hypervisor_view import hypervisor_view
from reports.page.lanes import lanes_picture
from reports.page.note_data import languages, note_data
from reports.page.service_map import service_map
from reports.page.summary import LINK_MEANINGS, summarize
from reports.page.timeline import timeline_picture
from reports.page.tree_data import SPANS_PER_PIECE, tree_columns, value_pieces
from reports.scripts import write_data
from reports.source_data import Sources, pieces, write_sources
from reports.templates import page_templates
from reports.way import Way
from tracer.model.notes import Notes
from tracer.model.recording_folder import Recording
from tracer.terminal.progress import Steps


class PageRenderer:
    """A folder with an ``index.html`` that opens from ``file://`` without network.

    Args:
        notes: what there is to know of functions and calls; None for nothing.
        sources: those of another page, written already, to be read from there; they begin with the functions
            of the recording in its order. None to write this page's own.
    """

    name = "page"

    def __init__(self, notes: Notes | None = None, sources: Sources | None = None) -> None:
        self._notes = notes or Notes(())
        self._sources = sources

    def render(self, recording: Recording, folder: Path, steps: Steps) -> Path:
        """See `reports.renderer.Renderer.render`."""
        with steps.step("Read the recording"):
            tree, hypervisor = recording.tree, recording.hypervisor
            way = Way(tree)
            summary = summarize(recording, way)
        with steps.step("Draw the pictures"):
            events, epoch_ns = hypervisor.events, recording.header.epoch_ns
            picture = lanes_picture(way, events, epoch_ns)
            # graphviz escapes every text that it draws
            drawn = {
                "lanes_head": Markup(picture.head),  # noqa: S704
                "lanes_body": Markup(picture.body),  # noqa: S704
                "timeline": Markup(timeline_picture(way, events, epoch_ns)),  # noqa: S704
                "service_map": Markup(service_map(way, recording.header.services)),  # noqa: S704
            }
        data = folder / "data"
        data.mkdir()
        sources = self._sources
        if sources is None:
            with steps.step("Highlight the sources", total=len(tree.functions)) as step:
                sources = write_sources(recording, data, step.advance)
        with steps.step("Write the tree", total=len(tree.spans)) as step:
            numbers = {hop.span.id: hop.number for hop in way.crossings}
            write_data(data / "tree.js", "tree", 0, tree_columns(tree, sources, numbers))
            for number, piece in enumerate(value_pieces(tree.spans)):
                write_data(data / f"values-{number}.js", "values", number, piece)
                step.advance(SPANS_PER_PIECE)
            write_data(data / "notes-0.js", "notes", 0, note_data(tree, self._notes))
        with steps.step("Write the page"):
            copy_assets(folder / "assets", __package__)
            page = folder / "index.html"
            html = _template().render(
                summary=summary,
                sources=sources.folder,
                left_out=picture.left_out,
                link_kinds={link.value: LINK_MEANINGS[link] for link in LINK_MEANINGS},
                guest=hypervisor_view(hypervisor),
                languages=languages(self._notes),
                **drawn,
            )
            page.write_text(html, "utf-8")
        return page


def _template() -> jinja2.Template:
    environment = page_templates(__package__)
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["pieces"] = pieces
    return environment.get_template("page.html.j2")
