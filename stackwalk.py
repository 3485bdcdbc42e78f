"""The front door: the commands of the packages, assembled into one program."""

from __future__ import annotations

import click

from tracer.commands.reading import edges, read


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stackwalk")
def main() -> None:
    """See how a request really travels through OpenStack."""


main.add_command(read)
main.add_command(edges)

if __name__ == "__main__":
    main()
