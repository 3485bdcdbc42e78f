"""What the site's scripts are handed: steps, functions, the search index, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import metadata

from reports.markdown import Block, blocks, plain
from reports.source_data import Sources
from reports.visible_text import LONGEST, MORE, fitted, shortened, visible, visible_line
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.catalogue import Catalogue, Relation
from reports.walkthrough.identity import without_identifiers
from reports.walkthrough.known_calls import KnownCalls
from reports.walkthrough.plan import LONGEST_TITLE, Chapter, Plan, Step
from tracer.model.branches import Branches
from tracer.model.kinds import CallKind
from tracer.model.notes import SECTIONS, Note, Notes
from tracer.model.observed import KIND_OF_LINK
from tracer.model.request_tree import Value, Values

FUNCTIONS_PER_PIECE = 250
MOST_FRAMES = 8
"""Frames between a step and the one before it that are listed; how many more there are is said."""
MOST_REPEATS = 20
MOST_VALUES = 60_000
"""Distinct values that search knows."""
LONGEST_VALUE = 4_000
_LONGEST_SEARCHED = 160
_LONGEST_CODE = 110
_LONGEST_WHAT = 400
_DEEPEST_HANDLER = 40
"""Functions of a run, each the one with most beneath it, among which a message's handler is looked for."""
_CROSSING_KINDS = frozenset(map(str, KIND_OF_LINK.values())) - {str(CallKind.CALL)}


class StepWriter:
    """Turns steps into data.

    Args:
        index: the request.
        catalogue: the functions, by whose numbers steps refer to them.
        plan: all steps.
        source: gives a source file's text, or None.
        words: the words of the pages.
        known: writes the calls.
        branches: gives what a function could have done and did not, None for a function that was not read;
            None where there is no static graph.
    """

    def __init__(
        self,
        index: CallIndex,
        catalogue: Catalogue,
        plan: Plan,
        source: Callable[[str], str | None],
        words: Mapping[str, str],
        known: KnownCalls,
        branches: Callable[[str], Branches | None] | None = None,
    ) -> None:
        self._index, self._catalogue, self._plan, self._source = index, catalogue, plan, source
        self._branches, self._words = branches, words
        self._known = known
        self._number_of = {step.stop.index: step.number for step in plan.steps if step.stop}

    def chapter(self, chapter: Chapter) -> dict[str, object]:
        """A chapter's steps with all they show."""
        return {"steps": [self.step(step) for step in chapter.steps]}

    def step(self, step: Step) -> dict[str, object]:
        """One step."""
        common: dict[str, object] = {"number": step.number, "service": visible_line(step.service)}
        if step.stop is None:
            return common | {
                "kind": "event",
                "start": step.start_ns // 1_000,
                "text": visible(shortened(step.console, more=self._words["n_more_characters"])),
                "event": [
                    visible_line(part) for part in (step.event.event, step.event.detail, step.event.domain)
                ]
                if step.event
                else [],
            }
        index, stop = self._index, step.stop
        span = index.tree.spans[stop.index]
        caller, line = index.caller_to_show(stop.index)
        static = self._static(stop.index) if stop.crossing is None else self._static_of_crossing(stop.index)
        function = span.function
        if stop.crossing is not None:
            noted = [
                n for note in stop.notes if (n := index.function_numbers.get(note.anchor.function, -1)) >= 0
            ]
            function = noted[0] if noted else static.callee if static else function
        result = common | {
            "kind": "message" if stop.crossing else "call",
            "function": function,
            "entered": span.function,
            "span": span.id,
            "process": [visible_line(span.service), span.pid, visible_line(span.thread)],
            "start": span.start_ns // 1_000,
            "duration": span.duration_ns / 1_000,
            "outcome": span.outcome.value,
            "inside": index.size[stop.index] - 1,
            "notes": [self.note(note) for note in stop.notes],
            "aside": [
                [plain(note.text(self._plan.language).title), index.tree.spans[other.index].function]
                for other in stop.aside
                for note in other.notes
            ],
            "frames": self._frames(step),
        }
        if caller >= 0:
            above = index.tree.spans[caller]
            result["caller"] = [above.function, line, visible_line(above.service)]
            result["code"] = self._code(index.tree.functions[above.function].file, line)
        parent = index.parent[stop.index]
        if parent >= 0:
            known = static or self._catalogue.relation(index.tree.spans[parent].function, span.function)
            result["evidence"] = {
                "times": index.times[span.function],
                "static": self._known.row(known) if known else None,
            }
        if stop.crossing is not None:
            hop = stop.crossing
            result["crossing"] = {
                "link": hop.link.value,
                "what": fitted(hop.what, _LONGEST_WHAT),
                "source": visible_line(hop.source.service),
                "repeats": [
                    [other.span.start_ns // 1_000, fitted(without_identifiers(other.what), _LONGEST_WHAT)]
                    for other in stop.repeats[:MOST_REPEATS]
                ],
                "repeated": len(stop.repeats),
            }
        if self._branches is not None:
            result["possible"] = self._possible(index.tree.functions[function].id)
        if span.values is not None:
            result["values"] = values_data(span.values, self._words["n_more_characters"])
        return result

    def note(self, note: Note) -> dict[str, object]:
        """A note in the plan's language."""
        text = note.text(self._plan.language)
        sections = {name: self._section(getattr(text, name)) for name in SECTIONS}
        return {"title": fitted(plain(text.title), LONGEST_TITLE), **sections}

    def _section(self, text: str) -> list[Block]:
        return blocks(shortened(text, more=self._words["n_more_characters"]))

    def _code(self, file: str, line: int) -> str:
        """A line of source, for a reader who has nothing but paper."""
        lines = (self._source(file) or "").split("\n")
        return fitted(lines[line - 1].strip(), _LONGEST_CODE) if line <= len(lines) else ""

    def _static(self, at: int) -> Relation | None:
        """How the analyzer knew of the call at ``at``: from its caller, or past the frames that carry it."""
        spans = self._index.tree.spans
        callee = spans[at].function
        for _, above in zip(range(MOST_FRAMES), self._index.ancestors(at), strict=False):
            found = self._catalogue.relation(spans[above].function, callee)
            if found is not None and found.rule:
                return found
        return None

    def _possible(self, function_id: str) -> list[list[object]]:
        """The paths that the function did not take: why, what decided, its line, the calls on it."""
        found = self._branches(function_id) if self._branches else None
        return [
            [
                branch.why.value,
                visible_line(branch.head),
                branch.line,
                [
                    self._known.possible(number, way)
                    for way in branch.ways
                    if (number := self._catalogue.numbers.get(way.callee)) is not None
                ],
            ]
            for branch in (found.branches if found else ())
        ]

    def _static_of_crossing(self, at: int) -> Relation | None:
        """How the analyzer knew where a message would lead: from what sent it to what took it up."""
        spans = self._index.tree.spans
        above = [
            spans[up].function for _, up in zip(range(MOST_FRAMES), self._index.ancestors(at), strict=False)
        ]
        below: set[int] = set()
        while at >= 0 and len(below) < _DEEPEST_HANDLER:
            below.add(spans[at].function)
            at = max(self._index.children(at), key=self._index.size.__getitem__, default=-1)
        found = (
            one
            for function in above
            for one in self._catalogue.callees.get(function, ())
            if one.callee in below and one.rule and one.kind in _CROSSING_KINDS
        )
        return next(found, None)

    def _frames(self, step: Step) -> dict[str, object]:
        """How control got here from the nearest step above: the frames in between, that step's number."""
        assert step.stop is not None
        frames: list[list[object]] = []
        count, number = 0, 0
        for above in self._index.ancestors(step.stop.index):
            if above in self._number_of:
                number = self._number_of[above]
                break
            count += 1
            if count <= MOST_FRAMES:
                span = self._index.tree.spans[above]
                frames.append([span.function, visible_line(span.service), span.link.value])
        return {"frames": frames[::-1], "more": max(0, count - MOST_FRAMES), "from": number}


def overview(plan: Plan, index: CallIndex) -> dict[str, object]:
    """What every page of the site needs at once: chapters and titles, ids and services of their steps."""
    header = index.tree.header
    return {
        "aside": plan.aside,
        "language": plan.language,
        "title": visible_line(header.scenario),
        "trace": visible_line(header.trace_id),
        "maker": f"stackwalk {metadata.version('stackwalk')}",
        "versions": [
            f"{visible_line(name)} {visible_line(text)}" for name, text in sorted(header.versions.items())
        ],
        "chapters": [
            {
                "key": visible_line(chapter.key),
                "title": chapter.title,
                "opening": blocks(chapter.opening),
                "steps": [
                    [
                        step.id,
                        step.title,
                        visible_line(step.service),
                        visible_line(step.source),
                        step.link.value,
                    ]
                    for step in chapter.steps
                ],
            }
            for chapter in plan.chapters
        ],
    }


def function_table(
    catalogue: Catalogue, index: CallIndex, sources: Sources, known: KnownCalls
) -> dict[str, object]:
    """All functions: id, number of the file that holds its source (-1: none), path, lines, calls seen.

    With them the ways in which calls are known, as far as ``known`` has written any.
    """
    paths: dict[str, int] = {}
    rows = []
    for number, (function, file, end) in enumerate(sources.places(catalogue.functions)):
        path = paths.setdefault(visible_line(function.file), len(paths))
        rows.append(
            [
                visible_line(function.id),
                file,
                path,
                function.line,
                end,
                index.times[number] if number < catalogue.ran else 0,
            ]
        )
    return {
        "rows": rows,
        "paths": list(paths),
        "ways": known.ways,
        "ran": catalogue.ran,
        "graph": visible_line(catalogue.graph_label),
    }


def function_pieces(
    catalogue: Catalogue, notes: Notes, writer: StepWriter, known: KnownCalls, versions: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Callers, callees and notes of functions, `FUNCTIONS_PER_PIECE` a piece."""
    for first in range(0, len(catalogue.functions), FUNCTIONS_PER_PIECE):
        last = min(first + FUNCTIONS_PER_PIECE, len(catalogue.functions))
        yield {
            "callees": [[known.row(one) for one in catalogue.callees.get(n, ())] for n in range(first, last)],
            "callers": [
                [known.row(one, to_callee=False) for one in catalogue.callers.get(n, ())]
                for n in range(first, last)
            ],
            "more": [catalogue.left_out.get(n, 0) for n in range(first, last)],
            "notes": {
                n - first: [
                    writer.note(note) for note in notes.by_function[function.id] if note.applies(versions)
                ]
                for n in range(first, last)
                if (function := catalogue.functions[n]).id in notes.by_function
            },
        }


def search_values(index: CallIndex) -> dict[str, object]:
    """Distinct texts of recorded values, each with the function of the call where it was seen first."""
    found: dict[str, list[object]] = {}
    left_out = 0
    for span in index.tree.spans:
        if span.values is None:
            continue
        for name, value in _all_values(span.values):
            text = value.text[:_LONGEST_SEARCHED]
            if not text or value.masked or text in found:
                continue
            if len(found) >= MOST_VALUES:
                left_out += 1
                continue
            found[text] = [visible_line(text), visible_line(name), span.function]
    return {"values": list(found.values()), "leftOut": left_out}


def search_notes(notes: Notes, plan: Plan, catalogue: Catalogue, index: CallIndex) -> list[list[object]]:
    """Titles and words of the notes, each with the number of its step (0: none) and of its function."""
    step_of = {id(note): step.number for step in plan.steps if step.stop for note in step.stop.notes}
    rows: list[list[object]] = []
    for note in notes.notes:
        function = index.function_numbers.get(note.anchor.function, -1)
        if function < 0 or not note.applies(index.tree.header.versions):
            continue
        text = note.text(plan.language)
        words = plain("\n\n".join(getattr(text, name)[:LONGEST] for name in SECTIONS))
        rows.append([fitted(plain(text.title), LONGEST_TITLE), words, step_of.get(id(note), 0), function])
    return rows


def values_data(values: Values, more: str = MORE) -> dict[str, object]:
    """What went into a call and came out; ``more`` says that ``{n}`` characters follow."""
    return {
        "arguments": [[visible_line(name), _value(value, more)] for name, value in values.arguments.items()],
        "result": _value(values.result, more) if values.result else None,
        "error": _value(values.error, more) if values.error else None,
    }


def _value(value: Value, more: str) -> list[object]:
    text = visible(shortened(value.text, LONGEST_VALUE, more))
    return [visible_line(value.type), text, -1 if value.size is None else value.size, int(value.masked)]


def _all_values(values: Values) -> Iterator[tuple[str, Value]]:
    yield from values.arguments.items()
    if values.result is not None:
        yield "result", values.result
    if values.error is not None:
        yield "exception", values.error
