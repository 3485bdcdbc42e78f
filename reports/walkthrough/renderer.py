"""Writes the walkthrough: its start page, its scripts and styles, and its data as scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jinja2

from reports.assets import copy_assets
from reports.hypervisor_view import hypervisor_view
from reports.markdown import inline
from reports.page.renderer import PageRenderer
from reports.scripts import write_data
from reports.source_data import pieces, write_sources
from reports.templates import page_templates
from reports.visible_text import visible_line
from reports.walkthrough import single_file, site_data
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.catalogue import Catalogue, make_catalogue
from reports.walkthrough.content import Content, shipped
from reports.walkthrough.diagrams import chapter_diagram, diagram_style
from reports.walkthrough.exercises import exercise_data
from reports.walkthrough.hypervisor import connections, handed_documents
from reports.walkthrough.known_calls import KnownCalls
from reports.walkthrough.map_data import map_data
from reports.walkthrough.plan import Plan, make_plan, named
from reports.walkthrough.queries import Queries
from reports.walkthrough.rails import rails
from reports.walkthrough.tour import tour
from tracer.model.branches import Branches
from tracer.model.graph import CallGraph
from tracer.model.notes import Notes
from tracer.model.overlaid import Overlaid
from tracer.model.recording_folder import Recording
from tracer.overlay.branches import branches
from tracer.overlay.laying import lay
from tracer.terminal.progress import Steps

POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file:; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing but the folder's own files is loaded; no inline script, no network."""
SCRIPTS = (
    "data.js",
    "dom.js",
    "source-view.js",
    "site.js",
    "parts.js",
    "step-view.js",
    "function-view.js",
    "map-view.js",
    "pages.js",
    "mine.js",
    "search.js",
    "keys.js",
    "start.js",
)
"""In the order in which they are run."""
DIAGRAM_STYLE = "diagrams.css"
STYLES = ("base.css", "site.css", "views.css", DIAGRAM_STYLE)
TOUR = "walkthrough.tour"
EVERY_CALL = "calls"
"""The folder of the page with the tree of all calls."""
_KEYS = (
    (("j", "→"), "key_next"),
    (("k", "←"), "key_previous"),
    (("]", "["), "key_chapter"),
    (("F3",), "key_definition"),
    (("Alt+←",), "key_back"),
    (("Ctrl+O",), "key_outline"),
    (("/",), "key_search"),
    (("Ctrl+/",), "key_notes"),
    (("m",), "key_map"),
    (("p",), "key_present"),
    (("?",), "key_keys"),
)


class WalkthroughRenderer:
    """A folder with an ``index.html`` that opens from ``file://`` without network, or one HTML file.

    Args:
        notes: what there is to know.
        language: of all texts.
        graph: what could happen; None when only what happened is shown.
        single: put everything into the one file ``index.html``.
        every_call: write the page of all calls, too, a second view that the site leads to.
    """

    name = "walkthrough"

    def __init__(
        self,
        notes: Notes,
        language: str = "en",
        graph: CallGraph | None = None,
        *,
        single: bool = False,
        every_call: bool = False,
    ) -> None:
        self._notes, self._language, self._graph = notes, language, graph
        self._single, self._every_call = single, every_call
        self._content: Content = shipped()

    def render(self, recording: Recording, folder: Path, steps: Steps) -> Path:
        """See `reports.renderer.Renderer.render`."""
        words = self._content.ui(self._language)
        with steps.step("Read the recording"):
            index = CallIndex(recording.tree)
        with steps.step("Choose the steps"):
            plan = make_plan(index, self._notes, recording.hypervisor, self._content, self._language)
        overlaid = None
        if self._graph is not None:
            with steps.step("Lay the recording over the graph"):
                overlaid = lay(self._graph, [recording])
        catalogue = make_catalogue(index, overlaid)
        data = folder / "data"
        data.mkdir()
        with steps.step("Highlight the sources", total=len(catalogue.functions)) as step:
            sources = write_sources(
                recording, data, step.advance, catalogue.functions, words["n_more_characters"]
            )
        with steps.step("Write the steps"):
            overview = site_data.overview(plan, index)
            write_data(data / "overview-0.js", "overview", 0, overview)
            write_data(data / "words-0.js", "words", 0, dict(words))
            known = KnownCalls()
            writer = site_data.StepWriter(
                index, catalogue, plan, recording.source, words, known, _branches(overlaid, recording)
            )
            self._write_rest(recording, index, plan, catalogue, writer, known, data)
            table = site_data.function_table(catalogue, index, sources, known)
            write_data(data / "functions-0.js", "functions", 0, table)
        with steps.step("Write the pages"):
            text = tour(plan, index, recording.source, words, _heading(recording, index, words))
            (folder / TOUR).write_text(text, "utf-8", newline="\n")
            copy_assets(folder / "assets", __package__)
            (folder / "assets" / DIAGRAM_STYLE).write_text(diagram_style(), "utf-8")
            context = self._context(recording, index, plan, catalogue, overview)
            page = folder / "index.html"
            if self._single:
                single = single_file.gathered(folder, SCRIPTS, STYLES)
                context |= {"single": single, "policy": single.policy}
            page.write_text(_template(words).render(**context), "utf-8")
            if self._single:
                single_file.clear(folder)
        if self._every_call:
            calls = folder / EVERY_CALL
            calls.mkdir()
            shared = replace(sources, folder="../data")
            PageRenderer(self._notes, shared).render(recording, calls, steps)
        return page

    def _write_rest(
        self,
        recording: Recording,
        index: CallIndex,
        plan: Plan,
        catalogue: Catalogue,
        writer: site_data.StepWriter,
        known: KnownCalls,
        data: Path,
    ) -> None:
        words = self._content.ui(self._language)
        for number, chapter in enumerate(plan.chapters):
            held = writer.chapter(chapter) | {"diagram": chapter_diagram(index, plan, chapter, words)}
            write_data(data / f"chapter-{number}.js", "chapter", number, held)
        versions = recording.header.versions
        pieces = site_data.function_pieces(catalogue, self._notes, writer, known, versions)
        for number, piece in enumerate(pieces):
            write_data(data / f"calls-{number}.js", "calls", number, piece)
        write_data(data / "map-0.js", "map", 0, map_data(index, plan))
        write_data(data / "values-0.js", "values", 0, site_data.search_values(index))
        write_data(
            data / "notes-0.js", "notes", 0, site_data.search_notes(self._notes, plan, catalogue, index)
        )
        queries = Queries(index, recording.hypervisor)
        exercises = exercise_data(self._content.exercises, queries, plan)
        write_data(data / "exercises-0.js", "exercises", 0, exercises)

    def _context(
        self,
        recording: Recording,
        index: CallIndex,
        plan: Plan,
        catalogue: Catalogue,
        overview: dict[str, object],
    ) -> dict[str, object]:
        words = self._content.ui(self._language)
        header = recording.header
        width, lines = rails(plan)
        hypervisor = recording.hypervisor
        epoch = header.epoch_ns
        return {
            "lang": "zh-Hans" if self._language == "zh" else self._language,
            "policy": POLICY,
            "single": None,
            "styles": STYLES,
            "scripts": (*SCRIPTS[:2], "../data/overview-0.js", "../data/words-0.js", *SCRIPTS[2:]),
            "overview": overview,
            "words": words,
            "heading": _heading(recording, index, words),
            "lead": words["lead"].format(
                steps=len(plan.steps), services=len(index.way.lanes), calls=f"{len(index.parent):,}"
            ),
            "figures": list(_figures(index, plan, words)),
            "first": plan.steps[0].id,
            "recorded": visible_line(f"{_when(epoch)} · {header.command}"),
            "graph_label": visible_line(catalogue.graph_label),
            "tour": TOUR,
            "every_call": f"{EVERY_CALL}/index.html" if self._every_call else "",
            "lane_width": width,
            "rails": lines,
            "guest": hypervisor_view(hypervisor, words["n_more_characters"], words["left_out_before"]),
            "handed": handed_documents(index, words["n_more_characters"]),
            "connection": connections(recording, index),
            "events": [
                (
                    f"{(event.time_ns - epoch) / 1e6:,.1f}",
                    *map(visible_line, (event.event, event.detail, event.domain)),
                )
                for event in hypervisor.events
            ],
            "glossary": sorted(
                (term.text(self._language) for term in self._content.glossary),
                key=lambda meaning: meaning.term.casefold(),
            ),
            "key_list": [(keys, words[word]) for keys, word in _KEYS],
        }


def _branches(overlaid: Overlaid | None, recording: Recording) -> Callable[[str], Branches | None] | None:
    """Gives the paths that a function did not take; None without a graph."""
    if overlaid is None:
        return None

    def of(function_id: str) -> Branches | None:
        return (
            branches(overlaid, function_id, recording.source) if function_id in overlaid.functions else None
        )

    return of


def _heading(recording: Recording, index: CallIndex, words: Mapping[str, str]) -> str:
    first = index.way.crossings[0].what if index.way.crossings else recording.header.scenario
    return words["heading"].format(what=visible_line(first))


def _figures(index: CallIndex, plan: Plan, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    spans = index.tree.spans
    for name, count in (
        ("steps", len(plan.steps)),
        ("calls", len(spans)),
        ("functions", len(index.tree.functions)),
        ("messages", len(index.way.crossings)),
        ("processes", len({span.pid for span in spans})),
    ):
        yield words[f"figure_{name}_one" if count == 1 else f"figure_{name}"], f"{count:,}"
    last = max(span.end_ns for span in spans)
    yield words["figure_time"], f"{last / 1e9:,.1f} s"


def _when(epoch_ns: int) -> str:
    return datetime.fromtimestamp(epoch_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _template(words: Mapping[str, str]) -> jinja2.Template:
    environment = page_templates(__package__)

    def counted(count: int, key: str) -> str:
        one = f"{key}_one"
        return words[one if count == 1 and one in words else key].format(n=f"{count:,}")

    environment.filters["counted"] = counted
    environment.filters["named"] = lambda word, vocabulary: named(words, vocabulary, word)
    environment.filters["pieces"] = pieces
    environment.filters["inline"] = inline
    return environment.get_template("index.html.j2")
