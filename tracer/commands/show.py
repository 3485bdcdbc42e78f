"""``stackwalk show``: a recording in the terminal."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    short_help="Show a recording's request tree.",
    epilog="""\b
Examples:
  stackwalk show rec                              everything, lanes in colour
  stackwalk show rec --depth 12                   the outline
  stackwalk show rec --service nova-compute       one lane
  stackwalk show rec --grep 'LibvirtDriver|virDomain'
  stackwalk show rec --notes --grep 'spawn$'      with what there is to know about it
  stackwalk show rec --format jsonl | jq -c 'select(.link == "rpc-cast")'
""",
)
@click.argument("recording", type=click.Path(path_type=Path))
@click.option(
    "--service", "services", multiple=True, metavar="NAME", help="Only spans of this service; repeatable."
)
@click.option(
    "--depth", type=click.IntRange(min=1), metavar="N", help="Only the first N levels of what is shown."
)
@click.option(
    "--grep", "pattern", metavar="REGEX", help="Only functions and links that match, with their callers."
)
@click.option("--values", is_flag=True, help="Show captured arguments and results (text format).")
@click.option(
    "--notes", is_flag=True, help="Show each note once, below the first call it is about (text format)."
)
@click.option("--lang", "language", metavar="LANG", help="Language of the notes (en, zh); default: LANG's.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "jsonl"]),
    default="text",
    show_default=True,
    help="Text for people, or one JSON object a span, for other programs.",
)
def show(
    recording: Path,
    services: tuple[str, ...],
    depth: int | None,
    pattern: str | None,
    values: bool,
    notes: bool,
    language: str | None,
    output: str,
) -> None:
    """Show the request tree of RECORDING, a folder that `stackwalk record` made.

    Each line says when a call began, in which service, what it was, where it stands in the source and how
    long it took. Links (HTTP, RPC, threads, privsep) are marked with an arrow. What a filter hides is counted
    where it is hidden and at the end.
    """
    from tracer.notes.shipped import language_for, load_notes
    from tracer.showing.printing import print_recording

    if language and not notes:
        raise click.UsageError("--lang says in which language to show --notes, which is not given")
    shown = load_notes() if notes else None
    print_recording(
        recording,
        services,
        depth or 0,
        pattern,
        values=values,
        notes=shown,
        language=language_for(shown, language),
        output=output,
    )
