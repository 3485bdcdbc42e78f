"""``stackwalk overlay``: recordings laid over a static call graph."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

from tracer.terminal.errors import UserError


@click.command(
    short_help="Lay recordings over a graph: seen, predicted, or both.",
    epilog="""\b
Examples:
  stackwalk overlay nova.graph rec                       totals per kind and service
  stackwalk overlay nova.graph rec --score               what the analyzer missed, and why
  stackwalk overlay nova.graph rec1 rec2 rec3 --format jsonl | jq -c 'select(.seen_in == "seen in 2 of 3")'
  stackwalk overlay nova.graph rec --around ComputeManager._build_and_run_instance
  stackwalk overlay nova.graph rec --out nova.overlay    keep it, for pictures
""",
)
@click.argument("graph_path", metavar="GRAPH", type=click.Path(dir_okay=False, path_type=Path))
@click.argument(
    "recordings", metavar="RECORDING...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--score", "scored", is_flag=True, help="How much of what was seen had been predicted.")
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME",
    help="Score only calls within this top-level package; repeatable.",
)
@click.option(
    "--around", metavar="FUNCTION", help="What this function did and what it could have done instead."
)
@click.option("--unfold", is_flag=True, help="With --around: every path that was not taken.")
@click.option("--fold-wrappers", is_flag=True, help="Without decorators' closures, proxies and dispatchers.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to save the overlaid graph."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "jsonl"]),
    default="text",
    show_default=True,
    help="For people; one JSON value; or one JSON object an edge.",
)
def overlay(
    graph_path: Path,
    recordings: tuple[Path, ...],
    scored: bool,
    packages: tuple[str, ...],
    around: str | None,
    unfold: bool,
    fold_wrappers: bool,
    out: Path | None,
    form: str,
) -> None:
    """Lay RECORDINGs over GRAPH, which `stackwalk read --out` saved, so that every edge says how it is known.

    An edge was seen and predicted; or predicted and not taken in these runs; or seen and not predicted, with
    the reason. Several recordings add up.
    """
    from tracer.commands.reading import find_function, load
    from tracer.model.recording_folder import open_recording
    from tracer.overlay.branches import branches
    from tracer.overlay.laying import lay
    from tracer.overlay.printing import around_lines, records, score_lines, totals_lines
    from tracer.overlay.score import score, totals
    from tracer.recording.probe.settings import DEFAULT_PACKAGES
    from tracer.terminal.progress import steps

    _check(scored=scored, packages=packages, around=around, unfold=unfold, form=form)
    graph = load(graph_path)
    opened = [open_recording(folder) for folder in recordings]
    wanted = find_function(graph, around) if around else ""
    with steps().step(f"laying {len(opened)} recording{'s' * (len(opened) > 1)} over it") as step:
        laid = lay(graph, opened, DEFAULT_PACKAGES, step.note)
    if fold_wrappers:
        laid = laid.folded()
    if out is not None:
        try:
            laid.save(out)
        except OSError as error:
            raise UserError(f"{out}: {error.strerror or error}", "Save the overlay elsewhere.") from error
    if around:
        if wanted not in laid.functions:
            raise UserError(f"{wanted} is a wrapper, which --fold-wrappers folded away")

        def source(file: str) -> str | None:
            return next((text for one in opened if (text := one.source(file)) is not None), None)

        found = branches(laid, wanted, source)
        _print(around_lines(laid, found, unfolded=unfold), found, form)
    elif scored:
        result = score(laid, packages)
        _print(score_lines(result), result, form)
    elif form == "jsonl":
        import msgspec

        encoder = msgspec.json.Encoder()
        click.echo(encoder.encode_lines(records(laid, laid.edges)), nl=False)
        click.echo(encoder.encode_lines(records(laid, laid.carried, carried=True)), nl=False)
    else:
        counted = totals(laid)
        _print(totals_lines(laid, counted), counted, form)


def _check(*, scored: bool, packages: tuple[str, ...], around: str | None, unfold: bool, form: str) -> None:
    if scored and around:
        raise click.UsageError("--score and --around are two questions; ask one at a time")
    if packages and not scored:
        raise click.UsageError("--package narrows --score, which is not given")
    if unfold and not around:
        raise click.UsageError("--unfold is for --around, which is not given")
    if form == "jsonl" and (scored or around):
        raise click.UsageError("--format jsonl prints edges; --score and --around have text and json")


def _print(lines: Iterable[str], value: object, form: str) -> None:
    import msgspec

    from tracer.terminal.paint import printable

    if form == "json":
        click.echo(json.dumps(msgspec.to_builtins(value), indent=1, ensure_ascii=False))
        return
    for line in lines:
        click.echo(printable(line))
