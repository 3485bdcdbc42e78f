"""Commands that guard a call flow: baseline, check, contracts, diff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.commands.guarding_options import FILE, output_options, reading_options, scope_options
from tracer.terminal.errors import ANSWER_IS_NO, DONE

if TYPE_CHECKING:
    from tracer.guarding.inputs import How
    from tracer.regression.scope import Scope


@click.group(
    short_help="Pin a call flow in a file that can be reviewed.",
    epilog="""\b
Examples:
  stackwalk baseline write src/shop --as shop --out shop.callflow
  stackwalk check shop.callflow src/shop
""",
)
def baseline() -> None:
    """Pin a call flow: a text file with one edge a line, to be kept in version control and checked in CI."""


@baseline.command(
    "write",
    short_help="Write the baseline of source, recordings, or both.",
    epilog="""\b
Examples:
  stackwalk baseline write ~/src/nova --from ServersController.create --to LibvirtDriver.spawn --out a.flow
  stackwalk baseline write --from-runs runs/* --package nova --out a.callflow
  stackwalk baseline write ~/src/nova --from-runs runs/* --package nova --out a.callflow
  stackwalk baseline write nova.graph --backbone --from ServersController.create --out backbone.callflow
\b
With source and recordings, the part that was read is about the functions that the recordings ran.
""",
)
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option(
    "--from-runs",
    "learning",
    is_flag=True,
    help="INPUT has recordings of several runs: learn from them what varies.",
)
@click.option("--out", type=FILE, required=True, help="The baseline's file.")
@click.option("--replace", is_flag=True, help="Replace the file if it is there.")
@scope_options
@reading_options
def write(
    inputs: tuple[str, ...],
    learning: bool,
    out: Path,
    replace: bool,
    scope: Scope,
    how: How,
) -> None:
    """Write the baseline of INPUT.

    INPUT may be source (a folder, an archive, the name of an installed package, a git revision as REVISION or
    REVISION:PATH), a graph that `stackwalk read` saved, and recordings. An edge that all recordings have is
    required, one that only some have is optional.
    """
    from tracer.guarding.work import write_baseline

    if not inputs:
        raise click.UsageError("nothing was named to write a baseline of")
    written = write_baseline(inputs, out, scope, how, replace=replace, learning=learning)
    optional = sum(seen.optional for seen in written.edges.values())
    click.echo(
        f"{out}: {len(written.edges)} edges of {len(written.members)} functions, {optional} of them optional"
    )


@click.command(
    short_help="Hold source, graphs or recordings against a baseline.",
    epilog="""\b
Examples:
  stackwalk check create-path.callflow ~/src/nova
  stackwalk check create-path.callflow out/recording --format junit --out call-flow.xml
  stackwalk check create-path.callflow . --format sarif --out call-flow.sarif
  stackwalk check create-path.callflow . --before origin/main
  stackwalk check create-path.callflow . --update --reason "the claim is made before the network is asked for"
\b
Exit codes: 0 the same, 1 changed, 2 an error of the input or the program.
""",
)
@click.argument("baseline_path", metavar="BASELINE", type=FILE)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--before",
    multiple=True,
    metavar="INPUT",
    help="The old source, to say where calls stood; default: the commit that last changed BASELINE.",
)
@click.option("--update", is_flag=True, help="Write BASELINE anew; needs --reason, and is refused in CI.")
@click.option("--reason", default="", help="Why the flow changed; kept in BASELINE.")
@output_options
@reading_options
@click.pass_context
def check(
    ctx: click.Context,
    baseline_path: Path,
    inputs: tuple[str, ...],
    before: tuple[str, ...],
    update: bool,
    reason: str,
    form: str,
    out: Path | None,
    how: How,
) -> int:
    """Say what differs between BASELINE and INPUT: what was added, removed, moved or renamed, and where.

    INPUT is what `stackwalk baseline write` takes. Several recordings count as one: an edge is gone if none
    has it, and new if all of them have it.
    """
    from tracer.guarding import work

    if update:
        _, comparison = work.update(baseline_path, inputs, how, reason)
        report = work.report_of(comparison, inputs)
        _print(ctx, work.Sides(comparison, {}, {}), report, form, out)
        click.echo(f"{baseline_path} was written anew.", err=True)
        return DONE
    if reason:
        raise click.UsageError("--reason goes with --update")
    sides = work.check(baseline_path, inputs, how, before=before, texts=form == "html")
    report = work.report_of(sides.comparison, inputs)
    _print(ctx, sides, report, form, out)
    return ANSWER_IS_NO if report.findings else DONE


@click.command(
    short_help="Check rules on the call flow.",
    epilog="""\b
Examples:
  stackwalk contracts ~/src/nova                          the contracts in ./pyproject.toml
  stackwalk contracts ~/src/nova out/recording --contracts nova-create
  stackwalk contracts out/recording --contracts rules.toml --format junit --out contracts.xml
  stackwalk contracts --contracts nova-create --explain   what the rules are, and why
\b
Exit codes: 0 all are kept, 1 some are broken, 2 an error of the input or the program.
""",
)
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option(
    "--contracts",
    "source",
    default="pyproject.toml",
    show_default=True,
    metavar="FILE|NAME",
    help="A TOML file, a pyproject.toml, or the name of contracts that come along (nova-create).",
)
@click.option("--explain", is_flag=True, help="Print the rules and the reasons for them.")
@output_options
@reading_options
@click.pass_context
def contracts(
    ctx: click.Context,
    inputs: tuple[str, ...],
    source: str,
    explain: bool,
    form: str,
    out: Path | None,
    how: How,
) -> int:
    """Check contracts on INPUT, on what the code can do and on what requests did; all failures are reported.

    INPUT is what `stackwalk baseline write` takes.
    """
    from tracer.guarding import work
    from tracer.guarding.shipped import contract_file
    from tracer.regression.findings import located, report_of_verdicts

    path = contract_file(source)
    if explain:
        for contract in work.opened_contracts(path):
            click.echo(f"{contract.name}\n    {' '.join(contract.why.split()) or 'no reason is given'}")
        return DONE
    if not inputs:
        raise click.UsageError("nothing was named to check the contracts on")
    verdicts = work.check_contracts(path, inputs, how)
    report = located(report_of_verdicts(verdicts), work.roots_of(inputs))
    _print(ctx, None, report, form, out)
    return ANSWER_IS_NO if report.findings else DONE


@click.command(
    short_help="Say what a call flow gained, lost and moved between two releases or commits.",
    epilog="""\b
Examples:
  stackwalk diff nova-33.0.2.tar.gz nova-34.0.0.tar.gz --from ServersController.create
  stackwalk diff HEAD~1:nova nova --from ServersController.create --html diff.html
  stackwalk diff old.graph new.graph --format markdown
  stackwalk diff out/monday out/tuesday --package nova
\b
Exit codes: 0 the same, 1 changed, 2 an error of the input or the program.
""",
)
@click.argument("old")
@click.argument("new")
@click.option("--html", "page", type=FILE, help="Also write a page that shows both sources side by side.")
@scope_options
@output_options
@reading_options
@click.pass_context
def diff(
    ctx: click.Context,
    old: str,
    new: str,
    page: Path | None,
    scope: Scope,
    form: str,
    out: Path | None,
    how: How,
) -> int:
    """Say what the flow of NEW gained, lost and moved against that of OLD.

    OLD and NEW are source (a folder, an archive, a git revision as REVISION or REVISION:PATH), graphs, or
    recordings. Functions that were renamed or moved are recognised, by whom they call, who calls them, and
    their text.
    """
    from tracer.guarding import work

    html = page is not None or form == "html"
    sides = work.diff((old,), (new,), scope, how, texts=html)
    report = work.report_of(sides.comparison, (new,))
    if page is not None:
        _print(ctx, sides, report, "html", page)
    _print(ctx, sides, report, form, out)
    return ANSWER_IS_NO if report.findings else DONE


def _print(ctx: click.Context, sides: Any, report: Any, form: str, out: Path | None) -> None:
    from tracer.guarding.output import put
    from tracer.regression.formats import FORMATS

    text = ctx.obj.comparison_page(report, sides) if form == "html" else FORMATS[form](report)
    put(text, out)
