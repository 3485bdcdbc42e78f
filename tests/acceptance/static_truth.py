"""How true the call graph of Nova is, row by row: what its source and recordings hold, and what is missing.

    python -m tests.acceptance.static_truth [--graph GRAPH] [--read NAME...] [--recording FOLDER...] [NOVA]

NOVA is the package's folder, by default that of the stack's environment. GRAPH is a saved graph of it;
without, it is read anew, together with the packages NAME beside it: some hops begin or end in libraries.
Exits with 0 when every row is as demanded, with 1 when one is not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from runtime.installed import stack_environment
from tests.acceptance.hops import load_sample
from tests.acceptance.matching import dotted
from tests.acceptance.nova_indirections import Indirections
from tests.acceptance.nova_source import NovaSource, Wanted
from tests.acceptance.observability import Hop
from tests.acceptance.table import Row, report
from tracer.model.graph import Call, CallGraph
from tracer.model.recording_folder import Recording, open_recording
from tracer.overlay.laying import lay
from tracer.overlay.score import Group, score
from tracer.reading.reader import read
from tracer.recording.probe.settings import DEFAULT_PACKAGES

CREATE = "nova.api.openstack.compute.servers:ServersController.create"
GOALS = (
    "nova.virt.libvirt.driver:LibvirtDriver.spawn",
    "libvirt:virDomain.createWithFlags",
    "libvirt:openAuth",
)
PACKAGES = ("nova",)
_MESSAGE = ("rpc-call", "rpc-cast", "rpc-fanout")


class Truth:
    """A graph of Nova beside its source.

    Args:
        graph: what the analyzer made of the package.
        source: the package.
    """

    def __init__(self, graph: CallGraph, source: NovaSource) -> None:
        self._graph = graph
        self._source = source
        self._read = {function.module.partition(".")[0] for function in graph.functions() if function.file}
        self._at: dict[str, list[Call]] = {}
        self._pairs: dict[str, set[str]] = {}
        for call in graph.calls():
            self._at.setdefault(call.file, []).append(call)
            self._pairs.setdefault(dotted(call.caller), set()).add(dotted(call.callee))

    def rows(self, hops: Sequence[Hop]) -> Iterator[Row]:
        """Every row that needs no recording."""
        yield from self._paths()
        yield self.hops(hops)
        yield from self._messages()
        yield from self._routes()
        yield self._places("calls of self.driver, to the driver's method", self._source.driver_calls(), ())
        entered = {function.id for function, why in self._graph.entries() if why == "periodic task"}
        tasks = list(self._source.periodic_tasks())
        absent = tuple(task for task in tasks if task not in entered)
        yield Row("periodic tasks entered", len(tasks) - len(absent), len(tasks), 1.0, absent)
        yield from self._sites()

    def _paths(self) -> Iterator[Row]:
        for goal in GOALS:
            calls = self._graph.path(CREATE, goal) if goal in self._graph else []
            whole = bool(calls) and all(call.file and call.line and call.rule for call in calls)
            yield Row(f"path from create to {goal} ({len(calls)} calls)", int(whole), 1, 1.0)

    def hops(self, hops: Sequence[Hop]) -> Row:
        """The hops of the create path that are calls in the source that was read."""
        missing, counted = [], 0
        for hop in hops:
            found = hop.callee in self._pairs.get(hop.caller, ())
            why = "" if found else self._no_call(hop)
            if why:
                missing.append(f"not counted, {why}: {hop.caller} -> {hop.callee}")
                continue
            counted += 1
            if not found:
                missing.append(f"{hop.file}:{hop.line} {hop.caller} -> {hop.callee} ({hop.kind})")
        found_count = counted - sum(not line.startswith("not counted") for line in missing)
        return Row("hops of the create path", found_count, counted, 0.98, tuple(missing))

    def _no_call(self, hop: Hop) -> str:
        for name in (hop.caller, hop.callee):
            top = name.partition(".")[0]
            if hop.file and top not in self._read and not hop.callee.startswith("libvirt."):
                return f"{top} was not read"
        if hop.kind == "dynamic getattr" and hop.caller.endswith("__getattr__"):
            return "an attribute is read and nothing is called"
        return ""

    def _calls_at(self, wanted: Wanted) -> list[Call]:
        return [call for call in self._at.get(wanted.file, ()) if wanted.first <= call.line <= wanted.last]

    def _places(self, name: str, places: Iterable[Wanted], kinds: Sequence[str]) -> Row:
        missing, total = [], 0
        for wanted in places:
            total += 1
            callees = {call.callee for call in self._calls_at(wanted) if not kinds or call.kind in kinds}
            if not callees & wanted.functions:
                missing.append(f"{wanted.file}:{wanted.first} {wanted.what} -> {sorted(callees)}")
        return Row(name, total - len(missing), total, 1.0, tuple(missing))

    def _messages(self) -> Iterator[Row]:
        places = list(self._source.messages())
        yield self._places("RPC sites tied to the manager's method", places, _MESSAGE)
        wrong = []
        for wanted in places:
            for call in self._calls_at(wanted):
                own = bool(self._graph.function(call.callee).file) and call.kind in _MESSAGE
                passed = "<locals>" in call.callee or call.callee.endswith(".__getattr__")
                if own and not passed and call.callee not in wanted.functions:
                    wrong.append(f"{wanted.file}:{wanted.first} {wanted.what} -> {call.callee}")
        yield Row("RPC sites tied to nothing else", len(places) - len(wrong), len(places), 1.0, tuple(wrong))

    def _routes(self) -> Iterator[Row]:
        entered: dict[str, set[str]] = {}
        for function, why in self._graph.entries():
            if why.startswith("route "):
                entered.setdefault(why.removeprefix("route "), set()).add(function.id)
        paths: dict[str, bool] = {}
        missing, verbs = [], 0
        for path, verb, answering in self._source.routes():
            if not verb:
                continue
            known = paths.setdefault(path, True)
            verbs += 1
            found = entered.get(f"{verb} {path}", set())
            fits = bool(found) and found <= answering
            paths[path] = known and fits
            if not fits:
                missing.append(f"{verb} {path}: {sorted(found)} in place of {sorted(answering)}")
        yield Row("paths of the table of routes, every verb right", sum(paths.values()), len(paths), 1.0)
        yield Row("verbs of them", verbs - len(missing), verbs, 1.0, tuple(missing))

    def _sites(self) -> Iterator[Row]:
        sites = self._graph.summary.sites
        counted = sites.exact + sites.inferred + sites.by_name + sites.external + sites.unresolved
        calls = self._source.calls
        yield Row("call sites classified", min(counted, calls), calls, 1.0)
        inside = sites.total - sites.external
        why = tuple(f"{count:,} {reason}" for reason, count in sites.reasons.items())
        resolved = sites.exact + sites.inferred
        by_name = (f"{sites.by_name:,} by name",)
        yield Row(
            "sites that stay inside, resolved exactly or inferred", resolved, inside, 0.85, by_name + why
        )


def observed(graph: CallGraph, recordings: Sequence[Recording]) -> Iterator[Row]:
    """How much of the calls that were seen the graph has."""
    result = score(lay(graph, recordings, DEFAULT_PACKAGES), PACKAGES)
    groups = {
        "called by the caller's own line": result.direct,
        "with code in between that was not read": result.hidden,
        "by message, request, thread or privileged call": result.links,
    }
    found = sum(group.found for group in groups.values())
    total = sum(group.total for group in groups.values())
    yield Row("calls seen from Nova to Nova", found, total, 0.95)
    for name, group in groups.items():
        yield Row(f"    {name}", group.found, group.total, 0.0, tuple(_lines(group)))


def _lines(group: Group) -> Iterator[str]:
    for edge in group.missing:
        why = f"{edge.reason.cause.value}, {edge.reason.detail}" if edge.reason else ""
        yield f"{edge.caller} -> {edge.callee} ({why})"


def main(arguments: Sequence[str]) -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--graph", type=Path)
    parser.add_argument("--read", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--recording", type=Path, nargs="+", default=[], metavar="FOLDER")
    parser.add_argument("package", type=Path, nargs="?", metavar="NOVA")
    options = parser.parse_args(arguments)
    package = options.package or stack_environment().site_packages / "nova"
    if options.graph:
        graph = CallGraph.load(options.graph)
    else:
        beside = [str(package.parent / name) for name in options.read]
        graph = read([str(package), *beside], driver="libvirt")
    source = NovaSource(package)
    rows = [*Truth(graph, source).rows(load_sample()), *Indirections(graph, source).rows()]
    if options.recording:
        rows += observed(graph, [open_recording(folder) for folder in options.recording])
    text, met = report(rows)
    print(text)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
