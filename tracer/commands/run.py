"""``stackwalk run``: an ordinary Python program, recorded."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command(
    short_help="Record an ordinary Python program.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="""\b
Examples:
  stackwalk run -- python prog.py --its-own option
  stackwalk run --out out/prog -- python -m package.module
  stackwalk run --package mine --package requests -- python prog.py
  stackwalk run --values none -- pytest tests/test_one.py
\b
Exits with the program's own exit code (128 and the signal's number when a signal ended it).
""",
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME",
    help="Record this package or module; repeatable  [default: what is the program's own]",
)
@click.option(
    "--values",
    type=click.Choice(["none", "ids", "short"]),
    default="short",
    show_default=True,
    help="How much of arguments and results is kept.",
)
@click.option(
    "--mask",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file with more rules for what is withheld (docs/recording.md).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where the recording goes  [default: recordings/PROGRAM-DATE-TIME]",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def run(
    ctx: click.Context,
    packages: tuple[str, ...],
    values: str,
    mask: Path | None,
    out: Path | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND, which runs Python, and keep every call of its own code.

    The program's own code is what lies below its script's folder (with `python -m`, the module's package),
    installed packages excluded. Threads, asyncio tasks, forked children, multiprocessing workers and Python
    programs that it starts are followed. The recording is one as `stackwalk record` makes it, for `show`,
    `report`, `flow` and `export`.
    """
    from datetime import datetime
    from typing import cast

    from tracer.recording.program import Choice, own_code, refuse_unrecordable, run_program
    from tracer.recording.switch import ValueMode
    from tracer.terminal.wording import counted

    words = command[1:] if command[0] == "--" else command
    if not words:
        raise click.UsageError("Missing the program to run: stackwalk run -- python prog.py")
    refuse_unrecordable(words)
    name = next((Path(word).stem for word in words[1:] if not word.startswith("-")), Path(words[0]).stem)
    now = datetime.now().astimezone()
    folder = (out or Path("recordings") / f"{name or 'program'}-{now:%Y%m%d-%H%M%S}").absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(f"{folder} is there already; give another folder with --out, or remove it.")
    choice = Choice(("__main__", *packages)) if packages else own_code(words, Path.cwd())
    told = shlex.join(["stackwalk", "run", "--", *words])
    made = run_program(words, folder, choice, values=cast(ValueMode, values), mask=mask, told=told)
    header = made.recording.header
    click.echo(
        f"The program {made.ended}. Recording: {folder}\n"
        f"  {counted(header.spans, 'span')} of {counted(header.functions, 'function')} "
        f"in {counted(len(header.lanes) - 1, 'process', 'processes')}; "
        f"orphans: {len(header.orphans)}, notices: {len(header.notices)}\n"
        f"Look at it with `stackwalk show {shlex.quote(str(folder))}`.",
        err=True,
    )
    ctx.exit(made.exit_code)
