"""Private views of the file system that a process is started in."""

from __future__ import annotations

from pathlib import Path

from runtime.plan import StackPlan
from runtime.rendering import render


def network_view(plan: StackPlan) -> Path:
    """The script that shows a process the stack's own network devices."""
    return plan.layout.config / "view-network.sh"


def write_network_view(plan: StackPlan) -> None:
    """Write that script."""
    render("view-network.sh.j2", plan, network_view(plan)).chmod(0o700)
