"""Whether notes still fit: their anchors in a release's source and in a recording, their translations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from tracer.model.graph import CallGraph
from tracer.model.notes import Anchor, Note, Notes, releases_in
from tracer.model.request_tree import RequestTree
from tracer.model.wrapping import wrappers
from tracer.notes.source_functions import SourceTrees

LEAST_ALIKE = 0.7
"""Below this ratio a name is no suggestion."""
_SHOWN_CALLERS = 3


@dataclass(frozen=True)
class Finding:
    """Something to mend in a note, and the id that was probably meant (or an empty string)."""

    note: Note
    problem: str
    nearest: str = ""


@dataclass
class Report:
    """What a check found, and how many notes it could say nothing about, by reason."""

    findings: list[Finding] = field(default_factory=list)
    unchecked: dict[str, int] = field(default_factory=dict)

    def skip(self, reason: str) -> None:
        """Count a note that could not be checked."""
        self.unchecked[reason] = self.unchecked.get(reason, 0) + 1


def check_translations(notes: Notes, report: Report) -> None:
    """Report the notes that lack a language which others have."""
    for note in notes.notes:
        missing = [language for language in notes.languages if language not in note.texts]
        if missing:
            report.findings.append(Finding(note, f"not translated to {', '.join(missing)}"))


def check_source(notes: Notes, sources: SourceTrees, report: Report) -> None:
    """Report the notes whose functions are not defined in ``sources``.

    Raises:
        UserError: when a module of the sources cannot be parsed.
    """
    for note in notes.notes:
        if not note.applies(sources.versions):
            report.skip("about another release than the source")
            continue
        absent = [one for one in note.anchor.ids if not sources.has_package(one)]
        if absent:
            report.skip(f"the package {_package(absent[0])} is not in the source")
            continue
        report.findings.extend(
            Finding(note, f"{one} is not in the source", _nearest(one, sources.alike(one)))
            for one in note.anchor.ids
            if not sources.defines(one)
        )


def check_recording(notes: Notes, tree: RequestTree, report: Report) -> None:
    """Report the notes whose function, or edge, did not run in the recording.

    An edge ran when its callee ran anywhere under its caller: between the two may stand wrappers and the
    frames of a message's transport.
    """
    ran = {function.id for function in tree.functions}
    wanted = {note.anchor for note in notes.notes if note.anchor.caller}
    edges = set(edges_that_ran(tree, wanted))
    for note in notes.notes:
        if not note.applies(tree.header.versions):
            report.skip("about another release than the recording")
            continue
        missing = [one for one in note.anchor.ids if one not in ran]
        for one in missing:
            report.findings.append(Finding(note, f"{one} did not run in the recording", _nearest(one, ran)))
        if not missing and note.anchor.caller and note.anchor not in edges:
            nearest = ", ".join(sorted(_callers(tree, note.anchor.function))[:_SHOWN_CALLERS])
            report.findings.append(Finding(note, f"the call {note.anchor} was not recorded", nearest))


def check_graph(notes: Notes, graph: CallGraph, report: Report) -> None:
    """Report the notes whose function, or call, is not in a graph that was read.

    A call is there when it leads from its caller to its callee with nothing in between but wrappers and code
    that was not read.
    """
    versions = releases_in(graph.summary.label)
    read = {function.id for function in graph.functions() if function.file}
    packages = {_package(one) for one in read}
    carrying = frozenset(graph.ids) - read | wrappers(graph)
    for note in notes.notes:
        if not note.applies(versions):
            report.skip("about another release than the graph")
            continue
        absent = [one for one in note.anchor.ids if _package(one) not in packages]
        if absent:
            report.skip(f"the package {_package(absent[0])} is not in the graph")
            continue
        missing = [one for one in note.anchor.ids if one not in read]
        for one in missing:
            report.findings.append(Finding(note, f"{one} is not in the graph", _nearest(one, read)))
        caller, callee = note.anchor.caller, note.anchor.function
        if not missing and caller and not _leads_to(graph, caller, callee, carrying):
            callers = sorted({f"{call.caller} -> {callee}" for call in graph.callers(callee)})
            near = ", ".join(callers[:_SHOWN_CALLERS])
            report.findings.append(Finding(note, f"the call {note.anchor} is not in the graph", near))


def _package(function_id: str) -> str:
    return function_id.partition(":")[0].partition(".")[0]


def _leads_to(graph: CallGraph, caller: str, callee: str, carrying: Collection[str]) -> bool:
    """Whether ``caller`` calls ``callee``, directly or through nothing but ``carrying`` functions."""
    met = {caller}
    waiting = [caller]
    while waiting:
        for call in graph.callees(waiting.pop()):
            if call.callee == callee:
                return True
            if call.callee in carrying and call.callee not in met:
                met.add(call.callee)
                waiting.append(call.callee)
    return False


def edges_that_ran(tree: RequestTree, wanted: Iterable[Anchor]) -> Iterator[Anchor]:
    """Those of the ``wanted`` edges whose callee ran under their caller."""
    callers: dict[str, list[Anchor]] = {}
    for anchor in wanted:
        callers.setdefault(anchor.function, []).append(anchor)
    if not callers:
        return
    for span in tree.spans:
        anchors = callers.get(tree.function(span).id)
        if anchors:
            above = {tree.function(ancestor).id for ancestor in tree.ancestors(span)}
            yield from (anchor for anchor in anchors if anchor.caller in above)


def _callers(tree: RequestTree, function_id: str) -> set[str]:
    return {f"{caller} -> {callee}" for caller, callee, _ in tree.hops if callee == function_id}


def _nearest(function_id: str, others: Iterable[str]) -> str:
    """What ``function_id`` was probably renamed to, or an empty string.

    Most probable is the same qualified name in another module, then the same name in another class of the
    same module, then the most alike of ``others``, its qualified name counting more than its module.
    """
    module, _, qualname = function_id.partition(":")
    name = qualname.rpartition(".")[2]
    moved: list[str] = []
    regrouped: list[str] = []
    listed = sorted(others)
    for other in listed:
        other_module, _, other_qualname = other.partition(":")
        if other_qualname == qualname:
            moved.append(other)
        elif other_module == module and other_qualname.rpartition(".")[2] == name:
            regrouped.append(other)
    return (
        _most_alike(function_id, moved, 0.0)
        or _most_alike(function_id, regrouped, LEAST_ALIKE)
        or _most_alike(function_id, listed, LEAST_ALIKE)
    )


def _most_alike(function_id: str, others: Iterable[str], score: float) -> str:
    """The one of ``others`` that is more alike than ``score`` and than all others, or an empty string."""
    module, _, qualname = function_id.partition(":")
    name = qualname.rpartition(".")[2]
    qualnames, modules = SequenceMatcher(b=qualname), SequenceMatcher(b=module)
    best = ""
    for other in others:
        other_module, _, other_qualname = other.partition(":")
        same_name = 0.2 * (other_qualname.rpartition(".")[2] == name)
        qualnames.set_seq1(other_qualname)
        if (2 * qualnames.quick_ratio() + 1) / 3 + same_name <= score:
            continue
        modules.set_seq1(other_module)
        ratio = (2 * qualnames.ratio() + modules.ratio()) / 3 + same_name
        if ratio > score:
            best, score = other, ratio
    return best
