"""Commands over static call graphs: read, edges, path, callers, callees, outline, where, explain."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from tracer.model.graph import CallGraph, GraphError
from tracer.terminal.errors import UserError


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="PATH|PACKAGE...")
@click.option("--as", "label", default="", help="What to call the graph, as in nova=34.0.0.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to save the graph.")
@click.option("--no-cache", is_flag=True, help="Parse every file anew.")
@click.option("--with-tests", is_flag=True, help="Read folders named tests as well.")
def read(targets: tuple[str, ...], label: str, out: Path | None, no_cache: bool, with_tests: bool) -> None:
    """Read source trees and build their call graph."""
    from platformdirs import user_cache_path

    from tracer.reading.reader import read as read_targets

    cache = None if no_cache else user_cache_path("stackwalk") / "summaries"
    graph = read_targets(targets, label=label, cache=cache, include_tests=with_tests)
    if out is not None:
        graph.save(out)
    summary = graph.summary
    for warning in summary.warnings:
        click.echo(f"warning: {warning}", err=True)
    sites = summary.sites
    click.echo(f"{summary.label}: {summary.modules} modules, {summary.lines} lines, {summary.functions} functions")
    click.echo(f"{sites.total} call sites")
    for name, count in (
        ("exact", sites.exact),
        ("inferred", sites.inferred),
        ("by name", sites.by_name),
        ("lead out of the read code", sites.external),
        ("unresolved", sites.unresolved),
    ):
        click.echo(f"  {count:>7}  {name}")
    for reason, count in sorted(sites.reasons.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"           {count:>7}  {reason}")
    click.echo(f"{sites.resolved_share:.1%} of the sites that stay inside are resolved exactly or inferred")
    click.echo(f"{graph.call_count} calls")


@click.command()
@click.argument("graph", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["jsonl", "text"]), default="text")
def edges(graph: Path, form: str) -> None:
    """Print every call of GRAPH."""
    loaded = load(graph)
    encode = msgspec.json.Encoder().encode
    for call in loaded.calls():
        if form == "jsonl":
            click.echo(encode(call))
        else:
            click.echo(f"{call.caller} -> {call.callee}  {call.file}:{call.line}  {call.kind} {call.certainty} ({call.rule})")


def load(path: Path) -> CallGraph:
    """The graph at ``path``, its errors turned into the user's."""
    try:
        return CallGraph.load(path)
    except GraphError as error:
        raise UserError(error.message, error.remedy) from error
