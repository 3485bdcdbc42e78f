"""The command `stackwalk doctor`."""

from __future__ import annotations

import click
from rich.console import Console
from rich.text import Text

from runtime.doctor import examine
from runtime.provisioning.environments import cache_folder
from tracer.terminal.errors import ANSWER_IS_NO, DONE


@click.command(
    short_help="Say what this machine has and lacks.",
    epilog="""\b
Examples:
  stackwalk doctor
\b
Exit codes: 0 nothing lacks, 1 something that the stack needs is missing.
""",
)
@click.pass_context
def doctor(context: click.Context) -> None:
    """Say what this machine has and what it lacks, each with the remedy.

    Whether guests run under KVM is found out by booting one, which takes a few seconds.
    """
    console = Console(highlight=False, soft_wrap=True)
    lacking = 0
    for finding in examine(cache_folder()):
        mark, style = ("✗", "red") if finding.lacks else ("!", "yellow") if finding.remedy else ("✓", "green")
        console.print(Text.assemble((mark, style), f" {finding.subject}: {finding.found}"))
        if finding.remedy:
            console.print(Text(f"    remedy: {finding.remedy}", style="dim"))
        lacking += finding.lacks
    console.print(f"{lacking} things are lacking." if lacking else "Nothing is lacking.")
    context.exit(ANSWER_IS_NO if lacking else DONE)
