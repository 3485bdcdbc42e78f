"""Running real programs under the probe, and looking at what it recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.pythons import pythons
from tracer.model.kinds import Link
from tracer.recording.extension import ensure_extension
from tracer.recording.raw import ProcessRecord, RawSpan
from tracer.recording.spool import read_spools
from tracer.recording.switch import ValueMode, probe_environment

TRACE = "0123456789abcdef" * 2
CHOSEN = "STACKWALK_TEST_ENGINE"
"""Environment variable: the engine that all tests of the recorder use, as in 3.13-monitoring."""


@dataclass(frozen=True)
class Engine:
    """A Python and the way in which the probe listens to it."""

    python: str
    version: str
    collector: str

    def __str__(self) -> str:
        return f"{self.version}-{self.collector}"


@cache
def engines() -> tuple[Engine, ...]:
    """Every collector on every Python that this machine has, or the one that `CHOSEN` names."""
    chosen = os.environ.get(CHOSEN)
    return tuple(engine for engine in _engines() if chosen in {None, str(engine)})


def _engines() -> tuple[Engine, ...]:
    found = []
    for version, path in pythons().items():
        if version != "3.11":
            if ensure_extension(Path(path)).file is not None:
                found.append(Engine(path, version, "native"))
            found.append(Engine(path, version, "monitoring"))
        if version != "3.13":
            found.append(Engine(path, version, "profile"))
    return tuple(found)


def default_engine() -> Engine:
    """This Python with its own collector."""
    return engines()[0]


def lacks(module: str) -> bool:
    """Whether the default engine's Python cannot import ``module``: only this Python has more than its own
    library."""
    return default_engine().python != sys.executable or find_spec(module) is None


def environment(
    spool_dir: Path,
    packages: Iterable[str],
    engine: Engine | None = None,
    values: ValueMode = "short",
    **variables: str,
) -> dict[str, str]:
    """The environment of a probed program, with ``variables`` added."""
    collector = (engine or default_engine()).collector
    probe = probe_environment("service", spool_dir, packages=tuple(packages), values=values)
    return {**os.environ, **probe, "STACKWALK_COLLECTOR": collector, **variables}


def run_probed(
    program: str | Path,
    spool_dir: Path,
    *arguments: str,
    packages: Iterable[str] = ("__main__",),
    engine: Engine | None = None,
    values: ValueMode = "short",
    path: Path | None = None,
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Run a program (its file, or its text) to its end under the probe; it must succeed and leave no note
    of a failure."""
    engine = engine or default_engine()
    command = [engine.python, *([str(program)] if isinstance(program, Path) else ["-c", program]), *arguments]
    variables_all = environment(spool_dir, packages, engine, values, **variables)
    if path is not None:
        variables_all["PYTHONPATH"] += os.pathsep + str(path)
    done = subprocess.run(
        command, env=variables_all, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert notes(spool_dir) == ""
    return done


def notes(spool_dir: Path) -> str:
    """What the probe had to say of its own failures."""
    return "".join(path.read_text() for path in sorted((spool_dir / "probe-notes").glob("*.txt")))


def records(spool_dir: Path, trace_id: str = TRACE) -> list[ProcessRecord]:
    """What was recorded of a trace."""
    return read_spools(spool_dir / trace_id)


def only_record(spool_dir: Path, trace_id: str = TRACE) -> ProcessRecord:
    """What the one process recorded of a trace; it must have been read whole."""
    (record,) = records(spool_dir, trace_id)
    assert record.damage == ""
    return record


def name(record: ProcessRecord, span: RawSpan) -> str:
    """The qualified name of the function that ``span`` ran."""
    return record.functions[span.function].qualname


def names(record: ProcessRecord) -> list[str]:
    """The qualified names of all functions that ran, in the order in which they began."""
    return [name(record, span) for span in sorted(record.spans, key=lambda span: span.id)]


def children(record: ProcessRecord, parent: int = 0) -> list[RawSpan]:
    """The spans right above ``parent``, in the order in which they began."""
    return sorted((span for span in record.spans if span.parent == parent), key=lambda span: span.id)


def senders(record: ProcessRecord, link: Link) -> dict[str, str]:
    """For each message that left over ``link``, the function that sent it, by the message's key."""
    spans = {span.id: span for span in record.spans}
    return {
        sent.key: name(record, spans[sent.span]) if sent.span in spans else ""
        for sent in record.outgoing
        if sent.link == link
    }


if __name__ == "__main__":
    print(*engines(), sep="\n")
