"""The command that draws call graphs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reports import options
from reports.graph.choice import Unit
from tracer.model.kinds import CallKind

_FORMATS = ("svg", "png", "pdf", "dot", "mermaid", "graphml", "json")
_SUFFIXES = {"mmd": "mermaid", "gv": "dot"} | {name: name for name in _FORMATS if name != "mermaid"}


@click.command(short_help="Draw who calls whom.")
@click.argument("sources", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path))
@click.option("--from", "start", metavar="F", default="", help="Begin at this function.")
@click.option("--to", "goal", metavar="F", default="", help="End at this function.")
@click.option("--around", metavar="F", default="", help="This function, what calls it and what it calls.")
@click.option(
    "--depth",
    type=click.IntRange(0),
    metavar="N",
    help="How many calls to go; with --from and --to: how much longer than the shortest way a way may be. "
    "Default: as far as a reader can follow.",
)
@click.option("--service", "services", multiple=True, metavar="S", help="Only this service (repeatable).")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in CallKind]),
    metavar="KIND",
    help=f"Only calls of this kind (repeatable): {', '.join(CallKind)}.",
)
@click.option(
    "--collapse",
    type=click.Choice([unit.value for unit in Unit]),
    default=Unit.NONE.value,
    show_default=True,
    help="What a box stands for.",
)
@click.option(
    "--hide",
    multiple=True,
    metavar="GLOB",
    help="Leave out functions whose id (module:name) fits (repeatable).",
)
@click.option("--only-seen", is_flag=True, help="Only what a recording saw.")
@click.option("--unfold", is_flag=True, help="Each of what did not run, or was not read, for itself.")
@click.option("--wrappers", is_flag=True, help="Show decorators, proxies and dispatchers, too.")
@click.option(
    "--notes", "with_notes", is_flag=True, help="What there is to know, numbered beneath the picture."
)
@options.notes_language
@click.option(
    "--source-url",
    "template",
    metavar="TEMPLATE",
    help="Address that boxes lead to, with {file}, {line}, {release} and {package} to be filled in.",
)
@click.option(
    "--source",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder that holds the packages; their source is written on pages beside the picture, "
    "for boxes to lead to (repeatable). A recording brings its own source.",
)
@click.option("--pages", is_flag=True, help="Write the recording's source on pages beside the picture.")
@click.option(
    "--nodes",
    "most",
    type=click.IntRange(10, 1_000),
    metavar="N",
    help="Boxes at most; the rest is folded into boxes that say their number. "
    "Default: 200; graphml and json hold everything.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(_FORMATS),
    help=options.FORMAT_HELP,
)
@options.into_file
def graph(
    sources: tuple[Path, ...],
    start: str,
    goal: str,
    around: str,
    depth: int | None,
    services: tuple[str, ...],
    kinds: tuple[str, ...],
    collapse: str,
    hide: tuple[str, ...],
    only_seen: bool,
    unfold: bool,
    wrappers: bool,
    with_notes: bool,
    language: str | None,
    template: str | None,
    folders: tuple[Path, ...],
    pages: bool,
    most: int | None,
    format_name: str | None,
    out: Path | None,
) -> None:
    """Draw the calls of INPUT: a graph that `read` saved, a recording, or what `overlay` made of both.

    A graph and recordings given together are laid over each other first. Names may be short: any tail of
    module and function that only one function has (LibvirtDriver.spawn), or the end of a module's name and a
    function anywhere in it (libvirt.driver.spawn).

    \b
    Examples:
      stackwalk graph nova.graph --from ServersController.create --to LibvirtDriver.spawn --depth 4 \\
          --collapse class --out create.svg
      stackwalk graph nova.graph rec --from ServersController.create --to LibvirtDriver.spawn --out way.pdf
      stackwalk graph rec --collapse service --out services.png
      stackwalk graph rec --around libvirt.driver.spawn --notes --lang zh --out spawn.svg
      stackwalk graph nova.graph --kind rpc-cast --kind rpc-call --format graphml --out rpc.graphml
      stackwalk graph nova.graph --around API.create --out api.svg \\
          --source-url 'https://opendev.org/openstack/{package}/src/tag/{release}/{file}#L{line}'
    """
    from reports.graph.choice import Wish
    from reports.graph.drawing import Request, draw
    from tracer.terminal.errors import UserError

    if language and not with_notes:
        raise click.UsageError("--lang says in which language to show --notes, which is not given")
    if around and (start or goal):
        raise click.UsageError("--around goes with neither --from nor --to")
    if template and (folders or pages):
        raise click.UsageError("boxes lead either to --source-url or to pages with the source, not to both")
    if (folders or pages) and out is None:
        raise click.UsageError("pages with the source are written beside the picture, so give --out")
    name = format_name or options.format_of(out, _SUFFIXES)
    if out is None and name in ("png", "pdf") and sys.stdout.isatty():
        raise UserError(f"A {name.upper()} cannot be shown on a terminal.", "Give a file with --out.")
    wish = Wish(
        start=start,
        goal=goal,
        around=around,
        depth=depth,
        services=frozenset(services),
        kinds=frozenset(map(CallKind, kinds)),
        hide=hide,
        only_seen=only_seen,
        unfold=unfold,
        unit=Unit(collapse),
    )
    draw(
        Request(
            sources=sources,
            wish=wish,
            format=name,
            out=out,
            wrappers=wrappers,
            notes=with_notes,
            language=language,
            template=template,
            source_folders=folders,
            pages=pages,
            most=most,
        )
    )
