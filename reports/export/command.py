"""The command that converts recordings for other tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from tracer.model.recording_folder import Recording
from tracer.terminal.progress import Step

if TYPE_CHECKING:
    from reports.export.official import Protocol

THIS_MACHINE = "this machine"
FORMATS = ("chrome", "perfetto", "speedscope", "otlp", "otlp-protobuf")


@click.command(
    short_help="Convert a recording for other tools.",
    epilog="""\b
Examples:
  stackwalk export rec --format perfetto --out rec.json          for ui.perfetto.dev, chrome://tracing
  stackwalk export rec --format speedscope --out rec.speedscope.json
  stackwalk export rec --format otlp --out rec.jsonl             OTLP in JSON, one request a line
  stackwalk export rec --send                                    to the collector on this machine
  stackwalk export rec --send http://127.0.0.1:14318/v1/traces
  stackwalk export rec --send --protocol grpc
\b
--send and otlp-protobuf need `pip install 'stackwalk[otlp]'`, --protocol grpc needs 'stackwalk[otlp-grpc]'.
""",
)
@click.argument("recording", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="Perfetto and Chrome read the same format; otlp is OpenTelemetry's protocol.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="The file.")
@click.option(
    "--send",
    "endpoint",
    is_flag=False,
    flag_value=THIS_MACHINE,
    metavar="[ENDPOINT]",
    help="Send to an OpenTelemetry collector  [default: this machine's, port 4318, or 4317 for grpc]",
)
@click.option(
    "--protocol",
    type=click.Choice(["http", "grpc"]),
    default="http",
    show_default=True,
    help="What --send speaks.",
)
def export(
    recording: Path,
    format_name: str | None,
    out: Path | None,
    endpoint: str | None,
    protocol: Protocol,
) -> None:
    """Convert RECORDING, a folder that `stackwalk record` or `stackwalk run` made, for other tools.

    What was masked when it was recorded is masked in every format. Spans stream from the recording to the
    file, however many there are.
    """
    from reports.export import official
    from reports.output_file import whole_file
    from tracer.model.recording_folder import open_recording
    from tracer.terminal.progress import steps

    if bool(out) != bool(format_name):
        raise click.UsageError("--format and --out belong together")
    if not out and not endpoint:
        raise click.UsageError("Nothing to do: give --format and --out, or --send")
    opened = open_recording(recording)
    total = opened.header.spans
    if out and format_name:
        with steps().step(f"Write {out}", total) as step, whole_file(out) as file:
            _writer(format_name)(opened, file, step)
        click.echo(f"{total:,} spans are in {out}")
    if endpoint:
        if endpoint == THIS_MACHINE:
            endpoint = official.DEFAULT_ENDPOINTS[protocol]
        with steps().step(f"Send to {endpoint}", total) as step:
            official.send(opened, endpoint, step, protocol)
        click.echo(f"{total:,} spans were sent to {endpoint}")


def _writer(format_name: str) -> Callable[[Recording, IO[bytes], Step], None]:
    from reports.export import chrome, official, otlp, speedscope

    return {
        "chrome": chrome.write,
        "perfetto": chrome.write,
        "speedscope": speedscope.write,
        "otlp": otlp.write,
        "otlp-protobuf": official.write_protobuf,
    }[format_name]
