"""The front door: the commands of the packages, assembled into one program."""

from __future__ import annotations

import click

from tracer.commands.reading import callees, callers, edges, explain, outline, path, read, where


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stackwalk")
def main() -> None:
    """See how a request really travels through OpenStack."""


for command in (read, edges, path, callers, callees, outline, where, explain):
    main.add_command(command)

if __name__ == "__main__":
    main()
