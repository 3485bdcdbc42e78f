"""Plans of stacks that are never started, and processes that stand for services."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from runtime.credentials import Secrets
from runtime.environment import StackEnvironment
from runtime.layout import StackLayout
from runtime.plan import ExtraEnvironment, Network, StackChoices, StackPlan, api_names, nothing_extra
from runtime.processes import ProcessId


def make_plan(
    folder: Path, network: Network = "neutron", extra_environment: ExtraEnvironment = nothing_extra
) -> StackPlan:
    """A plan whose folders exist and whose environment has the files that configuration is made from."""
    layout = StackLayout.at(folder / "stack")
    for made in (layout.root, layout.run, layout.state, layout.logs):
        made.mkdir(parents=True, exist_ok=True)
    layout.marker.touch()
    environment = StackEnvironment(folder / "environment")
    for paste in ("etc/nova/api-paste.ini", "etc/neutron/api-paste.ini", "etc/glance/glance-api-paste.ini"):
        environment.share(paste).parent.mkdir(parents=True, exist_ok=True)
        environment.share(paste).write_text("[pipeline:main]\n")
    ports = {name: 20000 + number for number, name in enumerate(api_names(network))}
    return StackPlan(layout, environment, Secrets(), StackChoices(network), ports, extra_environment)


def sleeper(**environment: str) -> subprocess.Popen[bytes]:
    """A process that sleeps until it is ended."""
    code = "import sys, time; print('', flush=True); time.sleep(600)"
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**environment, "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdout is not None
    # Its command line and environment are the program's own only once it runs.
    child.stdout.readline()
    child.stdout.close()
    return child


def identity(child: subprocess.Popen[bytes]) -> ProcessId:
    """The name of a running child for all time."""
    found = ProcessId.of(child.pid)
    assert found is not None
    return found
