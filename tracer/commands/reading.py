"""Commands over static call graphs: read, edges, path, callers, callees, outline, where, explain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from tracer.model.graph import Call, CallGraph, GraphError
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import steps
from tracer.terminal.wording import counted

_DEFAULT_GRAPH = "callgraph.stackwalk"
_SHOWN_PROBLEMS = 20
_SHOWN_MODULES = 20


def _graph_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--graph",
        "graph_path",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="STACKWALK_GRAPH",
        default=_DEFAULT_GRAPH,
        show_default=True,
        show_envvar=True,
        help="The graph that `read --out` saved.",
    )(command)


def _format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="For people, or one JSON value for programs.",
    )(command)


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="PATH|PACKAGE...")
@click.option("--as", "label", default="", help="What to call the graph, as in nova=34.0.0.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to save the graph.")
@click.option(
    "--driver", default="", help="Keep only drivers of this name where several could be loaded by name."
)
@click.option("--no-cache", is_flag=True, help="Parse and follow everything anew.")
@click.option("--with-tests", is_flag=True, help="Read folders named tests as well.")
@_format_option
def read(
    targets: tuple[str, ...],
    label: str,
    out: Path | None,
    driver: str,
    no_cache: bool,
    with_tests: bool,
    form: str,
) -> None:
    """Read source and build its call graph: every call site, and whom it can call.

    What to read may be a checkout, a source archive (sdist) or wheel, packed or unpacked, a package's
    folder, a single file, or the name of a package that is installed beside this program. None of it is run.

    What cannot be read is named in a warning; the rest is read all the same.

    The next time, only files that changed are parsed. Where they differ in comments, lines or names of local
    variables alone, the graph is known at once; where one does something else, what flows through the whole
    program is followed again, and the progress says because of which.

    \b
    Examples:
      stackwalk read ~/src/nova --as nova=34.0.0 --out nova.graph
      stackwalk read nova-34.0.0.tar.gz placement-16.0.0.whl --driver libvirt --out both.graph
      stackwalk path ServersController.create LibvirtDriver.spawn --graph nova.graph
    """
    from platformdirs import user_cache_path

    from tracer.reading.reader import read as read_targets

    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"{out}: its folder does not exist", "Make the folder, or save the graph elsewhere.")
    cache = None if no_cache else user_cache_path("stackwalk") / "summaries"
    with steps().step(f"reading {label or ' '.join(targets)}") as step:
        graph = read_targets(
            targets, label=label, cache=cache, include_tests=with_tests, driver=driver, progress=step.note
        )
    warnings = graph.summary.warnings
    if not graph.summary.modules:
        remedy = "Give a folder, a file, an archive or the name of an installed package."
        raise UserError("no Python source was read", remedy, details=tuple(warnings[:_SHOWN_PROBLEMS]))
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    if out is not None:
        save(graph, out)
    if form == "json":
        click.echo(msgspec.json.encode({**msgspec.to_builtins(graph.summary), "calls": graph.call_count}))
        return
    _print_summary(graph)
    if out is None:
        click.echo(f"The graph was not saved; --out {_DEFAULT_GRAPH} keeps it for questions.", err=True)


def _print_summary(graph: CallGraph) -> None:
    summary = graph.summary
    sites = summary.sites
    click.echo(
        f"{summary.label}: {counted(summary.modules, 'module')}, {counted(summary.lines, 'line')}, "
        f"{counted(summary.functions, 'function')}"
    )
    click.echo(counted(sites.total, "call site"))
    for name, count in (
        ("exact", sites.exact),
        ("inferred", sites.inferred),
        ("by name", sites.by_name),
        ("lead out of the read code", sites.external),
        ("unresolved", sites.unresolved),
    ):
        click.echo(f"  {count:>9,}  {name}")
    for reason, count in sorted(sites.reasons.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"           {count:>9,}  {reason}")
    click.echo(f"{sites.resolved_share:.1%} of the sites that stay inside are resolved exactly or inferred")
    click.echo(counted(graph.call_count, "call"))


@click.command()
@click.argument("graph_path", metavar="GRAPH", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "text"]),
    default="text",
    show_default=True,
    help="For people, or one JSON object a line.",
)
def edges(graph_path: Path, form: str) -> None:
    """Print every call of GRAPH: caller, callee, kind, certainty, rule, file and line.

    \b
    Examples:
      stackwalk edges nova.graph | grep rpc-cast
      stackwalk edges nova.graph --format jsonl > edges.jsonl
    """
    graph = load(graph_path)
    if form == "jsonl":
        click.echo(msgspec.json.Encoder().encode_lines(graph.calls()), nl=False)
    else:
        _print_calls(graph.calls(), "text")


@click.command()
@click.argument("start", metavar="FROM")
@click.argument("goal", metavar="TO")
@_graph_option
@click.option("--all", "every", is_flag=True, help="Every path, shortest first.")
@click.option(
    "--limit",
    default=20,
    type=click.IntRange(1),
    show_default=True,
    help="How many paths --all prints at most.",
)
@click.option("--via", multiple=True, metavar="F", help="Go through F (repeatable, in order).")
@click.option("--not-via", multiple=True, metavar="F", help="Never enter F (repeatable).")
@_format_option
def path(
    start: str,
    goal: str,
    graph_path: Path,
    every: bool,
    limit: int,
    via: tuple[str, ...],
    not_via: tuple[str, ...],
    form: str,
) -> None:
    """Print how FROM comes to call TO, every step with its place and rule.

    Names may be short: any tail of module and function that only one function has (LibvirtDriver.spawn), or
    the end of a module's name and a function anywhere in it (servers.create). A name of several functions is
    answered with all of them. The exit code is 1 if there is no path.

    \b
    Examples:
      stackwalk path ServersController.create LibvirtDriver.spawn
      stackwalk path compute.servers.create libvirt.driver.spawn
      stackwalk path ServersController.create LibvirtDriver.spawn --via ComputeTaskManager.build_instances
      stackwalk path ServersController.create LibvirtDriver.spawn --all --not-via API.resize
    """
    from tracer.reading.queries import all_paths, path_via

    graph = load(graph_path)
    stations = [find_function(graph, name) for name in (start, *via, goal)]
    avoid = [find_function(graph, name) for name in not_via]
    if every and not via:
        paths = list(all_paths(graph, stations[0], stations[-1], avoid, limit))
    else:
        one = path_via(graph, stations, avoid)
        paths = [one] if one else []
    if not paths:
        raise UserError(f"no path from {stations[0]} to {stations[-1]}", exit_code=ANSWER_IS_NO)
    if form == "json":
        click.echo(msgspec.json.encode(paths))
        return
    for number, calls in enumerate(paths):
        if number:
            click.echo()
        click.echo(calls[0].caller)
        for call in calls:
            click.echo(f"  -> {call.callee}  {_place(call)}")
    if every and len(paths) == limit:
        click.echo(f"the first {limit}; there may be more (--limit)", err=True)


def _neighbours_command(
    name: str, calls_of: Callable[[CallGraph, str], list[Call]], explanation: str
) -> click.Command:
    @click.command(name, help=explanation)
    @click.argument("function", metavar="FUNCTION")
    @_graph_option
    @_format_option
    def command(function: str, graph_path: Path, form: str) -> None:
        graph = load(graph_path)
        _print_calls(calls_of(graph, find_function(graph, function)), form)

    return command


callers = _neighbours_command(
    "callers",
    CallGraph.callers,
    """Print who can call FUNCTION, from where, and by which rule that is known.

    \b
    Examples:
      stackwalk callers LibvirtDriver.spawn
      stackwalk callers libvirt.driver.spawn
    """,
)
callees = _neighbours_command(
    "callees",
    CallGraph.callees,
    """Print whom FUNCTION can call, from where, and by which rule that is known.

    \b
    Examples:
      stackwalk callees ComputeManager.build_and_run_instance
      stackwalk callees libvirt.driver.spawn
    """,
)


@click.command()
@click.argument("name", metavar="FILE|MODULE")
@_graph_option
@_format_option
def outline(name: str, graph_path: Path, form: str) -> None:
    """Print the functions of a file or module in order of line.

    \b
    Examples:
      stackwalk outline nova/compute/manager.py
      stackwalk outline nova.compute.manager --format json
      stackwalk outline compute.manager
    """
    from tracer.reading.queries import files_near
    from tracer.reading.queries import outline as outline_of

    graph = load(graph_path)
    found = [graph.function(identity) for identity in outline_of(graph, name)]
    if not found:
        near = files_near(graph, name)
        remedy = "These are near." if near else ""
        message = f"no file or module {name} in this graph"
        raise UserError(message, remedy, details=tuple(near), exit_code=ANSWER_IS_NO)
    modules = sorted({function.module for function in found})
    if len(modules) > 1:
        message = f"{name} may mean any of {len(modules)} modules"
        raise UserError(message, "Give more of the name.", details=tuple(modules[:_SHOWN_MODULES]))
    if form == "json":
        click.echo(msgspec.json.encode(found))
        return
    for function in found:
        click.echo(f"{function.file}:{function.line}  {function.qualname}")


@click.command()
@click.argument("name", metavar="FUNCTION")
@_graph_option
@_format_option
def where(name: str, graph_path: Path, form: str) -> None:
    """Print where functions of this name stand: all of them, if the name is short.

    \b
    Examples:
      stackwalk where spawn
      stackwalk where servers.create
    """
    from tracer.reading.queries import matching

    graph = load(graph_path)
    found = [graph.function(identity) for identity in matching(graph, name)]
    if not found:
        find_function(graph, name)
    if form == "json":
        click.echo(msgspec.json.encode(found))
        return
    for function in found:
        place = f"{function.file}:{function.line}" if function.file else "outside of the read code"
        click.echo(f"{function.id}  {place}")


@click.command()
@click.argument("caller")
@click.argument("callee")
@_graph_option
@_format_option
def explain(caller: str, callee: str, graph_path: Path, form: str) -> None:
    """Print by which rule and from which lines it is known that CALLER can call CALLEE.

    The exit code is 1 if it does not call it directly (`stackwalk path` looks for a way through others).

    \b
    Example:
      stackwalk explain compute.rpcapi.build_and_run_instance ComputeManager.build_and_run_instance
    """
    graph = load(graph_path)
    first, second = find_function(graph, caller), find_function(graph, callee)
    found = graph.between(first, second)
    if not found:
        remedy = f"`stackwalk path {first} {second}` looks for a way through others."
        raise UserError(f"{first} does not call {second} directly", remedy, exit_code=ANSWER_IS_NO)
    _print_calls(found, form)


def _print_calls(calls: Iterable[Call], form: str) -> None:
    if form == "json":
        click.echo(msgspec.json.encode(list(calls)))
        return
    for call in calls:
        click.echo(f"{call.caller} -> {call.callee}  {_place(call)}")


def _place(call: Call) -> str:
    return f"{call.file}:{call.line}  {call.kind}, {call.certainty} ({call.rule})"


def find_function(graph: CallGraph, name: str) -> str:
    """The id of the one function that ``name`` means, the errors turned into the user's."""
    from tracer.model.names import NameProblemError
    from tracer.reading.queries import find

    try:
        return find(graph, name)
    except NameProblemError as problem:
        raise UserError(str(problem), problem.remedy, details=problem.lines(graph.function)) from problem


def save(graph: CallGraph, path: Path) -> None:
    """Save ``graph``, an error turned into the user's."""
    try:
        graph.save(path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}", "Save the graph elsewhere.") from error


def load(path: Path) -> CallGraph:
    """The graph at ``path``, its errors turned into the user's."""
    try:
        return CallGraph.load(path)
    except GraphError as error:
        raise UserError(error.message, error.remedy) from error
