"""From what a person names (trees, packages, archives, graphs, recordings, revisions) to flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path

from tracer.guarding.revisions import exported, is_revision, refusal
from tracer.model.graph import FORMAT_NAME, CallGraph, GraphError
from tracer.model.recording_folder import HEADER_FILE, Recording, open_recording
from tracer.reading.reader import read
from tracer.reading.steps import read_steps
from tracer.regression.flow import Flow
from tracer.regression.observed_flow import observed_flow
from tracer.regression.scope import Scope
from tracer.regression.static_flow import static_flow
from tracer.terminal.errors import UserError
from tracer.terminal.progress import Step, steps
from tracer.terminal.wording import counted

_OF_REVISIONS = frozenset(":~^@")
"""What no name of a package holds, but that of a revision may."""


@dataclass(frozen=True)
class How:
    """How source is read: which driver is meant where several could be, whether with tests, under which
    name."""

    driver: str = ""
    with_tests: bool = False
    label: str = ""
    cached: bool = True

    @property
    def cache(self) -> Path | None:
        """The folder in which what was read is remembered."""
        return user_cache_path("stackwalk") / "summaries" if self.cached else None


@dataclass
class Inputs:
    """What was named, opened: source targets (folders, archives, packages), a graph, recordings."""

    targets: list[str] = field(default_factory=list)
    graph: CallGraph | None = None
    recordings: list[Recording] = field(default_factory=list)

    def flows(self, scope: Scope, how: How) -> list[Flow]:
        """The flows of all that was named: one static at most, and one for each recording."""
        found = []
        if self.targets:
            found.append(self._read(how))
        elif self.graph is not None:
            found.append(static_flow(self.graph))
        if self.recordings:
            with steps().step(f"going through {counted(len(self.recordings), 'recording')}"):
                found += [observed_flow(recording.tree, scope.keeps) for recording in self.recordings]
        return found

    def call_graph(self, how: How) -> CallGraph | None:
        """The call graph of the source, or the one that was given; None where there is neither."""
        if not self.targets:
            return self.graph
        with steps().step(f"reading {how.label or ' '.join(self.targets)}") as step:
            return self._graph(how, step)

    def _read(self, how: How) -> Flow:
        with steps().step(f"reading {how.label or ' '.join(self.targets)}") as step:
            graph = self._graph(how, step)
            step.note("finding the order of calls")
            written = read_steps(self.targets, cache=how.cache, include_tests=how.with_tests)
            return static_flow(graph, written)

    def _graph(self, how: How, step: Step) -> CallGraph:
        graph = read(
            self.targets,
            label=how.label,
            cache=how.cache,
            include_tests=how.with_tests,
            driver=how.driver,
            progress=step.note,
        )
        if not graph.summary.modules:
            raise UserError(
                "no Python source was read",
                "Give a folder, a file, an archive or the name of an installed package.",
                details=tuple(graph.summary.warnings[:20]),
            )
        return graph


@contextmanager
def opened(words: Sequence[str]) -> Iterator[Inputs]:
    """What ``words`` name; the files of revisions are there until the context ends.

    Raises:
        UserError: a word names nothing, or there is more than one graph, or a graph beside source.
    """
    inputs = Inputs()
    with ExitStack() as stack:
        for word in words:
            _open(word, inputs, stack)
        if inputs.graph is not None and inputs.targets:
            raise UserError(
                "a graph and source were given", "Give one of the two: a graph is source that was read."
            )
        yield inputs


def _open(word: str, inputs: Inputs, stack: ExitStack) -> None:
    path = Path(word)
    if (path / HEADER_FILE).is_file():
        inputs.recordings.append(open_recording(path))
    elif path.is_file() and _begins_as_graph(path):
        if inputs.graph is not None:
            raise UserError(f"{word}: a second graph was given", "Read what belongs together into one graph.")
        try:
            inputs.graph = CallGraph.load(path)
        except GraphError as error:
            raise UserError(error.message, error.remedy) from error
    elif not path.exists() and is_revision(word):
        inputs.targets.append(str(stack.enter_context(exported(word))))
    elif not path.exists() and set(word) & _OF_REVISIONS:
        raise UserError(
            f"{word}: there is no such path, and no such git revision here",
            "Name a folder, or REVISION:PATH, from within the repository.",
            details=tuple(refusal(word).splitlines()),
        )
    else:
        inputs.targets.append(word)


def _begins_as_graph(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(FORMAT_NAME)) == FORMAT_NAME.encode()
    except OSError:
        return False
