"""Placement, which keeps count of what compute hosts have and what guests take."""

from __future__ import annotations

from runtime.plan import StackPlan
from runtime.readiness import answers
from runtime.rendering import render
from runtime.services.service import Service
from runtime.services.wsgi import wsgi_command


def configure(plan: StackPlan) -> None:
    """Write placement's configuration."""
    render("placement.conf.j2", plan, plan.layout.config / "placement" / "placement.conf")


def services(plan: StackPlan) -> list[Service]:
    """Placement's one process."""
    return [
        Service(
            name="placement",
            lane="placement",
            command=wsgi_command(plan, "placement", "placement.wsgi.api"),
            environment={"OS_PLACEMENT_CONFIG_DIR": str(plan.layout.config / "placement")},
            ready=lambda: answers(plan.ports["placement"], "/"),
            after=("keystone",),
            api="placement",
        )
    ]
