"""Opens what a picture of calls is made from: saved graphs, recordings, overlaid graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from reports.graph.choice import Wish, named_function
from reports.graph.material import Material, from_overlay, from_recording, from_source
from tracer.model import graph as callgraph
from tracer.model import overlaid
from tracer.model.graph import CallGraph, GraphError
from tracer.model.overlaid import Overlaid, OverlaidError
from tracer.model.recording_folder import Recording, open_recording
from tracer.overlay.laying import lay
from tracer.terminal.errors import UserError

Texts = Callable[[str], str | None]
"""The text of a source file by its name relative to the source root, None where it is not to be had."""


class Opened(NamedTuple):
    """What may be drawn, and where its source is."""

    material: Material
    texts: Texts


def open_inputs(paths: Sequence[Path], folders: Sequence[Path], wish: Wish, *, wrappers: bool) -> Opened:
    """Read the inputs; a graph and recordings are laid over each other.

    Args:
        paths: one saved graph, recording or overlaid graph, or one saved graph and recordings.
        folders: folders that hold the packages, for their source.
        wish: what will be asked of it.
        wrappers: keep the frames that only carry calls on.

    Raises:
        UserError: when they cannot be read, or do not go together.
        RecordingError: when a recording cannot be read.
    """
    recordings = [open_recording(path) for path in paths if path.is_dir()]
    graphs = [_load(path) for path in paths if not path.is_dir()]
    if len(graphs) > 1 or (len(recordings) > 1 and not graphs):
        raise UserError(
            "These inputs do not go together.",
            "Give one graph, one recording, what `stackwalk overlay` saved, or a graph and recordings.",
        )
    texts = _texts(recordings, folders)
    if not graphs:
        tree = recordings[0].tree
        functions = {function.id: function for function in tree.functions}
        start = named_function(functions, wish.start) if wish.start and wish.goal else ""
        goal = named_function(functions, wish.goal) if start else ""
        material = from_recording(tree, start, goal, wrappers=wrappers, source=recordings[0].source)
        return Opened(material, texts)
    graph = graphs[0]
    if isinstance(graph, Overlaid):
        if recordings:
            raise UserError(
                f"{paths[0]} has recordings in it already.",
                "Lay others over the graph with `stackwalk overlay`.",
            )
        return Opened(from_overlay(graph, wrappers=wrappers), texts)
    if recordings:
        return Opened(from_overlay(lay(graph, recordings), wrappers=wrappers), texts)
    return Opened(from_source(graph, wrappers=wrappers), texts)


def _load(path: Path) -> CallGraph | Overlaid:
    try:
        with path.open("rb") as file:
            head = file.read(80)
        if head.startswith(overlaid.FORMAT_NAME.encode()):
            return Overlaid.load(path)
        if head.startswith(callgraph.FORMAT_NAME.encode()):
            return CallGraph.load(path)
    except (GraphError, OverlaidError) as error:
        raise UserError(error.message, error.remedy) from error
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}", _REMEDY) from error
    raise UserError(f"{path} is neither a call graph nor a recording.", _REMEDY)


_REMEDY = "Make one with `stackwalk read PACKAGE --out FILE` or `stackwalk record create --out DIR`."


def _texts(recordings: Sequence[Recording], folders: Sequence[Path]) -> Texts:
    def text(file: str) -> str | None:
        for recording in recordings:
            found = recording.source(file)
            if found is not None:
                return found
        for folder in folders:
            path = folder / file
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path.read_text("utf-8", errors="replace")
        return None

    return text
