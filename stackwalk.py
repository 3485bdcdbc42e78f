"""The front door: the commands of the packages, assembled into one program."""

from __future__ import annotations

import errno
import os
import signal
import sys

if sys.argv[0].endswith(("stackwalk", "stackwalk.py")) and (
    signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    # A Ctrl-C before there is anything that could be lost ends the program without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.shell_completion import CompletionItem, get_completion_class

if TYPE_CHECKING:
    from collections.abc import Sequence


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Place(NamedTuple):
    """Where a command is found, and what the overview says of it without loading it."""

    module: str
    attribute: str
    summary: str


COMMANDS = {
    "doctor": Place("runtime.doctor_commands", "doctor", "Say what this machine has and lacks."),
    "stack": Place(
        "runtime.stack_commands", "stack", "Bring a real compute stack up, look after it, take it down."
    ),
    "record": Place("runtime.record_commands", "record", "Play a scenario and record its request."),
    "run": Place("tracer.commands.run", "run", "Record an ordinary Python program."),
    "collect": Place("tracer.commands.collect", "collect", "Merge what several hosts recorded."),
    "show": Place("tracer.commands.show", "show", "Show a recording's request tree."),
    "report": Place("reports.commands", "report", "Write a page that shows a recording."),
    "walkthrough": Place(
        "reports.walkthrough.command",
        "walkthrough",
        "Write a site that leads through a recording, step by step.",
    ),
    "flow": Place("reports.flow.command", "flow", "Draw a recording as a sequence diagram."),
    "graph": Place("reports.graph.command", "graph", "Draw who calls whom."),
    "export": Place("reports.export.command", "export", "Convert a recording for other tools."),
    "notes": Place("tracer.commands.notes", "notes", "List the notes on the way; check that they still fit."),
    "read": Place("tracer.commands.reading", "read", "Read source and work out who can call whom."),
    "path": Place("tracer.commands.reading", "path", "Show how one function comes to call another."),
    "callers": Place("tracer.commands.reading", "callers", "Show who can call a function."),
    "callees": Place("tracer.commands.reading", "callees", "Show whom a function can call."),
    "outline": Place("tracer.commands.reading", "outline", "List the functions of a file or module."),
    "where": Place("tracer.commands.reading", "where", "Say where a function stands."),
    "explain": Place("tracer.commands.reading", "explain", "Say how a call is known."),
    "overlay": Place(
        "tracer.commands.overlay", "overlay", "Lay recordings over a graph: seen, predicted, or both."
    ),
    "edges": Place("tracer.commands.reading", "edges", "Print every call of a graph."),
    "baseline": Place("tracer.commands.guarding", "baseline", "Pin a call flow in a file."),
    "check": Place("tracer.commands.guarding", "check", "Hold source or recordings against a baseline."),
    "contracts": Place("tracer.commands.guarding", "contracts", "Check rules on the call flow."),
    "diff": Place("tracer.commands.guarding", "diff", "Compare the call flows of two releases or commits."),
}
"""All commands of the packages; loaded only when they run."""

SECTIONS = {
    "Begin here": ("demo", "doctor"),
    "Run and record": ("stack", "record", "run", "collect"),
    "Look at a recording": ("show", "report", "walkthrough", "flow", "graph", "export", "notes"),
    "Read source": ("read", "path", "callers", "callees", "outline", "where", "explain", "edges"),
    "Compare and guard": ("overlay", "baseline", "check", "contracts", "diff"),
    "This program": ("completion",),
}
"""All commands, in the order in which a newcomer meets them."""

DONE, MISUSE, INTERRUPTED = 0, 2, 130


class Pages:
    """Pages that commands of one package have drawn by another."""

    @staticmethod
    def comparison_page(report: Any, sides: Any) -> str:
        """The page of a report, with both sources side by side; see `reports.comparison.page`."""
        from reports.comparison.page import comparison_page

        return comparison_page(report, sides)


class OutputClosedError(Exception):
    """Whoever read our output has seen enough."""


class FrontDoor(click.Group):
    """The group of all commands, loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        listed = [name for names in SECTIONS.values() for name in names]
        return [*listed, *(name for name in super().list_commands(ctx) if name not in listed)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command ``cmd_name``, or None if there is none of this name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(place.module), place.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        summaries = self._summaries()
        width = max(map(len, summaries))
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), summaries[name]) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name without loading the commands."""
        items = [
            CompletionItem(name, help=summary)
            for name, summary in self._summaries().items()
            if name.startswith(incomplete)
        ]
        return items + click.Command.shell_complete(self, ctx, incomplete)

    def _summaries(self) -> dict[str, str]:
        own = {name: command.get_short_help_str(80) for name, command in self.commands.items()}
        return own | {name: place.summary for name, place in COMMANDS.items()}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a mistyped one gets the nearest names."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=2)
            if near:
                raise click.UsageError(f"{error.message} Did you mean {' or '.join(near)}?", ctx) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that went away (``| head``) gets past click, which would exit with 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise OutputClosedError from error


@click.group(
    cls=FrontDoor,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Examples:
  stackwalk demo                                  all of the following at once
  stackwalk doctor                                what this machine has and lacks
  stackwalk stack up                              real services, a few minutes at first
  stackwalk record create --out out/recording     boot a server, keep what its request did
  stackwalk show out/recording --depth 12         its calls, lane by lane
  stackwalk report out/recording --out out/page   its page, for any browser
  stackwalk stack down                            everything removed again
\b
Exit codes: 0 done, 1 the answer is "no", 2 misuse or broken input, 130 interrupted.
Environment: NO_COLOR switches colours off.
""",
)
@click.version_option(package_name="stackwalk")
@click.option("--debug", is_flag=True, help="Show the full traceback of any error.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """See how a request really travels through OpenStack.

    stackwalk boots a server on a real compute stack, follows the request through every process it touches,
    and shows what it saw.
    """
    ctx.obj = Pages()


@cli.command(
    short_help="Print the shell code for tab completion.",
    epilog="""\b
Examples:
  eval "$(stackwalk completion bash)"             (in ~/.bashrc)
  eval "$(stackwalk completion zsh)"              (in ~/.zshrc)
  stackwalk completion fish > ~/.config/fish/completions/stackwalk.fish
""",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the code that makes SHELL complete stackwalk's commands and options."""
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "stackwalk", "_STACKWALK_COMPLETE").source())


@cli.command(
    short_help="All of it at once: stack up, create, record, stack down, read, walkthrough.",
    epilog="""\b
Examples:
  stackwalk demo
  stackwalk demo --keep                           leave the stack up, for more recordings
""",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/walkthrough"),
    show_default=True,
    help="Folder that the walkthrough goes into; the recording and the call graph go beside it.",
)
@click.option("--keep", is_flag=True, help="Leave the stack up.")
@click.pass_context
def demo(ctx: click.Context, out: Path, keep: bool) -> None:
    """Boot one server on the real stack, follow it through every process, and lead through what it did.

    Nova's source is read as well, so that each step shows what else could have happened there. A stack that
    was up before stays up; one that had to be started is stopped again, also when something fails.
    """
    from datetime import datetime

    from platformdirs import user_cache_path

    from reports.walkthrough.command import walkthrough
    from runtime.installed import stack_environment
    from runtime.privileges import become_root, hand_back
    from runtime.record_commands import record
    from runtime.stack import Stack
    from runtime.stack_commands import DEFAULT_STATE_DIR, stack
    from tracer.commands.reading import read

    # Made before becoming root, so that it is the person's own.
    out.parent.mkdir(parents=True, exist_ok=True)
    become_root()
    was_up = Stack.load(DEFAULT_STATE_DIR).runs
    recording = out.parent / "recordings" / f"create-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    graph = out.parent / "nova.graph"
    ctx.invoke(stack.commands["up"])
    try:
        try:
            ctx.invoke(record.commands["create"], out=recording)
        finally:
            if not keep and not was_up:
                ctx.invoke(stack.commands["down"])
        environment = stack_environment()
        ctx.invoke(
            read,
            targets=(str(environment.site_packages / "nova"),),
            label=f"nova={environment.versions()['nova']}",
            driver="libvirt",
            out=graph,
        )
        ctx.invoke(walkthrough, recording=recording, graph=graph, out=out, every_call=True)
    finally:
        hand_back(out, graph, recording.parent, user_cache_path("stackwalk") / "summaries")
    click.echo(f"Open {(out / 'index.html').absolute().as_uri()}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code.

    Args:
        arguments: the words after the program's name; None for those the process was started with.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started this process
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(_run(words, debug="--debug" in words[: words.index("--") if "--" in words else None]))


def _run(words: list[str], *, debug: bool) -> int:
    try:
        result = cli.main(args=words, prog_name="stackwalk", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return MISUSE
    except (click.Abort, KeyboardInterrupt):
        if debug:
            _show_traceback()
        _say("Interrupted.")
        return INTERRUPTED
    except (OutputClosedError, BrokenPipeError):
        _write_no_more()
        return DONE
    except Exception as error:  # the one place that turns any error into words
        if debug:
            _show_traceback()
        return _explain(error, words)
    return result if isinstance(result, int) else DONE


def _explain(error: Exception, words: list[str]) -> int:
    from tracer.model.recording_error import RecordingError
    from tracer.terminal.errors import UserError

    if isinstance(error, UserError):
        _say(f"Error: {error.message}", *(f"    {line}" for line in error.details))
        if error.remedy:
            _say(error.remedy)
        return error.exit_code
    if isinstance(error, RecordingError):
        _say(f"Error: {error.message}")
        if error.remedy:
            _say(error.remedy)
        return MISUSE
    if isinstance(error, PermissionError) and error.filename:
        _say(f"Error: {error.filename}: {error.strerror}", "It belongs to another user, or is protected.")
        return MISUSE
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        _write_no_more()
        _say(f"Error: the output cannot be written: {error.strerror}", "Make room, or write it elsewhere.")
        return MISUSE
    _say(
        f"stackwalk failed, which is a fault of its own: {type(error).__name__}: {error}",
        _report_of(error, words),
    )
    return MISUSE


def _write_no_more() -> None:
    """See that standard output takes nothing any more, not even what is left at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_of(error: Exception, words: list[str]) -> str:
    """Save the traceback; returns a sentence that says where, or how to see it when it cannot be saved."""
    import tempfile
    import traceback

    try:
        descriptor, path = tempfile.mkstemp(prefix="stackwalk-failure-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as report:
            report.write(f"stackwalk {' '.join(words)}\nPython {sys.version}\n\n")
            report.write("".join(traceback.format_exception(error)))
    except OSError:
        return "Run it again with --debug to see where."
    return f"The traceback is in {path}."


def _show_traceback() -> None:
    import traceback

    traceback.print_exc()


def _say(*lines: Any) -> None:
    for line in lines:
        click.echo(line, err=True)


if __name__ == "__main__":
    main()
