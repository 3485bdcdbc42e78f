"""Open vSwitch with its packet forwarding in a process, so that no kernel module is needed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from runtime.plan import SWITCH_DATABASE_PORT, StackPlan
from runtime.readiness import program_agrees
from runtime.services.service import Service

SCHEMA = Path("/usr/share/openvswitch/vswitch.ovsschema")


def configure(plan: StackPlan) -> None:
    """Make the switch's folders and its empty database."""
    if not plan.with_neutron:
        return
    folder = _folder(plan)
    folder.mkdir(exist_ok=True)
    database = folder / "conf.db"
    database.unlink(missing_ok=True)
    subprocess.run(["ovsdb-tool", "create", str(database), str(SCHEMA)], check=True)


def services(plan: StackPlan) -> list[Service]:
    """The switch's database server and the switch itself."""
    if not plan.with_neutron:
        return []
    folder = _folder(plan)
    socket = f"unix:{folder / 'db.sock'}"
    environment = {"OVS_RUNDIR": str(folder), "OVS_DBDIR": str(folder), "OVS_LOGDIR": str(folder)}
    return [
        Service(
            name="ovsdb",
            command=(
                "ovsdb-server",
                str(folder / "conf.db"),
                f"--remote=p{socket}",
                f"--remote=ptcp:{SWITCH_DATABASE_PORT}:127.0.0.1",
                f"--unixctl={folder / 'ovsdb.ctl'}",
            ),
            environment=environment,
            # Besides being a question, this makes the first row, which the switch reads.
            ready=lambda: _ask("ovs-vsctl", "--timeout=5", f"--db={socket}", "--no-wait", "init"),
            infrastructure=True,
        ),
        Service(
            name="vswitchd",
            command=("ovs-vswitchd", socket, f"--unixctl={folder / 'vswitchd.ctl'}"),
            environment=environment,
            ready=lambda: _ask("ovs-appctl", "--timeout=5", f"--target={folder / 'vswitchd.ctl'}", "version"),
            after=("ovsdb",),
            infrastructure=True,
        ),
    ]


def _folder(plan: StackPlan) -> Path:
    return plan.layout.run / "ovs"


def _ask(*command: str) -> None:
    program_agrees(*command)
